"""Our graphs compute what transformers computes, however the text is cut into passes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from jupyter_starcoder.values.model import DATA_FILE, Precision

if TYPE_CHECKING:
    from tests.export.conftest import GraphRunner, Small

KINDS = (
    "llama-grouped-tied",
    "llama-untied-biased",
    "llama-wide-heads",
    "bigcode-multi-query",
    "bigcode-multi-head",
    "starcoder2-tied",
    "starcoder2-sliding",  # its window is smaller than the texts here
    "starcoder2-untied-unbiased",
)
TOLERANCE = 1e-4
IDS = [int(i) for i in np.random.default_rng(3).integers(0, 320, size=40)]

Exported = Callable[[Path, Precision], Path]
Make = Callable[[str], "Small"]


def difference(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """Largest difference as a part of the largest value."""
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize("kind", KINDS)
def test_logits_of_one_pass_are_those_of_transformers(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """All tokens at once."""
    checkpoint = small(kind)

    ours = run_graph(exported(checkpoint.folder, "fp32")).run(IDS)

    assert difference(ours, checkpoint.logits(IDS)) < TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [1, 7])
def test_logits_of_many_passes_are_those_of_transformers(
    kind: str, step: int, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """In chunks, and token by token."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"))

    ours = np.concatenate([runner.run(IDS[start : start + step]) for start in range(0, len(IDS), step)])

    assert difference(ours, checkpoint.logits(IDS)) < TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_a_rewound_cache_forgets_what_came_after(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """A smaller length and other tokens give what those tokens give afresh."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"))
    runner.run(IDS)
    runner.length = 11

    ours = runner.run(IDS[30:36])

    assert difference(ours, checkpoint.logits(IDS[:11] + IDS[30:36])[11:]) < TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_64_greedy_tokens_are_those_of_transformers(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """The most likely token, 64 times."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"))
    theirs = list(IDS[:8])
    for _ in range(64):
        theirs.append(int(checkpoint.logits(theirs)[-1].argmax()))

    ours = [int(runner.run(IDS[:8], wanted=1)[-1].argmax())]
    while len(ours) < 64:
        ours.append(int(runner.run(ours[-1:])[-1].argmax()))

    assert ours == theirs[8:]


@pytest.mark.parametrize("kind", KINDS)
def test_two_rows_of_unequal_length_answer_each_as_alone(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """A batch padded on the right, then one token more for each row."""
    checkpoint = small(kind)
    runner = run_graph(exported(checkpoint.folder, "fp32"), rows=2)
    padded = np.array([IDS[:12], IDS[20:25] + [0] * 7], dtype=np.int64)
    runner.run_rows(padded, [12, 5], 12, wanted=1)

    ours = runner.run_rows(np.array([[IDS[12]], [IDS[25]]], dtype=np.int64), [13, 6], 13, wanted=1)

    assert difference(ours[0], checkpoint.logits(IDS[:13])[-1:]) < TOLERANCE
    assert difference(ours[1], checkpoint.logits(IDS[20:26])[-1:]) < TOLERANCE


@pytest.mark.parametrize("kind", ["llama-untied-biased", "bigcode-multi-query", "starcoder2-tied"])
@pytest.mark.parametrize("stored", ["F32", "F16", "BF16"])
def test_shards_of_any_float_are_the_model(
    kind: str, stored: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]", tmp_path: Path
) -> None:
    """Several files with an index, in each of the hub's three kinds of numbers."""
    checkpoint = small(kind)
    in_shards(checkpoint.folder, tmp_path, stored)

    ours = run_graph(exported(tmp_path, "fp32")).run(IDS)

    assert len(list(tmp_path.glob("model-*.safetensors"))) == 3
    assert difference(ours, checkpoint.logits(IDS)) < {"F32": TOLERANCE, "F16": 0.02, "BF16": 0.2}[stored]


@pytest.mark.parametrize("precision", ["fp16", "int8"])
@pytest.mark.parametrize("stored", ["F16", "BF16"])
def test_the_kind_of_number_that_is_stored_does_not_change_the_export(
    stored: str, precision: Precision, small: Make, exported: Exported, tmp_path: Path
) -> None:
    """The same numbers in float32 make the same bytes, whichever way they go."""
    folder = small("starcoder2-tied").folder
    for name, kind, rounded in (("short", stored, None), ("long", "F32", stored)):
        (tmp_path / name).mkdir()
        in_shards(folder, tmp_path / name, kind, rounded)

    data = [(exported(tmp_path / name, precision) / DATA_FILE).read_bytes() for name in ("short", "long")]

    assert data[0] == data[1]


@pytest.mark.parametrize("kind", ["llama-grouped-tied", "bigcode-multi-query", "starcoder2-tied"])
def test_a_head_of_its_own_takes_the_place_of_the_table(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]", tmp_path: Path
) -> None:
    """One that is twice the table gives twice the logits."""
    checkpoint = small(kind)
    config = json.loads((checkpoint.folder / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}), encoding="utf-8")
    (tmp_path / "tokenizer.json").write_bytes((checkpoint.folder / "tokenizer.json").read_bytes())
    tensors = load_file(checkpoint.folder / "model.safetensors")
    table = next(values for name, values in tensors.items() if name.endswith((".wte.weight", ".embed_tokens.weight")))
    save_file(tensors | {"lm_head.weight": 2 * table}, tmp_path / "model.safetensors")

    ours = run_graph(exported(tmp_path, "fp32")).run(IDS)

    assert difference(ours, 2 * checkpoint.logits(IDS)) < TOLERANCE


def in_shards(source: Path, target: Path, stored: str, rounded: str | None = None) -> None:
    """Writes the checkpoint again, in three files and as another kind of number, or rounded to one first."""
    for name in ("config.json", "tokenizer.json"):
        (target / name).write_bytes((source / name).read_bytes())
    tensors = load_file(source / "model.safetensors")
    weight_map = {}
    for number in range(3):
        file = f"model-{number + 1:05}-of-00003.safetensors"
        entries, data = {}, b""
        for name in sorted(tensors)[number::3]:
            values = tensors[name] if rounded is None else from_stored(as_stored(tensors[name], rounded), rounded)
            packed = as_stored(values, stored)
            place = [len(data), len(data) + len(packed)]
            entries[name] = {"dtype": stored, "shape": tensors[name].shape, "data_offsets": place}
            data += packed
            weight_map[name] = file
        header = json.dumps(entries).encode()
        (target / file).write_bytes(len(header).to_bytes(8, "little") + header + data)
    index = json.dumps({"metadata": {}, "weight_map": weight_map})
    (target / "model.safetensors.index.json").write_text(index, encoding="utf-8")


def as_stored(values: NDArray[np.float32], stored: str) -> bytes:
    """The bytes of the values as this kind of number; bfloat16 is cut off, not rounded."""
    if stored == "BF16":
        return (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    return values.astype("<f2" if stored == "F16" else "<f4").tobytes()


def from_stored(data: bytes, stored: str) -> NDArray[np.float32]:
    """What these bytes mean, flat."""
    if stored == "BF16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(data, "<f2" if stored == "F16" else "<f4").astype(np.float32)


@pytest.mark.parametrize("kind", ["llama-grouped-tied", "bigcode-multi-query"])
def test_logits_wanted_gives_the_last_positions(
    kind: str, small: Make, exported: Exported, run_graph: "type[GraphRunner]"
) -> None:
    """Fewer logits are the end of all logits; more than there are tokens gives all."""
    folder = exported(small(kind).folder, "fp32")
    whole = run_graph(folder).run(IDS)

    for wanted in (1, 3, len(IDS), len(IDS) + 5):
        part = run_graph(folder).run(IDS, wanted=wanted)
        assert part.shape == (min(wanted, len(IDS)), whole.shape[1])
        assert difference(part, whole[-wanted:]) < 1e-6
