"""Float32 rows in, blocks of small integers out, in the layout of ONNX Runtime's `MatMulNBits`.

Each row is cut into blocks along the input dimension; a block is one float32 scale and unsigned integers around a
middle (128 for 8 bits, 8 for 4 bits): `value = scale * (integer - middle)`.

Source of the layout: ONNX Runtime, docs/ContribOperators.md, com.microsoft.MatMulNBits.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.export.checkpoint import Float32

SMALLEST_SCALE = 1e-30  # below it, a block counts as zeros: one over a smaller one leaves float32's range
ROWS_AT_ONCE_BYTES = 32 << 20  # of float32, so that temporaries stay small beside the largest tensor


@dataclass(frozen=True, slots=True)
class BlockFormat:
    """How many bits a weight gets and how many weights share a scale."""

    bits: int  # 8 or 4
    block: int  # 16, 32, 64, 128 or 256

    @property
    def middle(self) -> int:
        """The stored integer that stands for 0; without zero points the operator takes this one."""
        return 1 << (self.bits - 1)

    def blocks(self, width: int) -> int:
        """Blocks in a row of `width` weights; the last one may be part empty."""
        return -(-width // self.block)

    @property
    def block_bytes(self) -> int:
        """Bytes that the integers of one block take."""
        return self.block * self.bits // 8


@dataclass(frozen=True, slots=True)
class QuantisedRows:
    """Some rows of a matrix."""

    packed: NDArray[np.uint8]  # (rows, blocks, block_bytes)
    scales: Float32  # (rows, blocks)


def row_blocks(rows: Float32) -> Iterator[Float32]:
    """The matrix in pieces of whole rows, each of bounded size."""
    step = max(1, ROWS_AT_ONCE_BYTES // max(1, rows.shape[1] * 4))
    for start in range(0, rows.shape[0], step):
        yield rows[start : start + step]


def quantised(rows: Float32, form: BlockFormat) -> QuantisedRows:
    """Rows in blocks.

    Args:
        rows: (rows, width).
        form: bits and block size.
    """
    count, width = rows.shape
    blocks = form.blocks(width)
    padded = np.zeros((count, blocks * form.block), dtype=np.float32)
    padded[:, :width] = rows
    values = padded.reshape(count, blocks, form.block)
    # The end of the range that is farther from 0 goes to -middle, the one integer without a mirror image.
    peak = np.take_along_axis(values, np.abs(values).argmax(axis=2, keepdims=True), axis=2)
    scales = peak / -form.middle
    scales = np.where(np.abs(scales) < SMALLEST_SCALE, np.float32(0), scales)
    inverse = np.divide(1.0, scales, out=np.zeros_like(scales), where=scales != 0)
    integers = np.rint(values * inverse)
    np.clip(integers, -form.middle, form.middle - 1, out=integers)
    stored = (integers + form.middle).astype(np.uint8)
    if form.bits == 4:
        stored = np.bitwise_or(stored[:, :, 0::2], np.left_shift(stored[:, :, 1::2], np.uint8(4)), dtype=np.uint8)
    return QuantisedRows(stored, scales[:, :, 0].astype(np.float32, copy=False))


def dequantised(rows: QuantisedRows, form: BlockFormat, width: int) -> Float32:
    """What the operator computes with, shape (rows, width)."""
    stored = rows.packed
    if form.bits == 4:
        stored = np.stack([stored & 15, stored >> 4], axis=-1).reshape(*stored.shape[:2], form.block)
    values = (stored.astype(np.float32) - form.middle) * rows.scales[:, :, None]
    return values.reshape(values.shape[0], -1)[:, :width]
