"""Where a cursor is put in a cell that an author wrote."""

import random
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal

from jupyter_starcoder.errors import EvaluationError

Kind = Literal["cell", "line", "end", "name", "dot", "bracket", "quote"]
KINDS: Mapping[Kind, str] = {
    "cell": "an empty cell",
    "line": "the start of a new line, behind its indentation",
    "end": "the end of a line with more below",
    "name": "behind the first letter of a name of three or more",
    "dot": "behind the dot of an attribute",
    "bracket": "behind an opening bracket",
    "quote": "behind an opening quote",
}
SHORTEST_NAME = 3
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | [rbfuRBFU]{0,2}(?P<text>\"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
                               | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*')
      | \d[\w.]*
      | (?P<name>[^\W\d]\w*)
      | (?P<dot>\.)(?=[^\W\d])
      | (?P<bracket>[(\[{])(?=[^)\]}])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """One cursor in a cell."""

    offset: int  # code points from the cell's start
    kind: Kind


def spots(source: str) -> list[Spot]:
    """Every place in the cell where a person might wait for a completion, in order.

    Something the author wrote follows each of them.
    """
    source = source.rstrip()
    found = [*_at_lines(source), *_at_tokens(source)] if source else []
    return sorted(spot for spot in found if spot.offset < len(source))


def sampled(source: str, most: int, key: str, kinds: Collection[Kind] = tuple(KINDS)) -> list[Spot]:
    """At most so many of them, in order: the same for the same key, and of as many of the kinds as there are."""
    chance = random.Random(key)  # noqa: S311 - a sample, no secret
    by_kind: dict[Kind, list[Spot]] = {}
    for spot in spots(source):
        if spot.kind in kinds:
            by_kind.setdefault(spot.kind, []).append(spot)
    for each in by_kind.values():
        chance.shuffle(each)
    chosen: list[Spot] = []
    while len(chosen) < most and by_kind:
        for kind in chance.sample(sorted(by_kind), len(by_kind)):
            chosen.append(by_kind[kind].pop())
            if not by_kind[kind]:
                del by_kind[kind]
    return sorted(chosen[:most])


def kinds_of(names: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds of these names; all for none.

    Raises:
        EvaluationError: there is no such kind.
    """
    if unknown := [name for name in names if name not in KINDS]:
        raise EvaluationError(f"there is no kind of place {', '.join(unknown)}: choose of {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if not names or kind in names)


def _at_lines(source: str) -> list[Spot]:
    found = [Spot(0, "cell")]
    start = 0
    for number, line in enumerate(source.split("\n")):
        if line.strip():
            if number:
                found.append(Spot(start + len(line) - len(line.lstrip()), "line"))
            found.append(Spot(start + len(line), "end"))
        start += len(line) + 1
    return found


def _at_tokens(source: str) -> list[Spot]:
    found: list[Spot] = []
    for match in _TOKEN.finditer(source):
        if match["text"]:
            width = 3 if match["text"][:3] in ('"""', "'''") else 1
            if len(match["text"]) > 2 * width:
                found.append(Spot(match.start("text") + width, "quote"))
        elif match["name"]:
            if len(match["name"]) >= SHORTEST_NAME and not iskeyword(match["name"]):
                found.append(Spot(match.start("name") + 1, "name"))
        elif match["dot"]:
            found.append(Spot(match.end(), "dot"))
        elif match["bracket"]:
            found.append(Spot(match.end(), "bracket"))
    return found
