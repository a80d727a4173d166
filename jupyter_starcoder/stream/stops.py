"""Cuts a text before the stop text that is complete first."""

from collections.abc import Iterable

from jupyter_starcoder.stream.characters import CharacterStage


class StopTexts(CharacterStage):
    """Gives the text up to the stop text that is complete first; of two that end together, the longer.

    Holds back what may be the start of one, since it can arrive in two pieces.
    """

    def __init__(self, stops: Iterable[str]) -> None:
        """Args: stops: the texts; empty ones never stop anything."""
        super().__init__()
        self._stops = sorted({stop for stop in stops if stop}, key=len, reverse=True)
        self._held = ""

    def _take(self, character: str) -> str:
        text = self._held + character
        for stop in self._stops:
            if text.endswith(stop):
                return self._end(text[: -len(stop)])
        keep = self._longest_beginning(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def _longest_beginning(self, text: str) -> int:
        """Length of the longest end of `text` with which a stop text begins."""
        longest = min(len(text), len(self._stops[0]) - 1) if self._stops else 0
        for size in range(longest, 0, -1):
            if any(stop.startswith(text[-size:]) for stop in self._stops):
                return size
        return 0

    def _rest(self) -> str:
        return self._held
