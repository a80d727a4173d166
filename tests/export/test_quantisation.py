"""Blocks of small integers: what is lost is bounded, and ONNX Runtime computes with what we stored."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jupyter_starcoder.export.checkpoint import Float32
from jupyter_starcoder.export.quantisation import SMALLEST_SCALE, BlockFormat, dequantised, quantised, row_blocks
from jupyter_starcoder.values.model import Precision

if TYPE_CHECKING:
    from tests.export.conftest import GraphRunner, Small

FORMATS = (BlockFormat(8, 64), BlockFormat(4, 32))
IDS = [int(i) for i in np.random.default_rng(5).integers(0, 320, size=24)]

matrices = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 100)),
    elements=st.floats(-1000, 1000, width=32, allow_subnormal=False),
)


@settings(deadline=None)
@given(rows=matrices, form=st.sampled_from(FORMATS))
def test_the_error_of_each_weight_is_at_most_one_step(rows: Float32, form: BlockFormat) -> None:
    """Half a step by rounding; a whole one at the end of the range that has one integer less."""
    stored = quantised(rows, form)
    back = dequantised(stored, form, rows.shape[1])

    steps = np.repeat(np.abs(stored.scales), form.block, axis=1)[:, : rows.shape[1]]
    assert (np.abs(back - rows) <= steps * 1.001 + 128 * SMALLEST_SCALE).all()


@settings(deadline=None)
@given(rows=matrices, form=st.sampled_from(FORMATS))
def test_shapes_are_those_of_the_operator(rows: Float32, form: BlockFormat) -> None:
    """Whole blocks, also where a row does not fill the last one."""
    stored = quantised(rows, form)

    blocks = -(-rows.shape[1] // form.block)
    assert stored.packed.shape == (rows.shape[0], blocks, form.block * form.bits // 8)
    assert stored.packed.dtype == np.uint8
    assert stored.scales.shape == (rows.shape[0], blocks)
    assert stored.scales.dtype == np.float32


@pytest.mark.parametrize(("form", "bound"), [(FORMATS[0], 0.01), (FORMATS[1], 0.12)])
def test_normal_weights_lose_little(form: BlockFormat, bound: float) -> None:
    """Root of the mean squared error as a part of the weights' own."""
    rows = np.random.default_rng(1).normal(size=(256, 576)).astype(np.float32)

    error = dequantised(quantised(rows, form), form, 576) - rows

    assert 0 < np.sqrt((error**2).mean() / (rows**2).mean()) < bound


def test_row_blocks_are_the_matrix_in_order() -> None:
    """A wide matrix comes in several pieces."""
    rows = np.arange(40 * (1 << 20), dtype=np.float32).reshape(40, 1 << 20)

    pieces = list(row_blocks(rows))

    assert len(pieces) > 1
    assert np.array_equal(np.concatenate(pieces), rows)


@pytest.mark.parametrize("kind", ["llama-grouped-tied", "bigcode-multi-query"])
@pytest.mark.parametrize(("precision", "bound"), [("int8", 0.1), ("int4", 0.6)])
def test_a_quantised_graph_stays_near_float32(
    kind: str,
    precision: Precision,
    bound: float,
    small: "Callable[[str], Small]",
    exported: Callable[[Path, Precision], Path],
    run_graph: "type[GraphRunner]",
) -> None:
    """A random model with large weights is the hard case; a wrong order of nibbles or scales gives about 1.4."""
    theirs = small(kind).logits(IDS)

    ours = run_graph(exported(small(kind).folder, precision)).run(IDS)

    error = np.sqrt(((ours - theirs) ** 2).mean() / (theirs**2).mean())
    assert 0 < error < bound
