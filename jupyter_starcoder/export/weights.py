"""How a model's matrices are stored: one file knows what each precision means."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.export.checkpoint import Float32
from jupyter_starcoder.export.graph import GraphWriter
from jupyter_starcoder.export.quantisation import BlockFormat, quantised, row_blocks
from jupyter_starcoder.values.model import Precision

INT8 = BlockFormat(bits=8, block=64)
INT4 = BlockFormat(bits=4, block=32)
INT8_ACTIVATIONS = 4  # MatMulNBits' accuracy_level: activations are rounded to 8 bits, which is the fast road


@dataclass(frozen=True, slots=True)
class Matrix:
    """A linear layer's weights, (out, in), as pieces of whole rows that are read when they are written."""

    name: str
    shape: tuple[int, int]
    pieces: Iterable[Float32]


class WeightWriter:
    """Adds matrices to a graph in the form that a precision asks for."""

    def __init__(self, graph: GraphWriter, precision: Precision) -> None:
        formats: dict[Precision, tuple[BlockFormat | None, BlockFormat | None]] = {
            "fp32": (None, None),
            "int8": (INT8, INT8),
            "int4": (INT4, INT8),  # a 4-bit head alone costs a small model 5 % of its perplexity
        }
        self._graph = graph
        self._body, self._head = formats[precision]

    def linear(self, matrix: Matrix, values: str, *, output: str, is_head: bool = False) -> str:
        """Adds `values @ matrix.T`; `values` has the matrix's input width as its last dimension."""
        form = self._head if is_head else self._body
        if form is None:
            weights = self._graph.streamed(matrix.name, np.dtype(np.float32), matrix.shape, matrix.pieces)
            return self._graph.contrib("FusedMatMul", [values, weights], output, transB=1)
        rows, width = matrix.shape
        packed, scales = self._quantised(matrix, form)
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

    def embedding(self, matrix: Matrix, ids: str, *, output: str) -> str:
        """Adds a look-up of rows, float32 whatever the table is kept in."""
        if self._body is None:
            table = self._graph.streamed(matrix.name, np.dtype(np.float32), matrix.shape, matrix.pieces)
            return self._graph.node("Gather", [table, ids], output, axis=0)
        halves = (piece.astype(np.float16) for whole in matrix.pieces for piece in row_blocks(whole))
        table = self._graph.streamed(f"{matrix.name}.half", np.dtype(np.float16), matrix.shape, halves)
        rows = self._graph.node("Gather", [table, ids], f"{output}.half", axis=0)
        return self._graph.node("Cast", [rows], output, to=1)  # 1 is float32

    def _quantised(self, matrix: Matrix, form: BlockFormat) -> tuple[str, str]:
        rows, width = matrix.shape
        blocks = form.blocks(width)
        scales: list[Float32] = []

        def packed() -> Iterator[NDArray[np.uint8]]:
            for whole in matrix.pieces:
                for piece in row_blocks(whole):
                    result = quantised(piece, form)
                    scales.append(result.scales)
                    yield result.packed

        name = self._graph.streamed(
            f"{matrix.name}.int{form.bits}", np.dtype(np.uint8), (rows, blocks, form.block_bytes), packed()
        )
        return name, self._graph.streamed(f"{matrix.name}.scales", np.dtype(np.float32), (rows, blocks), scales)
