"""Runs one program in a process that was forked for it, and tells the server how it went."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypedDict

from jupyter_starcoder.evaluation.inside import guard
from jupyter_starcoder.evaluation.inside.seal import Contents, Seal, Tampered

MB = 1024 * 1024
LARGEST_FILE_BYTES = 64 * MB
MOST_FILES = 256
MESSAGE_CHARACTERS = 500


class Order(TypedDict):
    """One program to be run, as it comes over the pipe."""

    id: int
    kind: str  # "python", "context", "command"
    setup: str  # code in front of the answer
    answer: str
    checks: str  # code behind it
    command: list[str]  # the interpreter of a "command", which reads its program from standard input
    ending: str  # what a "command" prints when it came to its end
    limit_s: float
    memory_mb: int


class Report(TypedDict):
    """How it went."""

    outcome: str  # "passed", "failed", "tampered"
    message: str


def execute(order: Order, folder: Path, verdict: int, password: bytes, *, is_guarded: bool) -> NoReturn:
    """Runs the program in this process, writes the report to the pipe `verdict`, and ends the process.

    Args:
        order: the program.
        folder: the only place where it may write.
        verdict: the pipe.
        password: stands in front of the report.
        is_guarded: the system gives no sandbox, so Python refuses what it would refuse.
    """
    write, end, dumps = os.write, os._exit, json.dumps  # as they are now: the answer may exchange them
    report: Report = {"outcome": "failed", "message": "it never ran"}
    try:
        _settle(folder, verdict, limit_s=order["limit_s"])
        if is_guarded:
            guard.install(folder)
        KINDS[order["kind"]](order)
        report = {"outcome": "passed", "message": ""}
    except Tampered as error:
        report = {"outcome": "tampered", "message": str(error)}
    except BaseException as error:  # noqa: BLE001 - whatever an answer raises, SystemExit too, is its failure
        report = {"outcome": "failed", "message": _told(error)}
    finally:
        write(verdict, password + dumps(report).encode() + b"\n")
        # Not sys.exit: nothing that the answer has registered runs any more.
        end(0)


def _settle(folder: Path, verdict: int, *, limit_s: float) -> None:
    """Makes this process a session of its own, in its folder, with no file but the pipe, and with limits."""
    os.setsid()
    os.chdir(folder)
    os.environ |= {"HOME": str(folder), "TMPDIR": str(folder), "PWD": str(folder)}
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, verdict)
    os.closerange(verdict + 1, MOST_FILES)
    whole_s = int(limit_s) + 1
    for limit, value in (
        (resource.RLIMIT_CPU, whole_s * (os.cpu_count() or 1)),
        (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MOST_FILES),
    ):
        _lower(limit, value)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _lower(limit: int, value: int) -> None:
    """Sets a limit, within what this process may have."""
    _, most = resource.getrlimit(limit)
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(limit, (value, value))


def _python(order: Order) -> None:
    """The answer as a module of its own, then the checks among its names."""
    names: Contents = {}
    seal = Seal(names)
    exec(compile(order["setup"] + order["answer"], "<answer>", "exec"), names)  # noqa: S102 - what this is for
    seal.verify()
    exec(compile(order["checks"], "<checks>", "exec"), names)  # noqa: S102
    seal.verify()


def _context(order: Order) -> None:
    """A program that judges a text of code by itself, as DS-1000's `code_context`."""
    names: Contents = {}
    exec(compile(order["setup"], "<checks>", "exec"), names)  # noqa: S102
    tests = [names[name] for name in ("test_execution", "test_string") if name in names]
    seal: Seal

    def executed(code: str, namespace: Contents) -> None:
        """`exec` as the program sees it: what has exchanged the judges never comes back to them."""
        exec(code, namespace)  # noqa: S102
        seal.verify()

    names["exec"] = executed
    seal = Seal(names)
    for test in tests:
        assert callable(test)  # noqa: S101 - the data set's own program
        test(order["answer"])
    seal.verify()


def _command(order: Order) -> None:
    """A program in another language; it passes when it came to its end without an error."""
    done = subprocess.run(  # noqa: S603 - the interpreter was looked up outside
        order["command"],
        input=(order["setup"] + order["answer"] + order["checks"]).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    printed = done.stdout.decode(errors="replace")
    if done.returncode or order["ending"] not in printed:
        raise RuntimeError(f"status {done.returncode}: {printed[-MESSAGE_CHARACTERS:]}")


KINDS: dict[str, Callable[[Order], None]] = {"python": _python, "context": _context, "command": _command}


def _told(error: BaseException) -> str:
    """The error in a line. Its text is asked for in the sandbox still, under its limits."""
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - an error whose text cannot be had is still an error
        text = ""
    name = type(error).__name__
    return f"{name}: {text}"[:MESSAGE_CHARACTERS] if text else name


def forget_modules() -> None:
    """Takes this package's modules out of the answer's reach."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "jupyter_starcoder"]:
        del sys.modules[name]
