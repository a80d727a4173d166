"""The choice of the next token."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from jupyter_starcoder.engine.sampling import Allowed, Sampler, likeliest
from jupyter_starcoder.errors import EngineError
from jupyter_starcoder.values.generation import Sampling

LOGITS = hnp.arrays(np.float32, st.integers(2, 400), elements=st.floats(-20, 20, width=32))


@given(logits=LOGITS)
def test_sampler_temperature_zero_takes_the_greatest(logits: NDArray[np.float32]) -> None:
    """Greedy is the greatest logit, the first of equal ones."""
    assert Sampler(Sampling()).choose(logits) == int(logits.argmax())


@given(logits=LOGITS, top_p=st.floats(0.05, 1.0), temperature=st.floats(0.1, 3.0), seed=st.integers(-5, 2**70))
def test_sampler_choice_lies_in_the_nucleus(
    logits: NDArray[np.float32], top_p: float, temperature: float, seed: int
) -> None:
    """What is drawn is one of the likeliest tokens that together hold top_p, and no fewer would do."""
    sampler = Sampler(Sampling(temperature=temperature, top_p=top_p, seed=seed))
    weights = np.exp((logits.astype(np.float64) - logits.max()) / temperature)
    order = np.argsort(-weights, kind="stable")
    before = np.cumsum(weights[order]) - weights[order]

    rank = int(np.flatnonzero(order == sampler.choose(logits))[0])

    assert before[rank] <= top_p * weights.sum() * (1 + 1e-12)


@given(logits=LOGITS, seed=st.integers(0, 2**32))
def test_sampler_same_seed_gives_same_tokens(logits: NDArray[np.float32], seed: int) -> None:
    """A seed fixes all draws."""
    settings = Sampling(temperature=1.5, top_p=0.9, seed=seed)
    first, second = Sampler(settings), Sampler(settings)

    assert [first.choose(logits) for _ in range(8)] == [second.choose(logits) for _ in range(8)]


def test_sampler_different_seeds_differ() -> None:
    """Seeds are not ignored."""
    logits = np.zeros(1000, dtype=np.float32)

    chosen = {Sampler(Sampling(temperature=1.0, seed=seed)).choose(logits) for seed in range(20)}

    assert len(chosen) > 15


@pytest.mark.parametrize("top_p", [1.0, 0.999999])
def test_sampler_frequencies_follow_probabilities(top_p: float) -> None:
    """Drawn often, tokens come as often as their probability says (fixed seed, 5 standard deviations)."""
    probabilities = np.array([0.5, 0.3, 0.2])
    sampler = Sampler(Sampling(temperature=1.0, top_p=top_p, seed=1))
    count = 4000

    drawn = np.bincount([sampler.choose(np.log(probabilities).astype(np.float32)) for _ in range(count)], minlength=3)

    assert np.all(np.abs(drawn - count * probabilities) < 5 * np.sqrt(count * probabilities * (1 - probabilities)))


def test_sampler_low_temperature_is_nearly_greedy() -> None:
    """Temperature scales the logits."""
    logits = np.array([1.0, 2.0, 1.5], dtype=np.float32)
    cold, hot = (Sampler(Sampling(temperature=temperature)) for temperature in (0.02, 5.0))

    assert {cold.choose(logits) for _ in range(50)} == {1}
    assert {hot.choose(logits) for _ in range(50)} == {0, 1, 2}


@given(logits=LOGITS, data=st.data(), temperature=st.sampled_from([0.0, 1.0]))
def test_sampler_allowed_ids_bound_the_choice(
    logits: NDArray[np.float32], data: st.DataObject, temperature: float
) -> None:
    """Only allowed ids are chosen, however unlikely they are."""
    ids = data.draw(st.lists(st.integers(0, len(logits) - 1), min_size=1, unique=True))
    allowed = np.array(ids, dtype=np.int32)
    chosen = Sampler(Sampling(temperature=temperature, top_p=0.9)).choose(logits, Allowed(allowed))

    assert chosen in ids
    if temperature == 0.0:
        assert logits[chosen] == logits[allowed].max()


@pytest.mark.parametrize(
    ("outside", "margin", "chosen"),
    [(None, 2.0, 3), (None, 3.5, 1), (np.array([1, 2], dtype=np.int32), 0.5, 2), (None, math.inf, 1)],
)
def test_sampler_way_out_opens_beyond_the_margin(outside: NDArray[np.int32] | None, margin: float, chosen: int) -> None:
    """A token outside is taken when it is likelier by more than the margin, and only one that may be taken there."""
    logits = np.array([0.0, 1.0, 2.0, 4.0], dtype=np.float32)
    allowed = Allowed(np.array([0, 1], dtype=np.int32), margin, outside)

    assert Sampler(Sampling()).choose(logits, allowed) == chosen


def test_sampler_impossible_names_are_left() -> None:
    """Where all that is allowed has a probability of zero the way out is taken, without a warning."""
    logits = np.array([-np.inf, -np.inf, 0.0], dtype=np.float32)

    assert Sampler(Sampling()).choose(logits, Allowed(np.array([0, 1], dtype=np.int32), 5.0)) == 2


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_sampler_broken_logits_are_named(bad: float, temperature: float) -> None:
    """A logit that is no number is an error, never a token."""
    logits = np.zeros(10, dtype=np.float32)
    logits[7] = bad

    with pytest.raises(EngineError, match=rf"output holds {bad}"):
        Sampler(Sampling(temperature=temperature)).choose(logits)


def test_sampler_minus_infinity_is_never_drawn() -> None:
    """Minus infinity is a probability of zero."""
    logits = np.full(5, -np.inf, dtype=np.float32)
    logits[3] = 0.0

    assert Sampler(Sampling(temperature=5.0)).choose(logits) == 3


@given(
    weights=hnp.arrays(np.float64, st.integers(1, 60), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    count=st.integers(1, 70),
)
def test_likeliest_is_the_start_of_the_whole_order(weights: NDArray[np.float64], count: int) -> None:
    """Looking at a few gives the same start as sorting all, ties included."""
    order, sums = likeliest(weights, count)
    whole = np.argsort(-weights, kind="stable")

    assert len(order) >= min(count, len(weights))
    assert order.tolist() == whole[: len(order)].tolist()
    assert np.allclose(sums, np.cumsum(weights[order]))
