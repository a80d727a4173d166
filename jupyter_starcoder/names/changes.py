"""What the cell itself has done to live frames before the cursor: the kernel does not know yet."""

import builtins
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from jupyter_starcoder.names.chains import chain_start, flat, frame_at, split
from jupyter_starcoder.names.frames import Frame
from jupyter_starcoder.names.lexer import Tokens

_ASSIGNING = frozenset({"=", "+=", "-=", "*=", "/=", "//=", "%=", "**=", "&=", "|=", "^=", "@=", ">>=", "<<="})
_NAMING = frozenset({"as", "import", "def", "class", "for", "global", "nonlocal", "except"})
_RUNNING = frozenset({"exec", "eval"})
_HARMLESS = frozenset({*dir(builtins), "display"}) - {"exec", "eval", "setattr"}
_IN_PLACE = frozenset({"rename", "reset_index", "set_index", "eval", "set_axis", "rename_axis"})
# Where code above gives a new column its name: `df["n"] =`, `.loc[:, "n"] =`, `.alias("n")`, `name="n"`, `assign(n=`.
_NEW_KEYS = (
    re.compile(r"\[(?:[^\[\]\n]*,)?\s*([\"'])(?P<key>[^\"'\n]+)\1\s*\]\s*=(?!=)"),
    re.compile(r"\b(?:alias|name\.suffix|insert)\((?:[^\"'\n()]*,)?\s*([\"'])(?P<key>[^\"'\n]+)\1"),
    re.compile(r"\b(?:name|names|value_name|var_name)\s*=\s*([\"'])(?P<key>[^\"'\n]+)\1"),
    re.compile(r"[\"']\s*:\s*([\"'])(?P<key>[^\"'\n]+)\1"),  # rename(columns={"old": "new"})
    re.compile(r"[(,]\s*(?P<key>[^\W\d]\w*)\s*=(?!=)"),  # assign(n=...), agg(n=...)
)


def new_keys(sources: Iterable[str]) -> frozenset[str]:
    """Names that code of other cells gives to columns: cells that were not run yet make them, too."""
    return frozenset(found["key"] for source in sources for pattern in _NEW_KEYS for found in pattern.finditer(source))


class World:
    """The live frames as they are at the end of a text: read its statements in order with `run`."""

    def __init__(self, frames: Mapping[str, Frame]) -> None:
        self._frames: dict[str, Frame | None] = dict(frames)
        self._added: set[str] = set()
        self._is_lost = False  # code ran that can do anything

    def frame(self, name: str) -> Frame | None:
        """What is known of a variable now."""
        frame = None if self._is_lost else self._frames.get(name)
        return replace(frame, keys=frame.keys | self._added) if frame and self._added else frame

    def run(self, tokens: Tokens) -> int:
        """Takes in all statements but the last, which is being written; gives the place where that one begins."""
        start = 0
        for at, token in enumerate(tokens.items):
            if token.kind == "end":
                if self._is_about_frames(tokens, start, at):
                    self._statement(tokens, start, at)
                start = at + 1
        self._names_bound_inside(tokens, start, len(tokens.items))
        return start

    def _is_about_frames(self, tokens: Tokens, start: int, end: int) -> bool:
        """Whether a statement can change anything that is known: it has the name of a frame in it, or runs text."""
        return any(token.text in self._frames or token.text in _RUNNING for token in tokens.items[start:end])

    def _statement(self, tokens: Tokens, start: int, end: int) -> None:
        places = flat(tokens, start, end)
        assigned = [at for at in places if tokens.text(at) in _ASSIGNING]
        value = None
        if len(assigned) == 1 and tokens.text(assigned[0]) == "=":
            value = self._value(tokens, assigned[0] + 1, end)
        self._calls(tokens, start, end)
        if assigned:
            self._targets(tokens, start, assigned[-1])
            if assigned[0] == start + 1 and tokens.kind(start) == "name":
                self._frames[tokens.text(start)] = value
        self._names_bound_inside(tokens, start, end)

    def _value(self, tokens: Tokens, start: int, end: int) -> Frame | None:
        """The frame that a statement assigns, if it is a chain that keeps columns."""
        return frame_at(tokens, start, end, self.frame) if chain_start(tokens, end) == start else None

    def _targets(self, tokens: Tokens, start: int, end: int) -> None:
        """What stands left of an assignment: plain names are somebody else now, subscripts make columns."""
        for at in flat(tokens, start, end):
            following = tokens.text(at + 1) if at + 1 < end else ""
            if tokens.kind(at) == "name" and tokens.text(at - 1) != ".":
                if following == "." and tokens.text(at + 2) not in ("loc", "iloc", "at", "iat"):
                    self._forget(tokens.text(at))  # `df.columns = ...`
                elif following not in (".", "["):
                    self._forget(tokens.text(at))
            if tokens.text(at) == "[" and tokens.partner.get(at, -1) > at:
                self._key_set(tokens, at, start)

    def _key_set(self, tokens: Tokens, opener: int, start: int) -> None:
        """A subscript that is assigned to: its last part names columns, or nobody knows which."""
        owner = chain_start(tokens, opener)
        parts = split(tokens, opener, tokens.partner[opener])
        indexer = tokens.text(opener - 1)
        if indexer in ("iloc", "iat") or (indexer in ("loc", "at") and len(parts) < 2) or not parts:
            return
        inside = tokens.items[parts[-1][0] : parts[-1][1]]
        keys = {token.text for token in inside if token.kind == "string" and token.quote in ("'", '"')}
        self._added |= keys
        if not keys and owner is not None and owner >= start:
            self._forget(tokens.text(owner))

    def _calls(self, tokens: Tokens, start: int, end: int) -> None:
        """Calls that change a frame in place, and functions that are handed one and may."""
        for at in range(start, end):
            if tokens.text(at) != "(" or tokens.kind(at - 1) != "name":
                continue
            name, closer = tokens.text(at - 1), tokens.partner.get(at, end)
            inside = range(at + 1, min(closer, end))
            if tokens.text(at - 2) == ".":
                owner = chain_start(tokens, at - 2)
                if name == "insert":
                    self._added |= {tokens.items[place].text for place in inside if tokens.kind(place) == "string"}
                elif name in _IN_PLACE and owner is not None and "inplace" in {tokens.text(p) for p in inside}:
                    self._forget(tokens.text(owner))
            elif name in _RUNNING:
                self._is_lost = True
            elif name not in _HARMLESS and tokens.text(at - 2) not in ("def", "class"):
                for place in inside:
                    if tokens.text(place + 1) in (",", ")") and tokens.text(place - 1) != ".":
                        self._forget(tokens.text(place))

    def _names_bound_inside(self, tokens: Tokens, start: int, end: int) -> None:
        """Names that a statement binds with a keyword, a colon and an equals sign, or a parameter list."""
        for at in range(start, end):
            word = tokens.text(at)
            if word in _NAMING or word == "lambda":
                for place in range(at + 1, end):
                    if tokens.text(place) in ("in", ":", "as"):
                        break
                    if tokens.kind(place) == "name":
                        self._forget(tokens.text(place))
            elif word == ":=":
                self._forget(tokens.text(at - 1))

    def _forget(self, name: str) -> None:
        if name in self._frames:
            self._frames[name] = None
