"""What of a notebook goes into a prompt of limited length.

Two things are kept apart here. What is left out is what lies farthest from the cursor. And the beginning of the prompt
must not move at every keystroke, since the engine reuses what it computed for an equal beginning: so what must be left
out at the far end is rounded up to a coarse step, and stays the same until that is used up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.values.prompt import Marker, Text

STEPS = 6  # coarse steps in a budget: fewer leave more room unused, more move the prompt's beginning more often
MIDDLE_TOKENS = 16  # the least that is worth a frame around it
_TOKEN_CHARS = 16  # longer tokens are rare; text beyond this many times the limit is not even counted


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a prompt that is kept or left out as one."""

    pieces: tuple[Marker | Text, ...]
    cell: int = 0  # the index of its cell among those above the cursor

    def tokens(self, count: Count) -> int:
        """What it costs."""
        return tokens_of(self.pieces, count)

    @property
    def text(self) -> str:
        """Its text, without its markers."""
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Text))


def tokens_of(pieces: Iterable[Marker | Text], count: Count) -> int:
    """The most tokens that pieces can cost; a marker is one."""
    return sum(1 if isinstance(piece, Marker) else cost(piece.text, count) for piece in pieces)


def cost(text: str, count: Count) -> int:
    """The most tokens that a text can cost between others.

    Line ends at its end are one each: by themselves they may be one token together, in front of a letter they are not.
    """
    body = text.rstrip("\n")
    return (count(body) if body else 0) + len(text) - len(body)


def lines_of(text: str) -> tuple[Text, ...]:
    """A text that changes at each keystroke, in lines: each is counted by itself, and most of them are known."""
    return tuple(Text(line) for line in text.splitlines(keepends=True) if line)


def first_kept(costs: Sequence[int], room_tokens: int, step_tokens: int) -> int:
    """Index of the first of these that is kept when the first ones are left out until the others fit.

    What is left out is rounded up to a multiple of `step_tokens`: while a person types, the room shrinks by a token at
    a time, and the index moves once in a step.
    """
    too_many = sum(costs) - room_tokens
    if too_many <= 0:
        return 0
    step = max(1, step_tokens)
    left_out_at_least = -(-too_many // step) * step
    left_out = start = 0
    while start < len(costs) and left_out < left_out_at_least:
        left_out += costs[start]
        start += 1
    if start == len(costs) and costs[-1] <= room_tokens:
        return start - 1  # rounding up must not take away the nearest one
    return start


def end_of(text: str, limit_tokens: int, count: Count) -> str:
    """The last whole lines of a text that fit into `limit_tokens`; of a line that does not fit, its end."""
    if limit_tokens <= 0:
        return ""
    text = _without_far_beginning(text, limit_tokens)
    lines = text.splitlines(keepends=True)
    costs = [cost(line, count) for line in lines]
    start = first_kept(costs, limit_tokens, limit_tokens // STEPS)
    kept = "".join(lines[start:])
    if kept or not lines:
        return kept
    return _shrunk(lines[-1], limit_tokens, count, from_end=True)


def beginning_of(text: str, limit_tokens: int, count: Count) -> str:
    """The first whole lines of a text that fit into `limit_tokens`; of a line that does not fit, its beginning."""
    if limit_tokens <= 0:
        return ""
    kept: list[str] = []
    room = limit_tokens
    for line in text[: limit_tokens * _TOKEN_CHARS].splitlines(keepends=True):
        room -= cost(line, count)
        if room < 0:
            break
        kept.append(line)
    if kept or not text:
        return "".join(kept)
    return _shrunk(text.splitlines(keepends=True)[0], limit_tokens, count, from_end=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that is worth keeping, among others."""

    texts: tuple[str, ...]  # in full, then with fewer and fewer details
    score: float
    frame_tokens: int = 0  # what stands around it where it is kept


def best(candidates: Sequence[Candidate], room_tokens: int, count: Count) -> tuple[tuple[int, str], ...]:
    """Those with the highest scores that fit, as index and text, in their own order.

    First as many as there is room for are kept at their shortest, then the best of them get back their details. Where
    not even the best fits, its beginning is kept if that is worth it. The order does not follow the scores: a prompt
    moves where something comes or goes, and not where two change places.
    """
    by_score = sorted(range(len(candidates)), key=lambda index: -candidates[index].score)
    kept: dict[int, str] = {}
    for index in by_score:
        text, room = candidates[index].texts[-1], room_tokens - candidates[index].frame_tokens
        if not fits(text, room, count):
            break
        kept[index] = text
        room_tokens = room - cost(text, count)
    for index in kept:
        room = room_tokens + cost(kept[index], count)
        kept[index] = next((text for text in candidates[index].texts if fits(text, room, count)), kept[index])
        room_tokens = room - cost(kept[index], count)
    if by_score and not kept:
        first = candidates[by_score[0]]
        room = room_tokens - first.frame_tokens
        if room >= MIDDLE_TOKENS and (text := _cut(first.texts[-1], room, count)).strip():
            kept[by_score[0]] = text
    return tuple(sorted(kept.items()))


def fits(text: str, limit_tokens: int, count: Count) -> bool:
    """Whether a text costs at most so much; one of megabytes is not even counted."""
    return len(text) <= limit_tokens * _TOKEN_CHARS and cost(text, count) <= limit_tokens


def _cut(text: str, limit_tokens: int, count: Count) -> str:
    """The beginning of a text, whole lines or, of a line that is a list, whole members."""
    start = beginning_of(text, limit_tokens, count)
    if start.endswith("\n") or len(start) == len(text):
        return start
    return start.rpartition(", ")[0] or start


def _without_far_beginning(text: str, limit_tokens: int) -> str:
    """Spares the counting of a beginning that cannot be kept, in coarse steps as well."""
    step = limit_tokens * _TOKEN_CHARS
    if len(text) <= 2 * step:
        return text
    start = (len(text) - step) // step * step
    line_start = text.find("\n", start)
    return text[line_start + 1 if line_start >= 0 else start :]


def _shrunk(line: str, limit_tokens: int, count: Count, *, from_end: bool) -> str:
    size = min(len(line), limit_tokens * _TOKEN_CHARS)
    while size > 0:
        part = line[-size:] if from_end else line[:size]
        if cost(part, count) <= limit_tokens:
            return part
        size //= 2
    return ""
