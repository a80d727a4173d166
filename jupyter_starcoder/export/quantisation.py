"""Float32 rows in, blocks of small integers out, in the layout of ONNX Runtime's `MatMulNBits`.

Each row is cut into blocks along the input dimension; a block is one float32 scale and unsigned integers around a
middle (128 for 8 bits, 8 for 4 bits): `value = scale * (integer - middle)`.

Source of the layout: ONNX Runtime, docs/ContribOperators.md, com.microsoft.MatMulNBits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.errors import CheckpointDamaged
from jupyter_starcoder.export.floats import Float32

SMALLEST_SCALE = 1e-30  # below it, a block counts as zeros: one over a smaller one leaves float32's range
TILE_VALUES = 1 << 18  # 1 MB of float32: fits the processor's cache, and is long enough for threads to take turns
ROUNDING = 12_582_912  # 1.5 * 2**23: a float32 of this size has steps of 1
ROUNDING_BITS = 0x4B400000  # the same as bits
INFINITE_KEY = 0xFF000000  # the bits of infinity, shifted as `_peaks` shifts them


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


def quantised(rows: Float32, form: BlockFormat) -> QuantisedRows:
    """Rows in blocks.

    Args:
        rows: (rows, width).
        form: bits and block size.

    Raises:
        CheckpointDamaged: a value is not a number.
    """
    count, width = rows.shape
    blocks = form.blocks(width)
    if blocks * form.block != width:
        padded = np.zeros((count, blocks * form.block), dtype=np.float32)
        padded[:, :width] = rows
        rows = padded
    values = np.ascontiguousarray(rows).reshape(-1, form.block)
    packed = np.empty((len(values), form.block_bytes), dtype=np.uint8)
    scales = np.empty(len(values), dtype=np.float32)
    step = max(1, TILE_VALUES // form.block)
    scratch = np.empty((2, min(step, len(values)) * form.block), dtype=np.uint32)
    for start in range(0, len(values), step):
        here = slice(start, start + step)
        tile = values[here]
        scales[here] = _scales(_peaks(tile, scratch[:, : tile.size]), form)
        _integers(tile, scales[here], form, scratch[0, : tile.size], packed[here])
    return QuantisedRows(packed.reshape(count, blocks, -1), scales.reshape(count, blocks))


def _peaks(values: Float32, scratch: NDArray[np.uint32]) -> Float32:
    """The value farthest from 0 of each block, with its sign.

    A float32 without its sign orders as its bits do, so the sign goes to the lowest bit, and neighbours are compared in
    one long pass after another: many times faster than numpy's maximum along a short axis.

    Raises:
        CheckpointDamaged: a value is not a number.
    """
    bits = values.reshape(-1).view(np.uint32)
    keys, half = scratch
    np.left_shift(bits, np.uint32(1), out=keys)
    np.right_shift(bits, np.uint32(31), out=half)
    np.bitwise_or(keys, half, out=keys)
    for _ in range(values.shape[1].bit_length() - 1):
        count = keys.size // 2
        keys, half = np.maximum(keys[0::2], keys[1::2], out=half[:count]), keys[:count]
    if keys.size and keys.max() >= INFINITE_KEY:
        raise CheckpointDamaged("the weights hold infinities or what is not a number: get the checkpoint again")
    peaks: Float32 = np.bitwise_or(keys >> np.uint32(1), keys << np.uint32(31)).view(np.float32)
    return peaks


def _integers(
    values: Float32, scales: Float32, form: BlockFormat, scratch: NDArray[np.uint32], packed: NDArray[np.uint8]
) -> None:
    """Writes the integers of some blocks into `packed`."""
    inverse = np.divide(1.0, scales, out=np.zeros_like(scales), where=scales != 0)
    shifted = scratch.view(np.float32).reshape(values.shape)
    np.multiply(values, inverse[:, None], out=shifted)
    # Behind this sum the lowest bits of a float32 are the integer that the value rounds to (half to even), plus middle.
    np.add(shifted, np.float32(ROUNDING + form.middle), out=shifted)
    if form.bits == 8:
        packed[:] = shifted.view(np.uint32)
        return
    np.minimum(scratch, np.uint32(ROUNDING_BITS + 2 * form.middle - 1), out=scratch)  # the end without mirror image
    pairs = scratch.astype(np.uint8).view("<u2")  # low nibble, high nibble
    packed.reshape(-1)[:] = np.bitwise_or(pairs, np.right_shift(pairs, 4))


def _scales(peaks: Float32, form: BlockFormat) -> Float32:
    """The scale of each block.

    4 bits: the peak goes to -middle, the one integer without a mirror image, so no value is wasted. 8 bits: it goes to
    127 on its own side, as in Q8_0 of GGUF files, whose weights then pass through without any loss.
    """
    scales = np.abs(peaks) / np.float32(127) if form.bits == 8 else peaks / np.float32(-form.middle)
    return np.where(np.abs(scales) < SMALLEST_SCALE, np.float32(0), scales)


def dequantised(rows: QuantisedRows, form: BlockFormat, width: int) -> Float32:
    """What the operator computes with, shape (rows, width)."""
    stored = rows.packed
    if form.bits == 4:
        stored = np.stack([stored & 15, stored >> 4], axis=-1).reshape(*stored.shape[:2], form.block)
    values = (stored.astype(np.float32) - form.middle) * rows.scales[:, :, None]
    return values.reshape(values.shape[0], -1)[:, :width]
