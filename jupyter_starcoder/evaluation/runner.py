"""Runs programs in the sandbox: the other end of `inside/server.py`."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import msgspec

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.inside.server import Facts, Reply
from jupyter_starcoder.evaluation.inside.stand_ins import write_tables
from jupyter_starcoder.evaluation.problem import Outcome, Program, Verdict
from jupyter_starcoder.evaluation.sandbox import Sandbox, choose

START_S = 300.0  # importing TensorFlow from a cold disk takes a minute
GRACE_S = 15.0  # until a server that says nothing is given up
MEMORY_MB = 4096
PACKAGES = Path(__file__).parents[2]

# The package is taken out of the path again, so that the libraries around it are not found.
_BOOT = """
import sys
sys.path.insert(0, sys.argv[1])
from jupyter_starcoder.evaluation.inside import server
sys.path.remove(sys.argv[1])
sys.path[:] = filter(None, sys.path)  # nor what lies where a program runs
server.ignore_interrupts()
server.main(*sys.argv[2:])
"""
# One thread a program: they run beside a model, and results do not depend on the number of cores.
_SURROUNDINGS = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"),
    **{"MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"},
    **{"PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python to run programs with."""

    python: Path
    has_libraries: bool = False  # False: the standard library alone, whatever is installed beside it
    modules: tuple[str, ...] = ()  # imported once, before the first program


class Runner:
    """Runs one program after another. Close it, or use it in a `with`."""

    def __init__(self, interpreter: Interpreter, sandbox: Sandbox | None = None) -> None:
        """Starts the server.

        Args:
            interpreter: what runs the programs.
            sandbox: what locks them in; the best that works here when None.

        Raises:
            EvaluationError: the server does not start.
        """
        self.sandbox = sandbox or choose()
        self._interpreter = interpreter
        self._folder = tempfile.TemporaryDirectory(prefix="starcoder-eval-")
        self._count = 0
        self._in_use = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self.facts = self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """The process that holds the server, while there is one."""
        return self._server.pid if self._server else None

    def close(self) -> None:
        """Ends the server and everything below it; a program that another thread runs has crashed then."""
        self._kill()
        with self._in_use:  # that thread reads to the end of the pipe first: closed under it, it would wait for ever
            self._end()
        self._folder.cleanup()

    def run(self, program: Program, *, limit_s: float, memory_mb: int = MEMORY_MB) -> Verdict:
        """Runs a program to its end or to a limit; whatever it does, this comes back.

        Raises:
            EvaluationError: the server died and does not start again; or the program is in another language, and
                nothing here would hold it.
        """
        if program.kind == "command" and not self.sandbox.is_of_system:
            raise EvaluationError(f"{program.command[0]} would run without a sandbox: install bubblewrap")
        with self._in_use:
            return self._run(program, limit_s=limit_s, memory_mb=memory_mb)

    def _run(self, program: Program, *, limit_s: float, memory_mb: int) -> Verdict:
        if self._server is None:
            self._start()
        self._count += 1
        order = asdict(program) | {"id": self._count, "limit_s": limit_s, "memory_mb": memory_mb}
        started_s = time.monotonic()
        try:
            self._tell(order)
            line = self._line(limit_s + GRACE_S)
            reply = msgspec.json.decode(line, type=Reply)
        except (_ServerEnded, OSError, msgspec.DecodeError) as error:
            # The program has hurt its server: that ends this program, and a fresh server takes the next one.
            self._end()
            message = f"the sandbox's own process ended ({error})"
            return Verdict(outcome="crashed", message=message, seconds=time.monotonic() - started_s)
        return Verdict(
            outcome=cast("Outcome", reply["outcome"]), message=reply["message"], seconds=round(reply["seconds"], 3)
        )

    def _start(self) -> Facts:
        root = Path(self._folder.name)
        work, tables = root / "work", root / "tables"
        work.mkdir(exist_ok=True)
        write_tables(tables)
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        with (root / "errors").open("wb") as errors:
            self._server = subprocess.Popen(  # noqa: S603 - our own server
                self.sandbox.wrap(work, self._command(work)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=kept | _SURROUNDINGS | {"HOME": str(work), "TMPDIR": str(work), "SEABORN_DATA": str(tables)},
                start_new_session=True,
            )
        try:
            return msgspec.json.decode(self._line(START_S), type=Facts)
        except (_ServerEnded, msgspec.DecodeError) as error:
            self._end()
            said = (root / "errors").read_text(errors="replace").strip()[-800:]
            raise EvaluationError(
                f"programs cannot be run with {self._interpreter.python} in {self.sandbox.name} ({error}): {said}"
            ) from error

    def _command(self, work: Path) -> list[str]:
        # Not -I, which would leave out PYTHONHASHSEED: the surroundings are ours alone anyway.
        alone = ["-s", "-B"] if self._interpreter.has_libraries else ["-s", "-B", "-S"]
        modules = ",".join(self._interpreter.modules)
        guarded = "0" if self.sandbox.is_of_system else "1"
        return [str(self._interpreter.python), *alone, "-c", _BOOT, str(PACKAGES), str(work), modules, guarded]

    def _tell(self, order: dict[str, object]) -> None:
        assert self._server is not None  # noqa: S101 - started above
        assert self._server.stdin is not None  # noqa: S101
        self._server.stdin.write(json.dumps(order).encode() + b"\n")
        self._server.stdin.flush()

    def _line(self, patience_s: float) -> bytes:
        """The server's next line."""
        assert self._server is not None  # noqa: S101
        stream = self._server.stdout
        assert stream is not None  # noqa: S101
        ends_s = time.monotonic() + patience_s
        pieces = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while not pieces.endswith(b"\n"):
                if not selector.select(max(0.0, ends_s - time.monotonic())):
                    raise _ServerEnded(f"no word for {patience_s:g} s")
                piece = os.read(stream.fileno(), 65536)
                if not piece:
                    raise _ServerEnded("its pipe was closed")
                pieces += piece
        return pieces

    def _kill(self) -> None:
        if self._server is not None:
            with suppress(OSError):
                os.killpg(self._server.pid, signal.SIGKILL)

    def _end(self) -> None:
        self._kill()
        server, self._server = self._server, None
        if server is None:
            return
        for pipe in (server.stdin, server.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        server.wait()


class _ServerEnded(Exception):
    """The server is gone, or talks nonsense."""


def standard_library() -> Interpreter:
    """This Python without anything that was installed into it: neither the user's packages nor ours."""
    return Interpreter(python=Path(getattr(sys, "_base_executable", sys.executable)))
