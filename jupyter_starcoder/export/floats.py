"""Numbers as checkpoints store them, and their way to the types that graphs hold.

numpy has no bfloat16, the upper half of a float32: it is held as its bits, in uint16.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float16 = NDArray[np.float16]
Bits16 = NDArray[np.uint16]  # of bfloat16
Stored = Float32 | Float16 | Bits16

TILE_VALUES = 1 << 18  # as in quantisation.py
WITHOUT_SIGN = np.uint16(0x7FFF)
SIGN = np.uint16(0x8000)
# Bits of bfloat16, without the sign: of 2**-14, from which on float16 is exact, and of 2**16, too large for float16.
SMALLEST, TOO_LARGE = 0x3880, 0x4780
REBIASED = np.uint16(0x0080)  # of 2**-14, with the exponent as float16 counts it
LONGER = np.uint16(3)  # bits that the mantissa has more in float16


def float32_of(stored: Stored) -> Float32:
    """The same numbers; each of them fits."""
    if stored.dtype == np.uint16:
        bits: NDArray[np.uint32] = np.left_shift(stored, np.uint32(16), dtype=np.uint32)
        return bits.view(np.float32)
    return stored.astype(np.float32, copy=False)


def float16_of(stored: Stored) -> Float16:
    """The nearest numbers, half to even; what is too large becomes infinite."""
    if stored.dtype == np.uint16:
        return _float16_of_bits(np.ascontiguousarray(stored).view(np.uint16))
    with np.errstate(over="ignore"):
        return stored.astype(np.float16, copy=False)


def _float16_of_bits(stored: Bits16) -> Float16:
    """A third of the time that it takes by way of float32: nearly all weights keep their bits, moved."""
    result = np.empty(stored.shape, dtype=np.uint16)
    source, target = stored.reshape(-1), result.reshape(-1)
    scratch = np.empty(min(TILE_VALUES, source.size), dtype=np.uint16)
    for start in range(0, source.size, TILE_VALUES):
        tile, moved = source[start : start + TILE_VALUES], target[start : start + TILE_VALUES]
        above = scratch[: tile.size]
        np.bitwise_and(tile, WITHOUT_SIGN, out=above)
        np.subtract(above, np.uint16(SMALLEST), out=above)  # what is smaller wraps around, and is large
        others = np.flatnonzero(above >= TOO_LARGE - SMALLEST)
        np.add(above, REBIASED, out=above)
        np.left_shift(above, LONGER, out=above)
        np.bitwise_and(tile, SIGN, out=moved)
        np.bitwise_or(moved, above, out=moved)
        moved[others] = _table()[tile[others]]
    return result.view(np.float16)


@cache
def _table() -> Bits16:
    """The float16 of every bfloat16, as bits."""
    return float16_of(float32_of(np.arange(1 << 16, dtype=np.uint16))).view(np.uint16)
