"""The seam of a form: one way to write a notebook down for a model."""

from collections.abc import Sequence
from typing import Protocol

from jupyter_starcoder.prompt.draft import Draft
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Section, Snippet


class NotebookForm(Protocol):
    """Writes what stands above a cursor, the text being typed last."""

    @property
    def markers(self) -> frozenset[str]:
        """The special tokens that it cannot do without."""

    def lay(self, place: Place, own: str, snippets: Sequence[Snippet], draft: Draft) -> tuple[Section, ...]:
        """The sections in order; `own` is the text that the answer goes on with."""

    def stop_texts(self, language: str) -> tuple[str, ...]:
        """Text of the form's own that ends an answer."""
