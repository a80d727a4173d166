"""Cuts half-written Python into tokens. It never fails: what it does not know is a sign of one character."""

import re
from dataclasses import dataclass
from keyword import kwlist
from typing import Literal, NamedTuple

Kind = Literal["name", "keyword", "number", "string", "open string", "sign", "end"]

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}
_KEYWORDS = frozenset(kwlist)

# One alternative a kind; what opens a string is looked at by `_string`.
_TOKEN = re.compile(
    r"""(?P<skipped>(?:[ \t\f\r]|\\\r?\n|\#[^\n]*)+)
      | (?P<line>\n)
      | (?P<string>[rRbBuUfFtT]{0,2}(?:\"{3}|'{3}|"|'))
      | (?P<word>[^\W\d]\w*)
      | (?P<number>\.?\d(?:[eE][+-]?|[\w.])*)
      | (?P<sign>\*\*=?|//=?|>>=?|<<=?|->|:=|\.\.\.|[-+*/%&|^@=!<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_MAGIC = re.compile(r"[ \t]*[%!?][^\n]*")
# What stands between the quotes, up to the closing one, the end of the line or the end of the text.
_BODIES = {
    quote: re.compile(rf"(?:[^\\{quote[0]}{'' if long else chr(92) + 'n'}]|\\(?:.|\Z){rest})*+", re.DOTALL)
    for quote, long, rest in (
        ('"', False, ""),
        ("'", False, ""),
        ('"""', True, '|"(?!"")'),
        ("'''", True, "|'(?!'')"),
    )
}


class Token(NamedTuple):
    """One token; `kind` "end" ends a statement, and an open string is the last token of its text."""

    kind: Kind
    text: str  # of a string what stands between its quotes, as it is spelled
    quote: str = ""  # of a string, with its prefix
    indent: int = -1  # of the first token of a line outside brackets: the column where it begins


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text and its brackets."""

    items: list[Token]
    partner: dict[int, int]  # between the places of brackets that belong together, both ways
    open: list[int]  # places of brackets that are not closed, the innermost last

    def text(self, at: int) -> str:
        """A sign, name or keyword at a place; empty for strings and outside."""
        if not 0 <= at < len(self.items) or self.items[at].kind in ("string", "open string"):
            return ""
        return self.items[at].text

    def kind(self, at: int) -> Kind:
        """The kind of the token at a place; "end" outside."""
        return self.items[at].kind if 0 <= at < len(self.items) else "end"


def scan(text: str) -> Tokens:
    """The tokens of a text that may end anywhere."""
    items: list[Token] = []
    partner: dict[int, int] = {}
    stack: list[int] = []
    place, size = 0, len(text)
    line = 0  # where the line began, as long as nothing but space was seen of it; -1 then
    while place < size:
        if line == place and not stack and (magic := _MAGIC.match(text, place)):
            place, line = magic.end(), -1
            continue
        found = _TOKEN.match(text, place)
        if found is None:  # cannot be: its last alternative takes any character
            break
        kind, began, place = found.lastgroup, place, found.end()
        if kind == "skipped":
            continue
        if kind == "line":
            line = place
            if not stack and items and items[-1].kind != "end":
                items.append(Token("end", "\n"))
            continue
        indent = began - line if line >= 0 and not stack else -1
        line = -1
        word = found[0]
        if kind == "string":
            token, place = _string(text, word, place, indent)
        else:
            token = _token(kind, word, indent)
        if kind == "sign" and word in "()[]{}":
            _match(word, len(items), items, stack, partner)
        items.append(token)
    return Tokens(items, partner, stack)


def _token(kind: str | None, word: str, indent: int) -> Token:
    if kind == "word":
        return Token("keyword" if word in _KEYWORDS else "name", word, "", indent)
    if kind == "number":
        return Token("number", word, "", indent)
    return Token("end" if word == ";" else "sign", word, "", indent)


def _string(text: str, opening: str, place: int, indent: int) -> tuple[Token, int]:
    """The string whose first character stands at a place, and where it ends."""
    mark = opening.lstrip("rRbBuUfFtT")
    body = _BODIES[mark].match(text, place)
    end = body.end() if body else place
    content = text[place:end]
    if end == len(text) or (len(mark) == 3 and not text.startswith(mark, end)):
        return Token("open string", content, opening, indent), len(text)
    return Token("string", content, opening, indent), end + len(mark) if text.startswith(mark, end) else end


def _match(sign: str, at: int, items: list[Token], stack: list[int], partner: dict[int, int]) -> None:
    """Notes an opening bracket, or closes the one that a closing bracket belongs to."""
    if sign in OPENERS:
        stack.append(at)
    elif sign in CLOSERS and stack and items[stack[-1]].text == CLOSERS[sign]:
        partner[at] = stack[-1]
        partner[stack.pop()] = at
