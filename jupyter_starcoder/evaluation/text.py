"""Cutting what a model wrote."""

from collections.abc import Iterable


def cut(text: str, stops: Iterable[str]) -> str:
    """The text in front of the stop that comes first."""
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]


def without_fence(text: str) -> str:
    """The code in a Markdown fence, when the text begins with one; only up to a closing fence otherwise."""
    stripped = text.lstrip()
    if stripped.startswith("```"):
        text = stripped.partition("\n")[2]
    return cut(text, ("\n```",)) if not text.startswith("```") else ""
