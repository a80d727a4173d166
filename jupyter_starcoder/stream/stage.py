"""The seam of a text stage, and a chain of them."""

from collections.abc import Sequence
from typing import Protocol


class TextStage(Protocol):
    """Takes text in pieces and gives it back changed.

    The law of every stage: how the text is cut into pieces never changes the result.
    """

    @property
    def done(self) -> bool:
        """Nothing that is fed from now on can change the result: the engine may stop."""

    def feed(self, piece: str) -> str:
        """Takes the next piece and gives what is certain by now."""

    def close(self) -> str:
        """Says that the text has ended, and gives what was held back."""


class Chain:
    """Several stages as one."""

    def __init__(self, stages: Sequence[TextStage]) -> None:
        self._stages = tuple(stages)

    @property
    def done(self) -> bool:
        """One of the stages has all it needs."""
        return any(stage.done for stage in self._stages)

    def feed(self, piece: str) -> str:
        """Feeds the first stage; what it gives goes to the next."""
        for stage in self._stages:
            piece = stage.feed(piece)
        return piece

    def close(self) -> str:
        """Closes the stages in order; what one still held goes to the next."""
        rest = ""
        for stage in self._stages:
            rest = stage.feed(rest) + stage.close()
        return rest
