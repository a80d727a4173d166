"""Names that exist at one cursor: the guide that holds an answer to them, and the stage behind the text stages."""

from jupyter_starcoder.names.defined import Definitions
from jupyter_starcoder.names.guide import NameGuide, Vocabulary
from jupyter_starcoder.names.live import LiveNames
from jupyter_starcoder.names.unknown import KnownNames
from jupyter_starcoder.values.notebook import Place
from kernels_ctx.snapshot import KernelSnapshot


def can_be_told(place: Place, snapshot: KernelSnapshot) -> bool:
    """Whether anything is known of the names that a cell's code may read."""
    return place.kind == "code" and {place.language, snapshot.language} == {"python"}


def guide_at(place: Place, snapshot: KernelSnapshot, vocabulary: Vocabulary, opening_text: str) -> NameGuide | None:
    """Where only the name of a live frame's column or method can stand, one comes; None where there is no frame.

    Args:
        place: in Python code.
        snapshot: of a Python kernel.
        vocabulary: the tokenizer's.
        opening_text: the end of the prefix as far as the answer spells it again.
    """
    live = LiveNames(snapshot, [cell.source for cell in place.before if cell.kind == "code"])
    return NameGuide(live, vocabulary, place.prefix, opening_text) if live else None


def known_names(place: Place, snapshot: KernelSnapshot) -> KnownNames:
    """Withholds what reads a name that neither kernel nor notebook nor the answer defines; arguments as above."""
    sources = [cell.source for cell in (*place.before, *place.after) if cell.kind == "code"]
    return KnownNames(Definitions(snapshot, [*sources, place.source]), place.prefix, place.suffix)
