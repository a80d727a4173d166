"""The seam of the magics: who answers them."""

from collections.abc import Generator
from typing import Protocol

from jupyter_starcoder.magics.errands import Errand
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.model import ServingStatus
from jupyter_starcoder.values.notebook import Notebook
from jupyter_starcoder.values.settings import KernelContext

Answer = Generator[TextPiece | Done, None, None]


class Respondent(Protocol):
    """A model that can be asked from code that waits. `ServerRespondent` and `OwnRespondent` are respondents."""

    @property
    def title(self) -> str:
        """Whose model it is, for `%starcoder status`."""

    def status(self) -> ServingStatus:
        """How the model is.

        Raises:
            StarcoderError: it cannot be asked.
        """

    def kernel_context(self) -> KernelContext:
        """What of this kernel the model may be given. Raises as `status` does."""

    def ask(self, notebook: Notebook, errand: Errand) -> Answer:
        """The answer in pieces, and what it took; closing it early stops the model.

        Raises:
            StarcoderError: there is no answer, or it ended on the way.
        """
