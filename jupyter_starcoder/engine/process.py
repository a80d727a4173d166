"""One engine process: started, reported on, ended for sure."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from jupyter_starcoder.engine.address import Address, SocketFolder
from jupyter_starcoder.engine.client import EngineClient
from jupyter_starcoder.engine.frames import REPORT, HostOrder, Loading, Ready, pack, read_frame
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import EngineDied, from_code
from jupyter_starcoder.values.model import Progress

# -P: what lies in the directory where the server was started (a user's `random.py`) is not imported.
COMMAND = (sys.executable, "-P", "-m", "jupyter_starcoder.engine.host")
TOKEN_BYTES = 32
CLOSING_S = 3.0  # to end in good order, before it is killed
LAST_WORDS = 20  # lines of standard error that are kept, for the message when it cannot be started


class EngineProcess:
    """A host that serves one model, and the connection to it."""

    def __init__(self, process: asyncio.subprocess.Process, folder: SocketFolder) -> None:
        self._process = process
        self._folder = folder
        self._words: deque[str] = deque(maxlen=LAST_WORDS)
        self._listening = asyncio.create_task(self._listen())
        self._ending: asyncio.Task[None] | None = None
        self.client: EngineClient | None = None

    @classmethod
    async def start(
        cls,
        folder: Path,
        settings: EngineSettings,
        progress: Callable[[Progress], None],
        command: Sequence[str] = COMMAND,
    ) -> "EngineProcess":
        """A process whose model is loaded, connected.

        Raises:
            StarcoderError: what the host says is wrong with the model or the installation.
            EngineDied: it ended without a word.
        """
        sockets = SocketFolder()
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Of its own session: Ctrl-C in the terminal of the server must not end it while the server asks back.
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            sockets.close()
            raise EngineDied(f"the engine's process could not be started ({error})") from error
        started = cls(process, sockets)
        token = secrets.token_hex(TOKEN_BYTES)
        order = HostOrder(token=token, folder=str(folder), settings=settings, socket_path=sockets.path)
        try:
            await started._greet(order, progress)
        except BaseException:  # also when the start is cancelled: no process is left behind
            await started.close()
            raise
        return started

    @property
    def process_id(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended yet, as far as is known."""
        return self._process.returncode is None

    async def how_it_ended(self) -> str:
        """What ended it, once its connection is gone; "" where it still lives."""
        try:
            async with asyncio.timeout(CLOSING_S):
                code = await self._process.wait()
        except TimeoutError:
            return ""
        return ending(code)

    async def close(self) -> None:
        """Ends it, in good order if it can. It is gone afterwards, and its memory with it.

        Whoever waits here may be cancelled: it is ended all the same.
        """
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        if self.client is not None:
            await self.client.close()
        stdin = self._process.stdin
        if stdin is not None:
            stdin.close()  # the host takes this for the end
        try:
            async with asyncio.timeout(CLOSING_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._listening
        self._folder.close()

    async def _greet(self, order: HostOrder, progress: Callable[[Progress], None]) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EngineDied("the engine's process has no pipes")
        stdin.write(pack(order))
        report = await read_frame(stdout, REPORT)
        while isinstance(report, Loading):
            progress(report.progress)
            report = await read_frame(stdout, REPORT)
        if report is None:
            how = await self.how_it_ended()
            await asyncio.wait([self._listening], timeout=CLOSING_S)
            said = self._words[-1] if self._words else "it said nothing"
            raise EngineDied(f"the engine's process {how or 'went silent'} while it loaded the model ({said})")
        if not isinstance(report, Ready):
            raise from_code(report.code, report.message)
        self.client = await EngineClient.connect(Address(path=order.socket_path, port=report.port), order.token)

    async def _listen(self) -> None:
        """Reads standard error to its end, so that the process never waits for us; keeps the last lines."""
        stderr = self._process.stderr
        while stderr is not None and (chunk := await stderr.read(65536)):
            self._words.extend(line for line in chunk.decode(errors="replace").splitlines() if line.strip())


def ending(code: int) -> str:
    """What an exit status says, in words."""
    if code >= 0:
        return f"ended with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name == "SIGKILL":
        return "was killed (SIGKILL; the system does this when memory runs out)"
    return f"was ended by {name}"
