"""Our graphs compute what transformers computes, however the text is cut into passes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from jupyter_starcoder.values.model import Precision

if TYPE_CHECKING:
    from tests.export.conftest import GraphRunner, Small

KINDS = (
    "llama-grouped-tied",
    "llama-untied-biased",
    "llama-wide-heads",
    "bigcode-multi-query",
    "bigcode-multi-head",
    "starcoder2-tied",
    "starcoder2-sliding",  # its window is smaller than the texts here
    "starcoder2-untied-unbiased",
)
TOLERANCE = 1e-4
IDS = [int(i) for i in np.random.default_rng(3).integers(0, 320, size=40)]

Exported = Callable[[Path, Precision], Path]
Make = Callable[[str], "Small"]


def difference(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """Largest difference as a part of the largest value."""
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize("kind", KINDS)
def test_logits_of_one_pass_are_those_of_transformers(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """All tokens at once."""
    checkpoint = small(kind)

    ours = run_graph(exported(checkpoint.folder, "fp32")).run(IDS)

    assert difference(ours, checkpoint.logits(IDS)) < TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [1, 7])
def test_logits_of_many_passes_are_those_of_transformers(
    kind: str, step: int, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """In chunks, and token by token."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"))

    ours = np.concatenate([runner.run(IDS[start : start + step]) for start in range(0, len(IDS), step)])

    assert difference(ours, checkpoint.logits(IDS)) < TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_a_rewound_cache_forgets_what_came_after(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """A smaller length and other tokens give what those tokens give afresh."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"))
    runner.run(IDS)
    runner.length = 11

    ours = runner.run(IDS[30:36])

    assert difference(ours, checkpoint.logits(IDS[:11] + IDS[30:36])[11:]) < TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_64_greedy_tokens_are_those_of_transformers(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """The most likely token, 64 times."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"))
    theirs = list(IDS[:8])
    for _ in range(64):
        theirs.append(int(checkpoint.logits(theirs)[-1].argmax()))

    ours = [int(runner.run(IDS[:8], wanted=1)[-1].argmax())]
    while len(ours) < 64:
        ours.append(int(runner.run(ours[-1:])[-1].argmax()))

    assert ours == theirs[8:]


@pytest.mark.parametrize("kind", KINDS)
def test_two_rows_of_unequal_length_answer_each_as_alone(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """A batch padded on the right, then one token more for each row."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"), rows=2)
    padded = np.array([IDS[:12], IDS[20:25] + [0] * 7], dtype=np.int64)
    runner.run_rows(padded, [12, 5], 12, wanted=1)

    ours = runner.run_rows(np.array([[IDS[12]], [IDS[25]]], dtype=np.int64), [13, 6], 13, wanted=1)

    assert difference(ours[0], checkpoint.logits(IDS[:13])[-1:]) < TOLERANCE
    assert difference(ours[1], checkpoint.logits(IDS[20:26])[-1:]) < TOLERANCE


@pytest.mark.parametrize("kind", ["llama-grouped-tied", "bigcode-multi-query"])
def test_logits_wanted_gives_the_last_positions(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """Fewer logits are the end of all logits; more than there are tokens gives all."""
    folder = exported(small(kind).folder, "fp32")
    whole = run_graph(folder).run(IDS)

    for wanted in (1, 3, len(IDS), len(IDS) + 5):
        part = run_graph(folder).run(IDS, wanted=wanted)
        assert part.shape == (min(wanted, len(IDS)), whole.shape[1])
        assert difference(part, whole[-wanted:]) < 1e-6
