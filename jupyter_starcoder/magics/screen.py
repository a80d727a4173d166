"""What a person sees of an answer: in a notebook one output that grows, in a terminal its text as it comes."""

import sys
import time
from collections.abc import Callable, Iterable
from difflib import unified_diff

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from jupyter_starcoder.errors import EngineError
from jupyter_starcoder.magics.markdown import fenced, harmless, visible
from jupyter_starcoder.values.answer import Done, TextPiece

REDRAW_S = 0.1  # between two updates of a displayed answer


class Screen:
    """Shows what comes."""

    def __init__(self, shell: InteractiveShell) -> None:
        """Looks at what the shell belongs to."""
        self._draws = hasattr(shell, "kernel")

    def say(self, text: str) -> None:
        """One line, or a few."""
        sys.stdout.write(f"{visible(text)}\n")

    def follow_code(self, answer: Iterable[TextPiece | Done]) -> tuple[str, Done]:
        """Shows code while it is written; gives all of it and its end."""
        return self._follow(answer, lambda text: fenced(visible(text), "python"))

    def follow_words(self, answer: Iterable[TextPiece | Done]) -> tuple[str, Done]:
        """Shows Markdown while it is written; gives all of it and its end."""
        return self._follow(answer, harmless)

    def show_change(self, old: str, new: str) -> None:
        """What an edit changes, as a diff."""
        lines = unified_diff(old.splitlines(), new.splitlines(), "as it was", "as proposed", lineterm="")
        text = visible("\n".join(lines))
        if self._draws:
            display({"text/plain": text, "text/markdown": fenced(text, "diff")}, raw=True)  # type: ignore[no-untyped-call]
        else:
            self.say(text)

    def show_code(self, code: str) -> None:
        """Code that is complete."""
        if self._draws:
            bundle = {"text/plain": code, "text/markdown": fenced(visible(code), "python")}
            display(bundle, raw=True)  # type: ignore[no-untyped-call]
        else:
            self.say(code)

    def _follow(self, answer: Iterable[TextPiece | Done], drawn: Callable[[str], str]) -> tuple[str, Done]:
        return whole(answer, Drawing(drawn) if self._draws else Printing())


def whole(answer: Iterable[TextPiece | Done], shown: "Drawing | Printing | None" = None) -> tuple[str, Done]:
    """All of an answer, and its end; what it is shown on has all that came, also where it broke off."""
    text = ""
    try:
        for event in answer:
            if isinstance(event, Done):
                return text, event
            text += event.text
            if shown is not None:
                shown.more(text, event.text)
    finally:
        if shown is not None:
            shown.end(text)
    raise EngineError("the answer has no end: this is a defect of ours")


class Drawing:
    """One output of a notebook, replaced as the text grows."""

    def __init__(self, drawn: Callable[[str], str]) -> None:
        """Shows nothing before there is something."""
        self._drawn = drawn
        self._handle: object = None
        self._drawn_s = 0.0

    def more(self, text: str, _piece: str) -> None:
        """The text has grown."""
        if time.monotonic() - self._drawn_s > REDRAW_S:
            self.end(text)
            self._drawn_s = time.monotonic()

    def end(self, text: str) -> None:
        """Draws all of it."""
        if not text.strip():
            return
        bundle = {"text/plain": visible(text).strip("\n"), "text/markdown": self._drawn(text.strip("\n"))}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)  # type: ignore[attr-defined]


class Printing:
    """A terminal."""

    def more(self, _text: str, piece: str) -> None:
        """Prints the new piece."""
        sys.stdout.write(visible(piece))
        sys.stdout.flush()

    def end(self, text: str) -> None:
        """Ends the last line."""
        if text and not text.endswith("\n"):
            sys.stdout.write("\n")
