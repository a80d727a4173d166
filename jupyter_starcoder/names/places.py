"""Where only a name that exists can stand: the key of a live frame between quotes, or what stands behind its dot.

Told are places at which anything else would be an error when the code runs. Not told, since a new name is valid there:
what is assigned to at a statement's beginning, `rename`, `assign`, `agg`, dicts; and whatever the scanner does not
understand. `FORBIDDEN_THOUGH_VALID` in the tests lists the few spellings that are valid and still refused; for them
the engine has a way out (`Automaton.margin`).
"""

import re
from dataclasses import dataclass

from jupyter_starcoder.names.arguments import Found, argument
from jupyter_starcoder.names.chains import chain_start, flat, frame_at
from jupyter_starcoder.names.changes import World
from jupyter_starcoder.names.lexer import Tokens, scan
from jupyter_starcoder.values.choice import Choice

# A quick look: the text ends in a string that nobody closed, behind a bracket, a comma or an equals sign, or in a word
# behind a dot. Where it does not, nothing is scanned.
_MAYBE = re.compile(r"[\[(,=]\s*(?:\"[^\"\n]*|'[^'\n]*)\Z|[\w)\]]\s*\.\s*\w*\Z")
_LONGEST_CHARS = 20_000  # of a cell whose places are told: all of it is read at each of them
_PYTHON_CELL_MAGICS = re.compile(r"%%(?:time|timeit|capture|prun)\b[^\n]*\n")


@dataclass(frozen=True, slots=True)
class NamePlace:
    """A place where one of some names comes next."""

    owner: str  # the variable whose names these are
    typed: str  # what stands there of the name, as it is spelled
    choice: Choice  # the names as they are spelled from their first letter, with the closing quote


def place_at_end(code: str, world: World) -> NamePlace | None:
    """What must come next at the end of half-written code; None where anything may.

    Args:
        code: a code cell up to the cursor.
        world: the live frames as they were before the cell ran; what the cell does to them is taken into it.
    """
    if len(code) > _LONGEST_CHARS or not _MAYBE.search(code, max(0, len(code) - 200)):
        return None
    if magic := _PYTHON_CELL_MAGICS.match(code):
        code = code[magic.end() :]
    elif code.startswith("%%"):
        return None
    tokens = scan(code)
    start = world.run(tokens)
    if tokens.kind(len(tokens.items) - 1) == "open string":
        return _in_string(tokens, start, world)
    return _behind_dot(code, tokens, start, world)


def _in_string(tokens: Tokens, start: int, world: World) -> NamePlace | None:
    last = tokens.items[-1]
    if last.quote not in ("'", '"') or not tokens.open:
        return None
    at = _value_start(tokens)
    opener = at if at is None else _opener_of(tokens, at)
    if at is None or opener is None or opener < start:
        return None
    found = _subscript(tokens, opener, at, start, world) or argument(tokens, opener, at, world)
    if found is None:
        return None
    frame, extra = found
    spelled = {_spelled(key, last.quote) for key in frame.keys if key}
    texts = sorted({text + last.quote for text in spelled if text} | set(extra))
    return NamePlace(frame.owner, last.text, Choice(tuple(texts))) if texts else None


def _value_start(tokens: Tokens) -> int | None:
    """Where the value begins that the open string is, or is an element of: itself or a list of strings."""
    at = len(tokens.items) - 1
    opener = tokens.open[-1]
    if tokens.text(opener) != "[" or _is_subscript(tokens, opener):
        return at
    inside = [place for place in range(opener + 1, at) if tokens.text(place) != ","]
    is_list_of_strings = all(tokens.kind(place) == "string" for place in inside)
    return opener if is_list_of_strings and tokens.text(at - 1) in ("[", ",") else None


def _opener_of(tokens: Tokens, at: int) -> int | None:
    """The bracket around the value that begins at a place."""
    around = [opener for opener in tokens.open if opener < at]
    return around[-1] if around else None


def _is_subscript(tokens: Tokens, opener: int) -> bool:
    return tokens.kind(opener - 1) == "name" or tokens.text(opener - 1) in (")", "]")


def _subscript(tokens: Tokens, opener: int, at: int, start: int, world: World) -> Found | None:
    """The key between the square brackets of a frame, of its groups, or the second one of `.loc`."""
    if tokens.text(opener) != "[" or not _is_subscript(tokens, opener):
        return None
    chain = chain_start(tokens, opener)
    if chain is None:
        return None
    commas = [place for place in flat(tokens, opener + 1, at) if tokens.text(place) == ","]
    indexer = tokens.text(opener - 1) if tokens.text(opener - 2) == "." else ""
    if indexer in ("loc", "at"):
        frame = frame_at(tokens, chain, opener - 2, world.frame)
        is_key = len(commas) == 1 and commas[0] == at - 1
    else:
        frame = frame_at(tokens, chain, opener, world.frame)
        is_key = at == opener + 1
    if frame is None or not is_key or frame.form == "rows":
        return None
    if frame.form == "frame" and _may_be_target(tokens, chain, start):
        return None
    # Rows of a frame with times can be cut out by text that begins with a number.
    return frame, tuple("0123456789") if frame.has_times and indexer == "" else ()


def _may_be_target(tokens: Tokens, chain: int, start: int) -> bool:
    """Whether an assignment to it may follow: it stands at the beginning of its statement, or among targets there."""
    if chain == start:
        return True
    is_behind_assignment = any(tokens.text(at) == "=" for at in flat(tokens, start, chain))
    return tokens.text(chain - 1) in (",", ":", "else") and len(tokens.open) == 1 and not is_behind_assignment


def _behind_dot(code: str, tokens: Tokens, start: int, world: World) -> NamePlace | None:
    """A method, a property or a column behind the dot of a frame."""
    last = len(tokens.items) - 1
    is_begun = tokens.kind(last) in ("name", "keyword") and tokens.text(last - 1) == "."
    dot = last - 1 if is_begun else last
    if tokens.text(dot) != "." or tokens.kind(dot) != "sign" or code[-1:].isspace():
        return None
    chain = chain_start(tokens, dot)
    if chain is None or chain < start:
        return None
    frame = frame_at(tokens, chain, dot, world.frame)
    if frame is None or frame.form != "frame" or not frame.members:
        return None
    columns = {key for key in frame.keys if key.isidentifier()} if frame.family == "pandas" else set()
    names = tuple(sorted(columns | set(frame.members)))
    return NamePlace(frame.owner, tokens.text(last) if is_begun else "", Choice(names, is_word=True))


def _spelled(key: str, quote: str) -> str:
    """A key as code spells it between these quotes; empty for one that cannot be written on a line as it is."""
    if not key.isprintable():
        return ""
    return key.replace("\\", "\\\\").replace(quote, "\\" + quote)
