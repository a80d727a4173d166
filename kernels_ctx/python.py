"""Takes the snapshot of a Python kernel, whatever is or is not installed in its environment."""

import ast
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kernels_ctx.channel import KernelChannel
from kernels_ctx.errors import ProbeFailed
from kernels_ctx.snapshot import Column, KernelSnapshot, Kind, Variable

KINDS: dict[str, Kind] = {
    "DataFrame": "frame",
    "Series": "series",
    "ndarray": "array",
    "function": "function",
    "class": "class",
    "module": "module",
    "dict": "container",
    "list": "container",
}
PROBE_FILE = Path(__file__).with_name("python_probe.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the probe may cost inside the kernel."""

    probe_s: float = 0.05
    columns: int = 60
    variables: int = 300


async def snapshot(channel: KernelChannel, timeout_s: float, limits: Limits | None = None) -> KernelSnapshot:
    """What the kernel behind `channel` holds now; empty for a language that has no probe.

    Raises:
        KernelSilent: no answer within `timeout_s`.
        ProbeFailed: the answer is no snapshot.
    """
    if channel.language != "python":
        return KernelSnapshot(language=channel.language, variables=())
    answer = await channel.ask(probe_expression(limits or Limits()), timeout_s)
    try:
        data = json.loads(ast.literal_eval(answer))
        variables = tuple(_variable(entry) for entry in data["variables"])
        return KernelSnapshot(language="python", variables=variables, is_cut=data["is_cut"])
    except (ValueError, SyntaxError, KeyError, TypeError) as error:
        raise ProbeFailed(f"the kernel's answer is no snapshot ({type(error).__name__})") from error


def probe_expression(limits: Limits) -> str:
    """One expression that runs the probe and is worth its JSON. It binds no name in the kernel."""
    call = f"g['probe'](globals(), {limits.probe_s}, {limits.columns}, {limits.variables})"
    return f"(lambda g: (exec({_probe_source()!r}, g), {call})[1])({{}})"


@cache
def _probe_source() -> str:
    return PROBE_FILE.read_text(encoding="utf-8")


def _variable(entry: dict[str, object]) -> Variable:
    columns = entry.get("columns", [])
    shape = entry.get("shape", [])
    count = entry.get("column_count", 0)
    if not isinstance(columns, list) or not isinstance(shape, list) or not isinstance(count, int):
        raise TypeError("a field of a variable has the wrong type")
    return Variable(
        name=str(entry["name"]),
        type_name=str(entry["type"]),
        kind=KINDS.get(str(entry["type"]), "value"),
        detail=str(entry.get("detail", "")),
        shape=tuple(int(size) for size in shape),
        columns=tuple(Column(name=str(name), dtype=str(dtype)) for name, dtype in columns),
        column_count=count,
    )
