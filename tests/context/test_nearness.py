"""What counts as written near a cursor."""

import pytest

from jupyter_starcoder.context.nearness import texts_near
from jupyter_starcoder.values.notebook import Place


@pytest.mark.parametrize(
    ("prefix", "text"),
    [("total = tri", "total = \n"), ("total = trips\n", "total = trips\n\n"), ("total = trips.", "total = trips.\n")],
)
def test_texts_near_leave_out_the_word_that_is_being_typed(prefix: str, text: str) -> None:
    """A word is finished by whatever stands behind it, a line's end included."""
    place = Place(before=(), prefix=prefix, suffix="", after=(), kind="code", language="python", path="")

    assert texts_near(place) == (text,)
