"""What a person may write for SOURCE."""

from pathlib import Path

import pytest

from jupyter_starcoder.errors import UnknownModel
from jupyter_starcoder.models.catalogue import CATALOGUE, EMBEDDED, entry
from jupyter_starcoder.models.origin import resolve
from jupyter_starcoder.models.store import NAME


def test_every_name_of_the_catalogue_is_an_origin() -> None:
    """Each has its own name, which the store takes."""
    origins = [resolve(item.name) for item in CATALOGUE]

    assert len({origin.name for origin in origins}) == len(CATALOGUE)
    assert all(NAME.fullmatch(origin.name) for origin in origins)
    assert origins[0].name == EMBEDDED
    assert origins[0].kind == "wheel"
    assert len(origins[0].sha256) == 64


def test_bigcode_models_carry_their_licence() -> None:
    """It binds whoever uses them."""
    licences = {item.licence for item in CATALOGUE if item.reference.startswith("bigcode/")}

    assert licences == {"bigcode-openrail-m"}
    assert entry("starcoder").is_gated


def test_a_hub_id_gets_the_name_of_the_repository() -> None:
    """In lower case; a revision may follow."""
    origin = resolve("HuggingFaceTB/SmolLM2-1.7B@main")

    assert (origin.kind, origin.reference, origin.revision) == ("hub", "HuggingFaceTB/SmolLM2-1.7B", "main")
    assert origin.name == "smollm2-1.7b"


def test_a_folder_with_config_is_a_checkpoint(tmp_path: Path) -> None:
    """It is named after the folder."""
    folder = tmp_path / "My Model"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")

    origin = resolve(str(folder))

    assert (origin.kind, origin.reference, origin.name) == ("folder", str(folder), "my-model")


def test_a_gguf_file_is_a_checkpoint(tmp_path: Path) -> None:
    """It is named after the file."""
    path = tmp_path / "Small.Q4_1.gguf"
    path.write_bytes(b"")

    assert (resolve(str(path)).kind, resolve(str(path)).name) == ("gguf", "small.q4_1")


@pytest.mark.parametrize("source", ["", "nosuch", "a/b/c", "../x/y", "/nowhere/model.gguf", "owner/", "ow ner/name"])
def test_what_is_none_of_these_is_unknown(source: str) -> None:
    """The message lists what is possible."""
    with pytest.raises(UnknownModel, match=rf"{EMBEDDED}.*\.gguf file.*owner/name"):
        resolve(source)


def test_a_folder_without_config_is_not_taken_for_a_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`models/mine` is a folder here: nothing is asked for over the network."""
    (tmp_path / "models" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnknownModel):
        resolve("models/mine")
