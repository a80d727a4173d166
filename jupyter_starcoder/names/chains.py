"""What a chain such as `df[df.x > 3].groupby("a")` is worth: which columns code behind it can name."""

from collections.abc import Callable
from itertools import pairwise

from jupyter_starcoder.names.frames import Frame
from jupyter_starcoder.names.lexer import Tokens

FrameOf = Callable[[str], Frame | None]  # by the name of a variable

_COMPARING = frozenset({"<", ">", "<=", ">=", "==", "!=", "&", "|", "~"})
_ASKING = frozenset({"isin", "isna", "isnull", "notna", "notnull", "between", "duplicated", "contains", "startswith"})
_CLOSING = frozenset({")", "]"})


def chain_start(tokens: Tokens, end: int) -> int | None:
    """Where the chain that ends before place `end` begins: at a name. None where it begins otherwise."""
    at = end - 1
    while at >= 0:
        if tokens.text(at) in _CLOSING:
            opener = tokens.partner.get(at)
            if opener is None or not (tokens.kind(opener - 1) == "name" or tokens.text(opener - 1) in _CLOSING):
                return None
            at = opener - 1
        elif tokens.kind(at) != "name":
            return None
        elif tokens.text(at - 1) == ".":
            at -= 2
        else:
            return at
    return None


def frame_at(tokens: Tokens, start: int, end: int, frame_of: FrameOf) -> Frame | None:
    """The frame that the tokens from `start` to before `end` are worth; None where that is not known."""
    frame = frame_of(tokens.text(start)) if tokens.kind(start) == "name" else None
    at = start + 1
    while frame is not None and at < end:
        closer = tokens.partner.get(at, -1)
        if tokens.text(at) == "[" and closer > at:
            frame = _selected(tokens, at, closer, frame)
            at = closer + 1
        elif tokens.text(at) == "." and tokens.kind(at + 1) == "name":
            name, closer = tokens.text(at + 1), tokens.partner.get(at + 2, -1)
            if tokens.text(at + 2) == "(" and at + 2 < end and closer > at:
                frame = frame.after(name, "".join(token.text for token in tokens.items[at + 3 : closer]))
                at = closer + 1
            else:
                frame = _member(name, frame)
                at += 2
        else:
            return None
    return frame


def _member(name: str, frame: Frame) -> Frame | None:
    """What stands behind a dot without a call."""
    if frame.form == "frame" and frame.family == "pandas" and name in ("loc", "iloc"):
        return Frame(frame.owner, frame.family, frame.keys, frame.index, form="rows")
    return None


def _selected(tokens: Tokens, opener: int, closer: int, frame: Frame) -> Frame | None:
    """What a subscript leaves: a mask, a slice or a list of columns leave a frame, one column does not."""
    parts = split(tokens, opener, closer)
    if frame.form == "grouped" or not parts:
        return None
    whole = Frame(frame.owner, frame.family, frame.keys, frame.index, frame.members, frame.has_times)
    if frame.form == "rows":
        if not _keeps_rows(tokens, *parts[0]):
            return None
        return whole if len(parts) == 1 else _columns(tokens, *parts[1], whole)
    if len(parts) > 1:
        return None
    return _columns(tokens, *parts[0], whole) or (whole if _keeps_rows(tokens, *parts[0]) else None)


def _keeps_rows(tokens: Tokens, start: int, end: int) -> bool:
    """Whether code between brackets takes several rows: a slice, or a mask."""
    signs = {tokens.text(at) for at in flat(tokens, start, end)}
    if ":" in signs or signs & _COMPARING:
        return True
    is_call = tokens.text(end - 1) == ")" and end - 1 in tokens.partner
    return is_call and tokens.text(tokens.partner[end - 1] - 1) in _ASKING


def _columns(tokens: Tokens, start: int, end: int, frame: Frame) -> Frame | None:
    """What a list of columns or a slice of them leaves of a frame."""
    if ":" in {tokens.text(at) for at in flat(tokens, start, end)}:
        return frame
    if tokens.text(start) != "[" or tokens.partner.get(start) != end - 1:
        return None
    parts = split(tokens, start, end - 1)
    is_plain = all(last - first == 1 and tokens.kind(first) == "string" for first, last in parts)
    if not is_plain:
        return frame  # fewer than all, whichever they are
    return frame.with_keys(frozenset(tokens.items[first].text for first, _ in parts))


def split(tokens: Tokens, opener: int, closer: int) -> list[tuple[int, int]]:
    """The parts between two brackets, cut at commas: first place and the one behind the last."""
    commas = [at for at in flat(tokens, opener + 1, closer) if tokens.text(at) == ","]
    edges = [opener, *commas, closer]
    return [(left + 1, right) for left, right in pairwise(edges) if right > left + 1]


def flat(tokens: Tokens, start: int, end: int) -> list[int]:
    """The places from `start` to before `end` that stand in no inner brackets; opening brackets are among them."""
    places: list[int] = []
    at = start
    while at < end:
        places.append(at)
        partner = tokens.partner.get(at, -1)
        at = partner + 1 if partner > at else at + 1
    return places
