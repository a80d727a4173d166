"""How much of what an author wrote a suggestion would have typed."""

from dataclasses import dataclass

TAB = 1  # keystrokes that take a suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One suggestion beside what the author wrote."""

    exact: bool  # the whole line is right: what is left of it, or the next one where it ended
    matched: int  # characters that are right from the cursor on
    saved: int  # keystrokes, where a person keeps what is right and drops the rest for nothing
    saved_whole: int  # keystrokes, where each wrong character behind them costs one backspace


def scored(suggestion: str, written: str) -> Score:
    """Args: suggestion: of the model. written: what the author wrote behind the cursor, up to the cell's end."""
    suggestion, written = suggestion.rstrip(), written.rstrip()
    matched = common_characters(suggestion, written)
    wrong = len(suggestion) - matched
    return Score(
        exact=bool(written) and first_line(suggestion) == first_line(written),
        matched=matched,
        saved=max(0, matched - TAB),
        saved_whole=max(0, matched - TAB - wrong),
    )


def first_line(text: str) -> str:
    """The text up to the end of its first line that is not blank, without spaces at its end."""
    lines = text.split("\n")
    last = next((number for number, line in enumerate(lines) if line.strip()), len(lines) - 1)
    return "\n".join(lines[: last + 1]).rstrip()


def common_characters(one: str, other: str) -> int:
    """How far two texts are the same from their beginning."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
