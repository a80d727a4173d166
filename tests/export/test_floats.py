"""Numbers as checkpoints store them come into float32 and float16 as by the book."""

import numpy as np
import pytest

from jupyter_starcoder.export.floats import float16_of, float32_of

BITS = np.arange(1 << 16, dtype=np.uint16)
BFLOATS = (BITS.astype(np.uint32) << 16).view(np.float32)


def test_every_bfloat16_is_the_upper_half_of_a_float32() -> None:
    """Bit by bit, also what is not a number."""
    assert np.array_equal(float32_of(BITS).view(np.uint32), BFLOATS.view(np.uint32))


@pytest.mark.parametrize("values", [BITS, BITS.reshape(4, -1)[:, ::-1], np.tile(BITS, 5), BITS[:0]])
def test_every_bfloat16_becomes_the_nearest_float16(values: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> None:
    """As numpy rounds it from float32: normal, subnormal, infinite and what is not a number."""
    with np.errstate(over="ignore", invalid="ignore"):
        expected = BFLOATS[values].astype(np.float16)

    assert np.array_equal(float16_of(values).view(np.uint16), expected.view(np.uint16))


def test_numbers_of_the_right_type_are_not_copied() -> None:
    """A checkpoint in float16 passes through."""
    half, single = np.array([1.5, -0.25], dtype=np.float16), np.array([1.5, -0.25], dtype=np.float32)

    assert np.shares_memory(float16_of(half), half)
    assert np.shares_memory(float32_of(single), single)
