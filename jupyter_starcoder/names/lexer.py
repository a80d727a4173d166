"""Cuts half-written Python into tokens. It never fails: what it does not know is a sign of one character."""

import re
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal, NamedTuple

Kind = Literal["name", "keyword", "number", "string", "open string", "sign", "end"]

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}

_SKIPPED = re.compile(r"(?:[ \t\f\r]|\\\r?\n|#[^\n]*)+")
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"\.?\d(?:[eE][+-]?|[\w.])*")
_QUOTE = re.compile(r"([rRbBuUfFtT]{0,2})(\"\"\"|'''|\"|')")
_SIGN = re.compile(r"\*\*=?|//=?|>>=?|<<=?|->|:=|\.\.\.|[-+*/%&|^@=!<>]=|.", re.DOTALL)
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
    place, is_line_start, size = 0, True, len(text)
    line = 0  # where the line began
    while place < size:
        if is_line_start and not stack and (magic := _MAGIC.match(text, place)):
            place = magic.end()
            is_line_start = False
            continue
        if skipped := _SKIPPED.match(text, place):
            place = skipped.end()
            continue
        if text[place] == "\n":
            place += 1
            line, is_line_start = place, True
            if not stack and items and items[-1].kind != "end":
                items.append(Token("end", "\n"))
            continue
        indent = place - line if is_line_start and not stack else -1
        is_line_start = False
        token, place = _token(text, place, indent)
        if token.kind == "sign":
            _match(token.text, len(items), items, stack, partner)
        items.append(token)
    return Tokens(items, partner, stack)


def _token(text: str, place: int, indent: int) -> tuple[Token, int]:
    """The token at a place that holds no space, and where it ends."""
    if quote := _QUOTE.match(text, place):
        mark = quote[2]
        body = _BODIES[mark].match(text, quote.end())
        end = body.end() if body else quote.end()
        content = text[quote.end() : end]
        if end == len(text) or (len(mark) == 3 and not text.startswith(mark, end)):
            return Token("open string", content, quote[0], indent), len(text)
        return Token("string", content, quote[0], indent), end + len(mark) if text.startswith(mark, end) else end
    if word := _WORD.match(text, place):
        kind: Kind = "keyword" if iskeyword(word[0]) else "name"
        return Token(kind, word[0], "", indent), word.end()
    if number := _NUMBER.match(text, place):
        return Token("number", number[0], "", indent), number.end()
    sign = _SIGN.match(text, place)
    found = sign[0] if sign else text[place]
    return Token("end" if found == ";" else "sign", found, "", indent), place + len(found)


def _match(sign: str, at: int, items: list[Token], stack: list[int], partner: dict[int, int]) -> None:
    """Notes an opening bracket, or closes the one that a closing bracket belongs to."""
    if sign in OPENERS:
        stack.append(at)
    elif sign in CLOSERS and stack and items[stack[-1]].text == CLOSERS[sign]:
        partner[at] = stack[-1]
        partner[stack.pop()] = at
