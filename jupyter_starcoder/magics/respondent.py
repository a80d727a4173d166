"""The seam of the magics: who answers them."""

from collections.abc import Iterator
from typing import Protocol

from jupyter_starcoder.values.model import ServingStatus
from jupyter_starcoder.values.notebook import Notebook


class Respondent(Protocol):
    """A model that can be asked from code that waits. `ServerRespondent` and `OwnRespondent` are respondents.

    Every answer comes in pieces of text; leaving its iterator early stops the model.
    """

    @property
    def title(self) -> str:
        """Whose model it is, for `%starcoder status`."""

    def status(self) -> ServingStatus:
        """How the model is.

        Raises:
            StarcoderError: it cannot be asked.
        """

    def explain(self, notebook: Notebook, cell: int) -> Iterator[str]:
        """What a cell does, in Markdown.

        Raises:
            StarcoderError: there is no answer, or it ended on the way.
        """

    def generate(self, notebook: Notebook, cell: int, request: str) -> Iterator[str]:
        """Code for a request in words, to stand before index `cell`. Raises as `explain` does."""
