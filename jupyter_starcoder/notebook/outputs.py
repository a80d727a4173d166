"""Outputs of a cell as plain text, and short."""

import re
from collections.abc import Sequence
from dataclasses import replace

from jupyter_starcoder.values.notebook import Output

CUT = "[...]"  # where text was taken out; StarCoder was trained on this spelling

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movements (ECMA-48 control sequences)
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles and links (operating system commands)
    r"|\x1b[@-Z\\^_]"
)
_TRACEBACK_LINES = 12  # the lines that name the failing statement, at the end of a traceback


def plain(text: str) -> str:
    """Terminal output as a person saw it last: no colours, and progress bars in their last state."""
    text = _ESCAPES.sub("", text).replace("\r\n", "\n")
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def error_text(name: str, value: str, traceback: Sequence[str]) -> str:
    """The end of a traceback, closed by the error's name and value."""
    lines = [line for line in plain("\n".join(traceback)).splitlines() if line.strip()]
    verdict = plain(f"{name}: {value}" if value else name).strip()
    if verdict in lines[-1:]:
        lines.pop()
    return "\n".join([*lines[-_TRACEBACK_LINES:], verdict])


def shorten(outputs: Sequence[Output], limit_chars: int) -> tuple[Output, ...]:
    """The outputs with at most `limit_chars` code points in all, beside the marks where something was cut.

    Streams and results are cut at their end, as the notebooks were that StarCoder learned from; an error is cut in
    its middle, since it begins with the failing line and ends with its name. An error gets half of the room, or
    more where the others need less. Outputs without text are left out.
    """
    full = [output for output in outputs if output.text and not output.text.isspace()]
    wanted = sum(len(output.text) for output in full if output.kind == "error")
    room_for_errors = min(wanted, max(limit_chars // 2, limit_chars - sum(len(o.text) for o in full) + wanted))
    rooms = {"error": room_for_errors, "other": limit_chars - room_for_errors}
    short: list[Output] = []
    for output in full:
        lane = "error" if output.kind == "error" else "other"
        if rooms[lane] > 0:
            short.append(replace(output, text=_cut(output, rooms[lane])))
        rooms[lane] -= len(output.text)
    return tuple(short)


def _cut(output: Output, limit_chars: int) -> str:
    text = output.text
    if len(text) <= limit_chars:
        return text
    if output.kind != "error":
        return text[:limit_chars] + CUT
    head = limit_chars // 2
    return text[:head] + CUT + text[len(text) - (limit_chars - head) :]
