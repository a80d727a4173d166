"""Every precision on every device: what is stored, what is computed in, and how near the logits stay."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file, save_file

from jupyter_starcoder.errors import ExportError
from jupyter_starcoder.export import ExportOptions, export_checkpoint
from jupyter_starcoder.export.forms import FORMS, forms_of
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import GRAPH_FILE, Device, Precision

if TYPE_CHECKING:
    from tests.export.conftest import GraphRunner, Small

KINDS = ("llama-grouped-tied", "bigcode-multi-query", "starcoder2-sliding", "starcoder2-untied-unbiased")
IDS = [int(i) for i in np.random.default_rng(5).integers(0, 320, size=24)]
BOUNDS: dict[Precision, float] = {"fp32": 1e-4, "fp16": 0.02, "int8": 0.1, "int4": 0.6}

Exported = Callable[..., Path]
Make = Callable[[str], "Small"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("precision", "device"), sorted(FORMS))
def test_each_form_stays_near_transformers(
    kind: str, precision: Precision, device: Device, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """In one pass and token by token; a graph for CUDA computes the same on the CPU."""
    theirs = small(kind).logits(IDS)
    folder = exported(small(kind).folder, precision, device)
    runner = run_graph(folder)

    whole = run_graph(folder).run(IDS)
    stepwise = np.concatenate([runner.run([token]) for token in IDS])

    for ours in (whole, stepwise):
        assert ours.dtype == np.float32
        error = np.sqrt(((ours - theirs) ** 2).mean() / (theirs**2).mean())
        assert 0 < error < BOUNDS[precision]


@pytest.mark.parametrize("kind", ["bigcode-multi-query", "starcoder2-tied"])
@pytest.mark.parametrize(("precision", "device"), sorted(FORMS))
def test_the_cache_is_of_the_kind_that_the_graph_computes_in(
    kind: str, precision: Precision, device: Device, small: Make, exported: Exported
) -> None:
    """Half precision for fp16 and for all graphs for CUDA; logits are float32 everywhere."""
    manifest = read_manifest(exported(small(kind).folder, precision, device))

    wanted = "float16" if precision == "fp16" or device == "cuda" else "float32"
    cache = {fact.dtype for name, fact in (manifest.inputs | manifest.outputs).items() if "." in name}
    assert cache == {wanted}
    assert manifest.outputs["logits"].dtype == "float32"
    assert (manifest.precision, manifest.device) == (precision, device)


@pytest.mark.parametrize("kind", ["bigcode-multi-query", "starcoder2-sliding"])  # ONNX has no norm as llama's
@pytest.mark.parametrize(("precision", "device"), sorted(FORMS))
def test_the_graph_is_one_that_onnx_takes(
    kind: str, precision: Precision, device: Device, small: Make, exported: Exported
) -> None:
    """Its checker reads all of it, the tensors beside it too."""
    onnx.checker.check_model(str(exported(small(kind).folder, precision, device) / GRAPH_FILE))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("precision", "device"), sorted(FORMS))
def test_bytes_a_token_are_those_that_the_nodes_read(
    kind: str, precision: Precision, device: Device, small: Make, exported: Exported
) -> None:
    """Whole matrices and vectors, and one row of what is looked up."""
    folder = exported(small(kind).folder, precision, device)
    graph = onnx.load(str(folder / GRAPH_FILE)).graph
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}

    read = 0
    for node in graph.node:
        for name in node.input:
            if name in weights and weights[name].dtype != np.int64:
                is_row = node.op_type in ("Gather", "GatherBlockQuantized") or name.startswith("rotary.")
                if not (name.startswith("rotary.") and node.name != "layer.0.attention"):  # the same row in each layer
                    read += weights[name][0].nbytes if is_row else weights[name].nbytes
    assert read_manifest(folder).weight_bytes_per_token == read


def test_a_tied_head_shares_its_bytes_with_the_table(small: Make, exported: Exported) -> None:
    """Quantised once, looked up and multiplied with: the same place in the file under two names."""
    graph = onnx.load(
        str(exported(small("starcoder2-tied").folder, "int4") / GRAPH_FILE), load_external_data=False
    ).graph
    places = {
        tensor.name: (fact["offset"], fact["length"])
        for tensor in graph.initializer
        if (fact := {entry.key: entry.value for entry in tensor.external_data})
    }

    product = next(node for node in graph.node if node.output[0] == "logits")
    look_up = next(node for node in graph.node if node.op_type == "GatherBlockQuantized")
    assert places[product.input[1]] == places[look_up.input[0]]
    assert product.input[2] == look_up.input[2]


def test_block_size_and_head_bits_can_be_chosen(small: Make, tmp_path: Path) -> None:
    """They are what the graph's products say."""
    options = ExportOptions(
        name="x", precision="int8", source="test", measures_perplexity=False, block_size=32, head_bits=4
    )

    export_checkpoint(small("llama-untied-biased").folder, tmp_path, options=options, progress=lambda _: None)

    graph = onnx.load(str(tmp_path / GRAPH_FILE), load_external_data=False).graph
    found = {
        node.output[0]: {item.name: item.i for item in node.attribute}
        for node in graph.node
        if node.op_type == "MatMulNBits"
    }
    assert found["logits"]["bits"] == 4
    assert {(facts["bits"], facts["block_size"]) for name, facts in found.items() if name != "logits"} == {(8, 32)}


@pytest.mark.parametrize(
    ("precision", "device", "block_size", "head_bits", "message"),
    [
        ("fp32", "cuda", 0, 0, "choose one of fp16, int8, int4"),
        ("fp16", "cpu", 32, 0, "neither blocks"),
        ("int8", "cpu", 48, 0, "16, 32, 64, 128, 256"),
        ("int4", "cpu", 0, 5, "choose 4 or 8"),
        ("int4", "tpu", 0, 0, "'tpu'"),
    ],
)
def test_what_does_not_go_together_is_refused(
    precision: Precision, device: Device, block_size: int, head_bits: int, message: str
) -> None:
    """With what does."""
    with pytest.raises(ExportError, match=message):
        forms_of(precision, device, block_size=block_size, head_bits=head_bits)


@pytest.mark.parametrize(("precision", "factor"), [("fp16", 1e6), ("int8", np.inf), ("int4", np.nan)])
def test_a_weight_that_cannot_be_held_is_refused_by_name(
    small: Make, tmp_path: Path, precision: Precision, factor: float
) -> None:
    """Too large for float16, or no number at all: rather than an infinity in the graph."""
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    for path in small("llama-grouped-tied").folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    tensors = load_file(folder / "model.safetensors")
    tensors["model.layers.1.mlp.up_proj.weight"] = tensors["model.layers.1.mlp.up_proj.weight"] * np.float32(factor)
    save_file(tensors, folder / "model.safetensors")
    (tmp_path / "out").mkdir()
    options = ExportOptions(name="x", precision=precision, source="test", measures_perplexity=False)

    with pytest.raises(ExportError, match=r"layers\.1\.mlp\.up_proj\.weight.*(float16|not a number)"):
        export_checkpoint(folder, tmp_path / "out", options=options, progress=lambda _: None)
