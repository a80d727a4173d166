"""What a person may write for SOURCE, and what it means."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jupyter_starcoder.errors import UnknownModel
from jupyter_starcoder.models.catalogue import CATALOGUE, SMALL, Recommendation

HUB_ID = re.compile(r"([A-Za-z0-9][\w.-]*)/([A-Za-z0-9][\w.-]*)(?:@([\w./-]+))?")
OriginKind = Literal["wheel", "hub", "folder", "gguf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a model comes from, and the name it gets in the store."""

    name: str
    kind: OriginKind
    reference: str
    revision: str = ""
    sha256: str = ""
    licence: str = ""
    recommended: Recommendation = SMALL
    download_bytes: int = 0


def resolve(source: str) -> Origin:
    """What `source` means: a catalogue name, a `.gguf` file, a folder, or a hub id, looked at in this order.

    Raises:
        UnknownModel: it is none of these.
    """
    for entry in CATALOGUE:
        if entry.name == source:
            return Origin(
                name=entry.name,
                kind=entry.source,
                reference=entry.reference,
                revision=entry.revision,
                sha256=entry.sha256,
                licence=entry.licence,
                recommended=entry.recommended,
                download_bytes=entry.download_bytes,
            )
    path = Path(source).expanduser()
    if path.is_file() and path.suffix == ".gguf":
        return Origin(name=_store_name(path.stem), kind="gguf", reference=str(path))
    if (path / "config.json").is_file():
        return Origin(name=_store_name(path.resolve().name), kind="folder", reference=str(path))
    if not path.exists() and (found := HUB_ID.fullmatch(source)):
        owner, name, revision = found.groups()
        return Origin(name=_store_name(name), kind="hub", reference=f"{owner}/{name}", revision=revision or "")
    known = ", ".join(entry.name for entry in CATALOGUE)
    raise UnknownModel(
        f"{source!r} is no model: give a name of the catalogue ({known}), a folder with config.json and safetensors, "
        "a .gguf file, or an id of the Hugging Face hub as owner/name"
    )


def _store_name(text: str) -> str:
    """A name for the store: lower case, and nothing that a path could be led astray by."""
    cleaned = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")
    return cleaned[:100] or "model"
