"""Which inputs go through the model together."""

import numpy as np
import pytest

from jupyter_starcoder.engine.passes import Entry, Pass, rows_each, share_out


def entry(slot: int, count: int, wanted: int = 1) -> Entry:
    """Tokens 1, 2, 3 ... for a cache."""
    return Entry(slot, np.arange(1, count + 1, dtype=np.int64), wanted)


@pytest.mark.parametrize(
    ("inputs", "groups"),
    [
        ({0: 2}, [[0]]),
        ({3: 2, 0: 2, 1: 5}, [[0, 1, 3]]),  # one idles between
        ({0: 2, 3: 2}, [[0], [3]]),  # two would
        ({0: 16, 1: 2}, [[0, 1]]),
        ({0: 16, 1: 2, 2: 2}, [[0, 1], [2]]),  # 48 rows
        ({slot: 2 for slot in range(16)}, [[*range(16)]]),
        ({slot: 2 for slot in range(17)}, [[*range(16)], [16]]),
        ({8: 2, 9: 2}, [[8, 9]]),
        ({8: 2, 9: 6}, [[8], [9]]),  # cache 8 has no room for 4 rows of padding
        ({7: 6, 9: 6}, [[7], [9]]),  # nor when it idles
    ],
)
def test_passes_take_neighbours_as_far_as_rows_and_room_go(inputs: dict[int, int], groups: list[list[int]]) -> None:
    """All go through, each in one pass."""
    lengths = [10] * 20
    lengths[8] = 95
    entries = [entry(slot, count) for slot, count in inputs.items()]

    passes = [*share_out(entries, lengths, window=100, is_together=True)]

    assert [[each.slot for each in one.entries] for one in passes] == groups
    assert [len(one.lengths) for one in passes] == [group[-1] + 1 - group[0] for group in groups]


def test_passes_without_padding_take_one_each() -> None:
    """An older graph."""
    passes = share_out([entry(1, 2), entry(0, 2)], [5, 5], window=100, is_together=False)

    assert [one.first for one in passes] == [0, 1]


def test_pass_pads_on_the_right_and_finds_each_ones_logits() -> None:
    """Only the rows from the first that anybody wants have logits."""
    one = Pass(4, (7, 0, 9), (entry(4, 3, wanted=2), entry(6, 5, wanted=4)))

    assert one.tokens.tolist() == [[1, 2, 3, 0, 0], [0] * 5, [1, 2, 3, 4, 5]]
    assert one.counts.tolist() == [3, 0, 5]
    assert one.wanted == 4
    logits = np.arange(3 * 4, dtype=np.float32).reshape(3, 4, 1)  # of positions 1 to 4
    assert one.logits_of(one.entries[0], logits).ravel().tolist() == [0.0, 1.0]
    assert one.logits_of(one.entries[1], logits).ravel().tolist() == [8.0, 9.0, 10.0, 11.0]


@pytest.mark.parametrize(("answers", "rows"), [(1, 16), (2, 8), (4, 4), (8, 2), (30, 2)])
def test_rows_are_shared_out_among_answers(answers: int, rows: int) -> None:
    """Never fewer than two, which round alike."""
    assert rows_each(answers) == rows
