"""What most stages are made of: one step a character, so that the size of pieces cannot matter."""


class CharacterStage:
    """A text stage that looks at one character after the other."""

    def __init__(self) -> None:
        self._done = False
        self._closed = False

    @property
    def done(self) -> bool:
        """Nothing that is fed from now on can change the result."""
        return self._done

    def feed(self, piece: str) -> str:
        """Takes the next piece and gives what is certain by now."""
        given: list[str] = []
        for character in piece:
            if self._done:
                break
            given.append(self._take(character))
        return "".join(given)

    def close(self) -> str:
        """Says that the text has ended, and gives what was held back."""
        if self._done or self._closed:
            return ""
        self._closed = True
        return self._rest()

    def _end(self, text: str = "") -> str:
        """Ends the text here, after `text`."""
        self._done = True
        return text

    def _take(self, character: str) -> str:
        """Takes one character and gives what is certain by now."""
        raise NotImplementedError

    def _rest(self) -> str:
        """What was held back, at the end of a text that was not ended here."""
        return ""
