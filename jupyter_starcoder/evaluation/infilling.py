"""Prompts for a model that fills in the middle."""

from jupyter_starcoder.errors import ModelUnsupported
from jupyter_starcoder.evaluation.problem import Pieces
from jupyter_starcoder.values.prompt import Marker, Text

SPELLINGS = (
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
)


def infilling(prefix: str, suffix: str, markers: frozenset[str]) -> Pieces:
    """Prefix, suffix, and the place where the model goes on.

    Raises:
        ModelUnsupported: the model has no special tokens for it.
    """
    for spelling in SPELLINGS:
        if markers.issuperset(spelling):
            before, behind, middle = map(Marker, spelling)
            return (before, Text(prefix), behind, Text(suffix), middle)
    raise ModelUnsupported("this model does not fill in the middle: choose another --prompt")
