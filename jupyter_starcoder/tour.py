"""The tour: a notebook that goes through every feature once."""

from pathlib import Path

from jupyter_starcoder.errors import StarcoderError

HERE = Path(__file__).parent
PLACES = (
    HERE / "tour.ipynb",  # where the wheel puts it
    HERE.parent / "examples" / "tour.ipynb",  # in a checkout
)


def tour() -> str:
    """The text of the notebook's file.

    Raises:
        StarcoderError: it is not there.
    """
    for place in PLACES:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise StarcoderError("the tour is missing where jupyter_starcoder is installed: install it again")
