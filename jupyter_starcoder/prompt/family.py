"""The seam of a prompt family: one way to talk to a model."""

from collections.abc import Callable, Sequence
from typing import Protocol

from jupyter_starcoder.values.conversation import Change, Conversation, Subject, Turn
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Prompt, Snippet

Count = Callable[[str], int]  # tokens that a text costs


class PromptFamily(Protocol):
    """Prompts for one family of models. Every prompt stays within `budget_tokens`, whatever it is made of."""

    @property
    def name(self) -> str:
        """Its name in `complete --show-prompt` and in the logs."""

    @property
    def markers(self) -> frozenset[str]:
        """The special tokens that it cannot do without."""

    def complete(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What is typed next at the cursor."""

    def explain(
        self,
        place: Place,
        subject: Subject,
        turns: Sequence[Turn],
        snippets: Sequence[Snippet],
        budget_tokens: int,
        count: Count,
    ) -> Prompt:
        """What a piece of the notebook does or says, in Markdown; with turns, the answer to the last of them."""

    def chat(
        self, place: Place, said: Conversation, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What the assistant says next, in Markdown."""

    def edit(
        self, place: Place, change: Change, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What a text of the notebook becomes; it goes on behind its first line's indentation.

        The text stands whole in the section "edited", or there is no room for it.
        """

    def generate(
        self, place: Place, request: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """Code for a request in words, to stand in a cell at the cursor."""
