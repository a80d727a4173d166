"""Blocks of small integers: what is lost is bounded, and ONNX Runtime computes with what we stored."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jupyter_starcoder.errors import CheckpointDamaged
from jupyter_starcoder.export.floats import Float32
from jupyter_starcoder.export.quantisation import SMALLEST_SCALE, TILE_VALUES, BlockFormat, dequantised, quantised
from jupyter_starcoder.values.model import Precision

if TYPE_CHECKING:
    from tests.export.conftest import GraphRunner, Small

FORMATS = (BlockFormat(8, 64), BlockFormat(4, 32), BlockFormat(8, 32))
IDS = [int(i) for i in np.random.default_rng(5).integers(0, 320, size=24)]

matrices = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 100)),
    elements=st.floats(-1000, 1000, width=32, allow_subnormal=False),
)


@given(rows=matrices, form=st.sampled_from(FORMATS))
def test_the_error_of_each_weight_is_at_most_one_step(rows: Float32, form: BlockFormat) -> None:
    """Half a step by rounding; a whole one at the end of the range that has one integer less."""
    stored = quantised(rows, form)
    back = dequantised(stored, form, rows.shape[1])

    steps = np.repeat(np.abs(stored.scales), form.block, axis=1)[:, : rows.shape[1]]
    assert (np.abs(back - rows) <= steps * 1.001 + 128 * SMALLEST_SCALE).all()


@given(rows=matrices, form=st.sampled_from(FORMATS))
def test_shapes_are_those_of_the_operator(rows: Float32, form: BlockFormat) -> None:
    """Whole blocks, also where a row does not fill the last one."""
    stored = quantised(rows, form)

    blocks = -(-rows.shape[1] // form.block)
    assert stored.packed.shape == (rows.shape[0], blocks, form.block * form.bits // 8)
    assert stored.packed.dtype == np.uint8
    assert stored.scales.shape == (rows.shape[0], blocks)
    assert stored.scales.dtype == np.float32


@pytest.mark.parametrize(("form", "bound"), [(FORMATS[0], 0.01), (FORMATS[1], 0.12), (FORMATS[2], 0.01)])
def test_normal_weights_lose_little(form: BlockFormat, bound: float) -> None:
    """Root of the mean squared error as a part of the weights' own."""
    rows = np.random.default_rng(1).normal(size=(256, 576)).astype(np.float32)

    error = dequantised(quantised(rows, form), form, 576) - rows

    assert 0 < np.sqrt((error**2).mean() / (rows**2).mean()) < bound


def test_weights_of_8_bits_pass_through_without_loss() -> None:
    """Those of GGUF's Q8_0 are blocks of 32 whose largest value is 127 steps."""
    random = np.random.default_rng(2)
    integers = random.integers(-127, 128, size=(6, 4, 32)).astype(np.float32)
    integers[:, :, 5] = 127
    steps = random.uniform(0.001, 0.1, size=(6, 4, 1)).astype(np.float16).astype(np.float32)
    rows = (integers * steps).reshape(6, 128)

    back = dequantised(quantised(rows, BlockFormat(8, 32)), BlockFormat(8, 32), 128)

    assert np.abs(back - rows).max() <= 1e-6 * np.abs(rows).max()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_damage(form: BlockFormat, value: float) -> None:
    """Rather than a block of anything."""
    rows = np.ones((3, 70), dtype=np.float32)
    rows[1, 69] = value

    with pytest.raises(CheckpointDamaged, match="not a number"):
        quantised(rows, form)


@pytest.mark.parametrize("form", FORMATS)
def test_a_matrix_of_many_tiles_is_that_of_its_rows(form: BlockFormat) -> None:
    """Cutting it up for the processor's cache changes nothing."""
    rows = np.random.default_rng(4).normal(size=(9, 5 * (TILE_VALUES // 16))).astype(np.float32)

    whole = quantised(rows, form)

    for number, row in enumerate(rows):
        alone = quantised(row[None, :], form)
        assert np.array_equal(whole.packed[number], alone.packed[0])
        assert np.array_equal(whole.scales[number], alone.scales[0])


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
