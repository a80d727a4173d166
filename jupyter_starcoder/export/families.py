"""The graph families by the architecture that a checkpoint names. A new one is a file and a line here."""

from jupyter_starcoder.errors import ModelUnsupported
from jupyter_starcoder.export.decoder_graph import DecoderGraph
from jupyter_starcoder.export.gpt_bigcode import GptBigCode
from jupyter_starcoder.export.llama import Llama
from jupyter_starcoder.export.starcoder2 import Starcoder2

FAMILIES: dict[str, type[DecoderGraph]] = {family.name: family for family in (GptBigCode, Llama, Starcoder2)}


def family_of(architecture: str) -> type[DecoderGraph]:
    """The family that writes graphs of this architecture.

    Raises:
        ModelUnsupported: there is none.
    """
    if architecture not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise ModelUnsupported(f"no graph is known for the architecture {architecture!r}: we know {known}")
    return FAMILIES[architecture]
