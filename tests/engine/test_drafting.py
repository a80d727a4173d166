"""Guesses from prompt and answer."""

import numpy as np
import pytest

from jupyter_starcoder.engine.drafting import Drafter


def drafter(*tokens: int, most: int = 8, wish: int = 0) -> Drafter:
    """One over a prompt, whose last guesses were so long and all right."""
    made = Drafter(np.array(tokens, dtype=np.int64), room=10, most=most)
    made.learn(wish, wish)
    return made


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ((1, 2, 3, 4, 5, 1, 2), [3, 4, 5, 1]),  # what followed the same two tokens
        ((1, 2, 3, 9, 1, 2, 4, 9, 1, 2), [4, 9, 1, 2]),  # the later of two equal places
        ((7, 1, 2, 3, 9, 8, 1, 2, 4, 9, 7, 1, 2), [3, 9, 8, 1]),  # the longer match wins over the later one
        ((5, 6, 7, 5), [6]),  # one equal token is worth one guess
        ((4, 4, 4), [4]),  # a place next to the end has no more behind it
        ((1, 2, 3), []),
        ((1,), []),
    ],
)
def test_drafter_guesses_what_followed_the_same_tokens(tokens: tuple[int, ...], expected: list[int]) -> None:
    """The longest match decides, then the latest."""
    assert drafter(*tokens, wish=2).draft(4).tolist() == expected


def test_drafter_answer_counts_as_text() -> None:
    """What was generated is looked at like the prompt."""
    made = drafter(1, 2, 3, wish=2)
    for token in (8, 9, 1, 8):
        made.append(token)

    assert made.draft(4).tolist() == [9]
    made.append(9)
    assert made.draft(2).tolist() == [1, 8]


def test_drafter_length_follows_what_was_right() -> None:
    """All right doubles it, up to the most; a wrong guess cuts it to a token more than was right, at least one."""
    made = drafter(*range(30), *range(5), most=8)
    lengths = []
    for drafted, accepted in ((2, 2), (4, 4), (8, 8), (8, 3), (4, 0), (0, 0), (1, 1)):
        made.learn(drafted, accepted)
        lengths.append(len(made.draft(100)))

    assert lengths == [4, 8, 8, 4, 1, 1, 2]


@pytest.mark.parametrize(("most", "limit"), [(0, 5), (5, 0), (5, -1)])
def test_drafter_without_room_guesses_nothing(most: int, limit: int) -> None:
    """Neither against the setting nor over the end of the answer."""
    assert drafter(1, 2, 3, 1, 2, most=most).draft(limit).tolist() == []
