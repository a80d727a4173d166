"""Which cache a prompt is given, and how much of it it finds there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jupyter_starcoder.engine.cache import Slot, Slots
from jupyter_starcoder.errors import EngineError

WINDOW = 32


def ids(*tokens: int) -> NDArray[np.int64]:
    """Tokens as the engine holds them."""
    return np.array(tokens, dtype=np.int64)


def caches(count: int, *, window_tokens: int = WINDOW) -> Slots:
    """Slots without memory."""
    return Slots(count=count, window_tokens=window_tokens, copy=lambda *_: True)


def answer(slots: Slots, *tokens: int) -> tuple[Slot, int]:
    """Answers a prompt as the decoder does; gives its slot and how many tokens it found there."""
    slot = slots.take(ids(*tokens), spare=1)
    reused = slot.length
    slot.append(ids(*tokens)[reused:])
    slots.give_back(slot)
    return slot, reused


@given(
    first=st.lists(st.integers(0, 2), min_size=1, max_size=WINDOW),
    second=st.lists(st.integers(0, 2), min_size=1, max_size=WINDOW),
)
def test_slots_one_slot_reuses_the_common_prefix(first: list[int], second: list[int]) -> None:
    """With one slot a prompt finds what it shares with the last one, its own last token left out."""
    slots = caches(1)
    answer(slots, *first)
    slot, reused = answer(slots, *second)
    shared = next((at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), None)
    shared = min(len(first), len(second)) if shared is None else shared

    assert reused == min(shared, len(second) - 1)
    assert slot.tokens.tolist() == second


def test_slots_other_prompt_takes_another_slot() -> None:
    """Two notebooks that alternate keep their caches, though they begin alike."""
    slots = caches(2)
    one, two = (1, 2, *range(10, 20)), (1, 2, *range(20, 30))
    answer(slots, *one)
    answer(slots, *two)

    assert [answer(slots, *prompt)[1] for prompt in (one, two, one)] == [11, 11, 11]


def test_slots_third_prompt_takes_the_oldest_slot() -> None:
    """When all are used, the one that was not used for longest goes."""
    slots = caches(2)
    answer(slots, *range(10))
    answer(slots, *range(10, 20))
    answer(slots, *range(10))
    answer(slots, *range(20, 30))

    assert answer(slots, *range(10))[1] == 9
    assert answer(slots, *range(10, 20))[1] == 0


def test_slots_taken_slot_is_left_alone() -> None:
    """An answer in the making keeps its cache, whoever would share it."""
    slots = caches(2)
    taken = slots.take(ids(1, 2, 3), spare=1)
    other = slots.take(ids(1, 2, 3), spare=1)

    assert other is not taken
    with pytest.raises(EngineError, match="all 2 caches"):
        slots.take(ids(1), spare=1)


def test_slot_rewinds_only_backwards() -> None:
    """A cache cannot be rewound to tokens that it does not hold."""
    slot = Slot(0, WINDOW)
    slot.append(ids(1, 2, 3))
    slot.rewind(1)

    assert slot.tokens.tolist() == [1]
    with pytest.raises(EngineError, match="holds 1 tokens"):
        slot.rewind(2)


@pytest.mark.parametrize(("length", "reused"), [(1, 0), (2, 0), (3, 1), (10, 8)])
def test_slots_spare_tokens_are_left_to_be_fed(length: int, reused: int) -> None:
    """The last tokens are fed again though they stand in the cache."""
    slots = caches(1)
    answer(slots, *range(10))

    assert slots.take(ids(*range(length)), spare=2).length == reused


def test_slots_empty_slot_goes_before_a_new_one() -> None:
    """Memory is taken for one more cache only when the others hold something."""
    slots = caches(3)
    slot = slots.take(ids(1), spare=1)
    slots.give_back(slot)
    answer(slots, 1, 2, 3)
    answer(slots, 7, 8, 9)

    assert slots.lengths == [3, 3]


def test_slots_shared_beginning_is_copied_from_a_slot_at_work() -> None:
    """A long beginning is taken over, a short one is fed again."""
    slots = caches(2, window_tokens=200)
    working = slots.take(ids(*range(100)), spare=1)
    working.append(ids(*range(100)))

    other = slots.take(ids(*range(40), *range(150, 190)), spare=1)

    assert other is not working
    assert other.tokens.tolist() == [*range(40)]
    assert working.length == 100
    slots.give_back(other)
    assert slots.take(ids(*range(31), *range(150, 190)), spare=1).length == 31


def test_slots_shared_beginning_that_cannot_be_copied_is_fed_again() -> None:
    """Memory on a GPU is not copied."""
    slots = Slots(count=2, window_tokens=200, copy=lambda *_: False)
    slots.take(ids(*range(100)), spare=1).append(ids(*range(100)))

    assert slots.take(ids(*range(40), *range(150, 190)), spare=1).length == 0
