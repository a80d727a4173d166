"""Answers of the tiny model, step by step and without a thread."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_starcoder.engine.answer import Reached
from jupyter_starcoder.engine.decoder import ChunkSize, Decoder
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import BadRequest, EngineError
from jupyter_starcoder.values.generation import FREE, Automaton, GenerationRequest, Sampling, State, Usage

WINDOW, VOCABULARY = 96, 64


def request(prompt: Sequence[int], *, max_tokens: int = 8, **more: object) -> GenerationRequest:
    """A request for a few tokens."""
    return GenerationRequest(prompt_ids=tuple(prompt), max_tokens=max_tokens, **({"stop_ids": ()} | more))  # type: ignore[arg-type]


def answer(decoder: Decoder, asked: GenerationRequest) -> tuple[list[int], Usage, int]:
    """Tokens, cost, and how many steps were part of the prompt alone."""
    making = decoder.begin(asked)
    tokens: list[int] = []
    stops = 0
    while True:
        (reached,) = decoder.advance([making])
        tokens += reached.tokens
        stops += making.is_reading
        if reached.end is not None:
            break
    making.close()
    assert isinstance(reached.end, str)
    return tokens, making.usage(reached.end, queue_s=0.0), stops


def fresh(folder: Path, chunk_tokens: int = 4, **more: int) -> Decoder:
    """A decoder that has seen nothing."""
    chosen = EngineSettings(prefill_chunk_tokens=chunk_tokens, threads=1, pass_target_s=60.0, **more)  # type: ignore[arg-type]
    return Decoder(Session(folder, chosen), chosen)


def test_decoder_greedy_answer_is_the_same_again(decoder: Decoder) -> None:
    """Greedy answers do not depend on anything but the prompt, and are not one token over and over."""
    first, usage, _ = answer(decoder, request(range(1, 20)))
    second, _, _ = answer(decoder, request(range(1, 20)))

    assert first == second
    assert len(set(first)) > 2
    assert (usage.finish, usage.new_tokens, usage.prompt_tokens) == ("length", 8, 19)
    assert usage.first_token_s > 0.0
    assert usage.decode_s > 0.0


def test_decoder_sampling_follows_its_seed(decoder: Decoder) -> None:
    """The same seed gives the same answer, other seeds others."""
    answers = [
        answer(decoder, request([3, 4], sampling=Sampling(temperature=2.0, top_p=0.95, seed=seed)))[0]
        for seed in (1, 1, 2, 3)
    ]

    assert answers[0] == answers[1]
    assert len({tuple(tokens) for tokens in answers}) == 3


@pytest.mark.parametrize(("chunk_tokens", "expected"), [(1, 14), (3, 9), (29, 0), (64, 0)])
def test_decoder_chunks_do_not_change_the_answer(
    tiny_model: Path, decoder: Decoder, chunk_tokens: int, expected: int
) -> None:
    """A prompt may be fed in parts of any size; between them is a place to stop."""
    prompt = range(1, 31)
    tokens, _, stops = answer(fresh(tiny_model, chunk_tokens), request(prompt))

    assert tokens == answer(decoder, request(prompt))[0]
    assert stops == expected


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prompts=st.lists(
        st.tuples(st.integers(0, 30), st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=12)),
        min_size=2,
        max_size=5,
    )
)
def test_decoder_reuse_is_exact(tiny_model: Path, decoder: Decoder, prompts: list[tuple[int, list[int]]]) -> None:
    """An answer over a cache that was rewound and grown equals that of a model that has seen nothing."""
    base = [1 + number * 7 % (VOCABULARY - 1) for number in range(30)]
    for kept, rest in prompts:
        asked = request(base[:kept] + rest)
        tokens, _, _ = answer(decoder, asked)
        cold, usage, _ = answer(fresh(tiny_model), asked)

        assert tokens == cold
        assert usage.reused_tokens == 0


def test_decoder_reused_tokens_are_counted_and_not_fed(decoder: Decoder) -> None:
    """A prompt that holds the last one and its answer pays for what was added, and for its last two tokens."""
    tokens, _, _ = answer(decoder, request(range(1, 31), max_tokens=3))
    _, same, stops_same = answer(decoder, request(range(1, 31), max_tokens=3))
    _, longer, stops_longer = answer(decoder, request([*range(1, 31), *tokens[:2], 9]))

    assert (same.reused_tokens, stops_same) == (28, 0)
    assert (longer.reused_tokens, stops_longer) == (31, 0), "two tokens are fed whatever stands in the cache"


def test_decoder_no_pass_has_one_token(decoder: Decoder) -> None:
    """One row is rounded otherwise than many, so that the answer would depend on what was asked before."""
    sizes: list[int] = []
    run = decoder.session.run
    decoder.session.run = lambda each, *more: (sizes.append(each.shape[1]), run(each, *more))[1]  # type: ignore[method-assign,func-returns-value]
    prompt = [1 + number % (VOCABULARY - 1) for number in range(40)]
    for length in range(2, 31):
        start = length * 7 % 10
        answer(decoder, request(prompt[start : start + length], max_tokens=3))

    assert min(sizes) == 2
    assert max(sizes) == 5


def test_decoder_stopped_prefill_is_kept(decoder: Decoder) -> None:
    """What was fed of a prompt before it was given up is there for the next one."""
    making = decoder.begin(request(range(1, 31)))
    assert [decoder.advance([making]), decoder.advance([making])] == [[Reached()], [Reached()]]
    assert making.usage("cancelled", queue_s=0.0).new_tokens == 0
    making.close()

    _, usage, _ = answer(decoder, request(range(1, 31)))

    assert usage.reused_tokens == 8


def test_decoder_interrupted_pass_fails_and_leaves_the_cache_as_it_was(decoder: Decoder) -> None:
    """A pass that is ended in its middle is not taken for one that was run."""
    making = decoder.begin(request(range(1, 31)))
    assert [decoder.advance([making]), decoder.advance([making])] == [[Reached()], [Reached()]]
    making.interrupt()
    (reached,) = decoder.advance([making])
    making.close()
    assert isinstance(reached.end, EngineError)

    tokens, usage, _ = answer(decoder, request(range(1, 31)))

    assert usage.reused_tokens == 8
    assert tokens == answer(decoder, request(range(1, 31)))[0]


def test_decoder_stop_id_ends_and_is_left_out(decoder: Decoder) -> None:
    """A stop id is not part of the answer."""
    tokens, _, _ = answer(decoder, request(range(1, 20)))
    at = next(index for index, token in enumerate(tokens) if tokens.index(token) == index and index > 1)

    cut, usage, _ = answer(decoder, request(range(1, 20), stop_ids=(tokens[at],)))

    assert (cut, usage.finish, usage.new_tokens) == (tokens[:at], "stop", at)


def test_decoder_end_id_of_the_model_ends_any_answer(decoder: Decoder) -> None:
    """The manifest's end ids need not be named by a request."""
    opening = Automaton((State.of({5: 1}), State.of({0: FREE})))

    tokens, usage, _ = answer(decoder, request([1, 2], opening=opening))

    assert (tokens, usage.finish) == ([5], "stop")


def test_decoder_opening_is_obeyed_and_then_free(decoder: Decoder) -> None:
    """The first tokens are those that are allowed, the rest is what the model says after them."""
    opening = Automaton((State.of({5: 1, 6: 1}), State.of({7: FREE})))
    tokens, _, _ = answer(decoder, request([1, 2, 3], opening=opening))
    free, _, _ = answer(decoder, request([1, 2, 3, *tokens[:2]], max_tokens=6))

    assert tokens[0] in (5, 6)
    assert tokens[1] == 7
    assert tokens[2:] == free


def test_decoder_answer_never_passes_the_window(decoder: Decoder) -> None:
    """Prompt and answer together fill the window at most."""
    prompt = [1 + number % (VOCABULARY - 1) for number in range(WINDOW - 3)]
    tokens, usage, _ = answer(decoder, request(prompt, max_tokens=50))

    assert len(tokens) == 3
    assert usage.finish == "length"


@pytest.mark.parametrize("length", [WINDOW, WINDOW + 5])
def test_decoder_prompt_over_the_window_is_refused(decoder: Decoder, length: int) -> None:
    """The message names both numbers."""
    with pytest.raises(BadRequest, match=rf"{length} tokens.*window {WINDOW}"):
        decoder.begin(request([1] * length))


def test_decoder_window_setting_shortens_the_window(tiny_model: Path) -> None:
    """A user may give less memory to the cache."""
    chosen = EngineSettings(window_tokens=10, threads=1)
    small = Decoder(Session(tiny_model, chosen), chosen)
    small.warm_up()

    assert len(answer(small, request([1] * 7, max_tokens=50))[0]) == 3


@pytest.mark.parametrize("token", [-1, VOCABULARY])
def test_decoder_unknown_token_is_refused(decoder: Decoder, token: int) -> None:
    """An id that the model does not have never reaches native code."""
    with pytest.raises(BadRequest, match=f"token {token}: send ids from 0 to {VOCABULARY - 1}"):
        decoder.begin(request([1, token]))


def test_decoder_warm_up_leaves_nothing_behind(tiny_model: Path) -> None:
    """The tokens of the warm-up are not found by the first prompt."""
    warm = fresh(tiny_model)
    warm.warm_up()

    tokens, usage, _ = answer(warm, request([0, 0, 0, 0, 1]))

    assert usage.reused_tokens == 0
    assert tokens == answer(fresh(tiny_model), request([0, 0, 0, 0, 1]))[0]


def test_decoder_broken_logits_are_not_reused(decoder: Decoder) -> None:
    """After logits that are no numbers nothing of that cache is trusted."""
    making = decoder.begin(request(range(1, 20)))
    broken = np.full((1, 1, VOCABULARY), np.nan, dtype=np.float32)
    run = decoder.session.run
    decoder.session.run = lambda *arguments: (run(*arguments), broken)[1]  # type: ignore[method-assign]
    while making.unread.size > 5:
        decoder.advance([making])
    (reached,) = decoder.advance([making])
    making.close()
    decoder.session.run = run  # type: ignore[method-assign]

    assert isinstance(reached.end, EngineError)
    assert re.search(r"tiny: .* nan", reached.end.message)
    assert answer(decoder, request(range(1, 20)))[1].reused_tokens == 0


SAMPLINGS = (Sampling(), Sampling(temperature=0.5, seed=3), Sampling(temperature=3.0, top_p=0.9, seed=4))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prompt=st.lists(st.integers(1, 6), min_size=1, max_size=60),
    most=st.integers(1, 40),
    sampling=st.sampled_from(SAMPLINGS),
    stop=st.integers(1, VOCABULARY - 1),
    draft=st.integers(1, 15),
)
def test_decoder_drafts_never_change_an_answer(
    tiny_model: Path, prompt: list[int], most: int, sampling: Sampling, stop: int, draft: int
) -> None:
    """Greedy or sampled, stopped or not, constrained at its beginning: the tokens are those without any guess."""
    opening = Automaton((State.of({2: 0, 3: 1, 9: 0}), State.of({4: FREE, 5: 1})))
    for automaton in (None, opening):
        asked = request(prompt, max_tokens=most, sampling=sampling, stop_ids=(stop,), opening=automaton)
        plain, without, _ = answer(fresh(tiny_model, draft_tokens=0), asked)
        guessed, usage, _ = answer(fresh(tiny_model, draft_tokens=draft), asked)

        assert guessed == plain
        assert (usage.finish, usage.new_tokens) == (without.finish, without.new_tokens)
        assert without.drafted_tokens == 0
        assert usage.accepted_tokens <= usage.drafted_tokens


def test_decoder_right_guesses_save_passes(decoder: Decoder) -> None:
    """An answer that stands in the prompt already takes fewer passes than it has tokens, and the cost says so."""
    tokens, _, _ = answer(decoder, request(range(1, 20), max_tokens=20))
    prompt = [*range(1, 20), *tokens, *range(1, 20)]
    passes = 0
    run = decoder.session.run

    def counted(*arguments: object) -> object:
        nonlocal passes
        passes += 1
        return run(*arguments)  # type: ignore[arg-type]

    decoder.session.run = counted  # type: ignore[method-assign,assignment]
    automaton = Automaton((*(State.of({token: at + 1}) for at, token in enumerate(tokens)), State.of({})))
    repeated, usage, _ = answer(decoder, request(prompt, max_tokens=20, opening=automaton))

    assert repeated == tokens
    assert usage.drafted_tokens >= usage.accepted_tokens >= 10
    assert passes < 20


def test_decoder_answer_with_guesses_fills_the_window_and_no_more(tiny_model: Path) -> None:
    """Guesses never write behind the window's end."""
    chosen = EngineSettings(window_tokens=24, threads=1, draft_tokens=15)
    small = Decoder(Session(tiny_model, chosen), chosen)

    tokens, usage, _ = answer(small, request([1, 2, 3, 4] * 4, max_tokens=50))

    assert (len(tokens), usage.finish) == (8, "length")
    assert tokens == answer(fresh(tiny_model, draft_tokens=0), request([1, 2, 3, 4] * 4, max_tokens=8))[0]


def test_decoder_prefix_of_another_slot_is_copied_exactly(tiny_model: Path) -> None:
    """A third notebook that begins like another one finds that beginning, and the other loses nothing."""
    begin = [1 + number * 7 % (VOCABULARY - 1) for number in range(40)]
    first = begin + [1 + number * 3 % 50 for number in range(50)]
    second = begin[:35] + [9] * 50
    warm = fresh(tiny_model)
    answer(warm, request(first, max_tokens=2))
    tokens, usage, _ = answer(warm, request(second, max_tokens=8))
    _, again, _ = answer(warm, request(first, max_tokens=2))

    assert tokens == answer(fresh(tiny_model), request(second, max_tokens=8))[0]
    assert usage.reused_tokens == 35
    assert again.reused_tokens == len(first) - 2


def test_chunk_size_follows_the_time_that_passes_take() -> None:
    """Slow passes bring it down at once, quick ones double it up to the most; others, of another size, say nothing."""
    chunk = ChunkSize(64, target_s=0.1)
    sizes = []
    for tokens, time_s in ((64, 0.3), (32, 5.0), (16, 0.08), (16, 0.01), (32, 0.01), (64, 0.01), (64, 9.0)):
        chunk.took(tokens, time_s)
        sizes.append(chunk.tokens)

    assert sizes == [16, 16, 16, 32, 64, 64, 2]
