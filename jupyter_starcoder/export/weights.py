"""How a model's matrices and vectors come into a graph, in the forms that were chosen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.errors import CheckpointDamaged, ExportError
from jupyter_starcoder.export.checkpoint import Checkpoint, Reader, readers
from jupyter_starcoder.export.floats import WITHOUT_SIGN, Float32, Stored, float16_of, float32_of
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter
from jupyter_starcoder.export.in_order import in_order
from jupyter_starcoder.export.quantisation import BlockFormat, QuantisedRows, quantised

FLOAT32 = 1  # in ONNX's enumeration of types
FLOAT16 = 10
FINITE_HALF = 0x7BFF  # bits of the largest finite float16
INT8_ACTIVATIONS = 4  # MatMulNBits' accuracy_level: activations are rounded to 8 bits, which is the fast road


@dataclass(frozen=True, slots=True)
class Matrix:
    """A linear layer's weights, (out, in), as readers of whole rows, which are called when they are written."""

    name: str
    shape: tuple[int, int]
    readers: Iterable[Reader]

    @classmethod
    def of(cls, checkpoint: Checkpoint, name: str, rows: int, width: int) -> "Matrix":
        """A tensor as it stands in the checkpoint, which must have this shape."""
        return cls(name, (rows, width), readers(checkpoint, name, (rows, width)))


class WeightWriter:
    """Adds weights to a graph, and counts the bytes of them that one token reads."""

    def __init__(self, graph: GraphWriter, forms: WeightForms) -> None:
        self._graph = graph
        self._forms = forms
        self._number = np.dtype(forms.computes_in)
        self.number = forms.computes_in

    def vector(self, name: str, values: Float32) -> str:
        """Adds a norm's or a bias's numbers."""
        self._graph.read_bytes += values.size * self._number.itemsize
        return self._graph.constant(name, self._converted(name, values))

    def positions(self, name: str, values: Float32) -> str:
        """Adds a table with a row for every position."""
        self._graph.read_bytes += values.shape[1] * self._number.itemsize
        return self._graph.constant(name, self._converted(name, values))

    def linear(self, matrix: Matrix, values: str, *, output: str) -> str:
        """Adds `values @ matrix.T`; `values` has the matrix's input width as its last dimension."""
        return self._product(matrix, self._forms.body, values, output)

    def head(self, matrix: Matrix, values: str) -> None:
        """Adds the last product, whose result is the graph's `logits`, in float32."""
        if self.number == "float32":
            self._product(matrix, self._forms.head, values, "logits")
            return
        product = self._product(matrix, self._forms.head, values, "logits.half")
        self._graph.node("Cast", [product], "logits", to=FLOAT32)

    def embedding(self, matrix: Matrix, ids: str, *, output: str) -> str:
        """Adds a look-up of rows."""
        rows, width = matrix.shape
        form = self._forms.table
        if form is not None and width % form.block == 0:
            packed, scales = self._quantised(matrix, form, (rows, form.blocks(width) * form.block_bytes))
            self._graph.read_bytes += form.blocks(width) * (form.block_bytes + self._number.itemsize)
            return self._graph.contrib(
                "GatherBlockQuantized",
                [packed, ids, scales],
                output,
                bits=form.bits,
                block_size=form.block,
                gather_axis=0,
                quantize_axis=1,
            )
        is_half = self.number == "float16" or self._forms.body is not None
        table = self._whole(matrix, np.dtype(np.float16 if is_half else np.float32))
        self._graph.read_bytes += width * (2 if is_half else 4)
        if is_half == (self.number == "float16"):
            return self._graph.node("Gather", [table, ids], output, axis=0)
        found = self._graph.node("Gather", [table, ids], f"{output}.half", axis=0)
        return self._graph.node("Cast", [found], output, to=FLOAT32)

    def _product(self, matrix: Matrix, form: BlockFormat | None, values: str, output: str) -> str:
        rows, width = matrix.shape
        if form is None:
            self._graph.read_bytes += rows * width * self._number.itemsize
            weights = self._whole(matrix, self._number)
            return self._graph.contrib("FusedMatMul", [values, weights], output, transB=1)
        packed, scales = self._quantised(matrix, form, (rows, form.blocks(width), form.block_bytes))
        self._graph.read_bytes += rows * form.blocks(width) * (form.block_bytes + self._number.itemsize)
        return self._graph.contrib(
            "MatMulNBits",
            [values, packed, scales],
            output,
            K=width,
            N=rows,
            bits=form.bits,
            block_size=form.block,
            accuracy_level=INT8_ACTIVATIONS,
        )

    def _whole(self, matrix: Matrix, number: np.dtype[np.generic]) -> str:
        """Adds the matrix with a number a weight; a tied head and its table are one."""
        name = matrix.name if number == np.float32 else f"{matrix.name}.half"

        def piece(read: Reader) -> NDArray[np.generic]:
            return converted(matrix.name, read(), number)

        return self._graph.streamed(name, number, matrix.shape, in_order(piece, matrix.readers))

    def _quantised(self, matrix: Matrix, form: BlockFormat, shape: tuple[int, ...]) -> tuple[str, str]:
        """Adds the matrix in blocks, its bytes in this shape, and the scales; a tied head and its table share both."""
        scales: list[NDArray[np.generic]] = []
        here = f"{matrix.name}.int{form.bits}.{form.block}"
        name = f"{here}.{len(shape)}d"
        scales_shape = (matrix.shape[0], form.blocks(matrix.shape[1]))
        if self._graph.has(f"{here}.scales"):
            known = next(other for other in (name, f"{here}.2d", f"{here}.3d") if self._graph.has(other))
            return self._graph.alias(name, known, shape), f"{here}.scales"

        def piece(read: Reader) -> QuantisedRows:
            values = float32_of(read())
            try:
                return quantised(values, form)
            except CheckpointDamaged as error:
                raise CheckpointDamaged(f"{matrix.name}: {error.message}") from error

        def packed() -> Iterator[NDArray[np.uint8]]:
            for result in in_order(piece, matrix.readers):
                scales.append(self._converted(matrix.name, result.scales))
                yield result.packed

        self._graph.streamed(name, np.dtype(np.uint8), shape, packed())
        return name, self._graph.streamed(f"{here}.scales", self._number, scales_shape, scales)

    def _converted(self, name: str, values: Float32) -> NDArray[np.generic]:
        return converted(name, values, self._number)


def converted(name: str, stored: Stored, number: np.dtype[np.generic]) -> NDArray[np.generic]:
    """The values as a kind of number that graphs hold.

    Raises:
        ExportError: one of them leaves its range.
    """
    if number == np.float32:
        return float32_of(stored)
    result = float16_of(stored)
    if result.size and (result.view(np.uint16) & WITHOUT_SIGN).max() > FINITE_HALF:  # five times isfinite's speed
        peak = float(np.abs(float32_of(stored)).max())
        raise ExportError(
            f"{name} holds {peak:.3g}, which float16 cannot: export it with another precision, or for CPU"
        )
    return result
