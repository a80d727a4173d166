"""A process that has imported the libraries once and is forked for each program.

It reads an order a line from standard input and writes a line about it to standard output.
"""

import importlib
import json
import os
import platform
import secrets
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypedDict

from jupyter_starcoder.evaluation.inside import tree
from jupyter_starcoder.evaluation.inside.execution import Order, execute, forget_modules
from jupyter_starcoder.evaluation.inside.stand_ins import replace_downloads

LOOK_EVERY_S = 0.05
MOST_DESCENDANTS = 64
MOST_THREADS = 512  # TensorFlow starts them by the dozen
MOST_REPORT_BYTES = 65536
MB = 1024 * 1024


class Facts(TypedDict):
    """What the server says of itself when it is ready."""

    python: str
    versions: dict[str, str]
    missing: dict[str, str]  # modules that could not be imported, and why
    seconds: float


class Reply(TypedDict):
    """How a program went."""

    id: int
    outcome: str  # "passed", "failed", "tampered", "timeout", "crashed", "limit"
    message: str
    seconds: float


def main(folder: str, modules: str, is_guarded: str) -> None:
    """Serves until standard input ends.

    Args:
        folder: where each program gets a folder of its own.
        modules: names to import first, with commas between.
        is_guarded: "1" where the system gives no sandbox.
    """
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints when it is imported is no reply
    tree.adopt_orphans()
    tree.hide_from_children()
    started_s = time.monotonic()
    versions, missing = _imported([name for name in modules.split(",") if name])
    replace_downloads()
    facts: Facts = {
        "python": platform.python_version(),
        "versions": versions,
        "missing": missing,
        "seconds": time.monotonic() - started_s,
    }
    _tell(replies, facts)
    forget_modules()
    for line in sys.stdin.buffer:
        order: Order = json.loads(line)
        _tell(replies, _run(order, Path(folder), is_guarded=is_guarded == "1"))


def _tell(replies: BinaryIO, message: Facts | Reply) -> None:
    replies.write(json.dumps(message).encode() + b"\n")
    replies.flush()


def _imported(modules: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    versions: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name in modules:
        try:
            module = importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - a library that is broken here may raise anything
            missing[name] = f"{type(error).__name__}: {error}"
        else:
            root = sys.modules[name.partition(".")[0]]
            versions[root.__name__] = str(getattr(root, "__version__", getattr(module, "__version__", "")))
    return versions, missing


def _run(order: Order, work: Path, *, is_guarded: bool) -> Reply:
    """Forks for one program, and ends all that it has left."""
    folder = work / str(order["id"])
    folder.mkdir(parents=True)
    reading, writing = os.pipe()
    password = secrets.token_bytes(16)  # a report without it was not written by us
    started_s = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        execute(order, folder, writing, password, is_guarded=is_guarded)
    os.close(writing)
    try:
        outcome, message = _watched(order, reading, password, started_s)
    finally:
        os.close(reading)
        tree.end_all(child)
        shutil.rmtree(folder, ignore_errors=True)
    return {"id": order["id"], "outcome": outcome, "message": message, "seconds": time.monotonic() - started_s}


def _watched(order: Order, reading: int, password: bytes, started_s: float) -> tuple[str, str]:
    """What the child reports, or the limit that it went over."""
    data = b""
    while time.monotonic() - started_s < order["limit_s"]:
        if select.select([reading], [], [], LOOK_EVERY_S)[0]:
            piece = os.read(reading, MOST_REPORT_BYTES)
            data += piece
            if not piece or len(data) > MOST_REPORT_BYTES or data.endswith(b"\n"):
                return _judged(data, password)
        else:
            below = tree.descendants()
            if len(below) > MOST_DESCENDANTS:
                return "limit", f"more than {MOST_DESCENDANTS} processes"
            if tree.threads(below) > MOST_THREADS:
                return "limit", f"more than {MOST_THREADS} threads"
            if tree.memory_bytes(below) > order["memory_mb"] * MB:
                return "limit", f"more than {order['memory_mb']} MB of memory"
    return "timeout", f"not done after {order['limit_s']:g} s"


def _judged(data: bytes, password: bytes) -> tuple[str, str]:
    if not data.startswith(password):
        return "crashed", "it ended without a report"
    report = json.loads(data.removeprefix(password))
    return report["outcome"], report["message"]


def ignore_interrupts() -> None:
    """Leaves Ctrl-C to the command, which then ends this process."""
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
