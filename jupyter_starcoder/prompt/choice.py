"""Which family a model belongs to, told from its special tokens."""

from jupyter_starcoder.prompt.chatml import END, TURN, ChatML
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.prompt.plain import Plain
from jupyter_starcoder.prompt.starcoder import SPELLINGS, StarCoder
from jupyter_starcoder.prompt.transcript import MARKERS as NOTEBOOK_MARKERS


def choose_family(markers: frozenset[str]) -> PromptFamily:
    """The best family for a model that has these special tokens.

    Every special token ends an answer: none of them is text that a person would see.
    """
    stop_markers = tuple(sorted(markers))
    for spelling in SPELLINGS:
        if markers.issuperset(spelling):
            return StarCoder(
                spelling=spelling,
                has_notebooks=markers >= NOTEBOOK_MARKERS,
                keeps_lines="<file_sep>" in markers,
                has_filenames="<filename>" in markers,
                stop_markers=stop_markers,
            )
    if {TURN.spelling, END.spelling} <= markers:
        return ChatML(stop_markers)
    return Plain(stop_markers)
