"""The engine's process: `python -m jupyter_starcoder.engine.host`.

It reads a `HostOrder` from its standard input (so that the token stands on no command line), loads the model, reports
on its standard output how that goes, and then serves connections until its standard input closes, which also happens
when its parent dies in whatever way. It logs nothing: it never holds more than token ids, and these are a user's.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from jupyter_starcoder.engine.address import LOOPBACK
from jupyter_starcoder.engine.connection import Connection
from jupyter_starcoder.engine.frames import ORDER, HostOrder, LoadFailed, Loading, Ready, Report, pack, read_frame_now
from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.protocol import Engine
from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.values.model import Progress

END_S = 2.0  # to close in good order once the parent is gone
FIRST_TO_GO = "500"  # of 1000: when memory runs out the system ends this process before anybody's kernel


class Host:
    """Serves one engine to whoever knows the token."""

    def __init__(self, engine: Engine, token: str) -> None:
        self._engine = engine
        self._token = token
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def listen(self, socket_path: str) -> int:
        """Starts to listen; gives the port, 0 for a socket file."""
        if socket_path:
            self._server = await asyncio.start_unix_server(self._connected, socket_path)
            return 0
        self._server = await asyncio.start_server(self._connected, LOOPBACK, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Ends all connections and the engine."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._engine.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(Connection(self._engine, reader, writer).serve(self._token))
        self._connections.add(serving)
        serving.add_done_callback(self._connections.discard)


def open_local(order: HostOrder) -> Engine:
    """The engine that an order asks for."""
    return LocalEngine(Path(order.folder), order.settings)


def main(open_engine: Callable[[HostOrder], Engine] = open_local) -> int:
    """Runs a host until its standard input closes; gives the exit status."""
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # native libraries that print must not get between the reports
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the server, which then closes us
    offer_to_memory_killer()
    order = read_frame_now(sys.stdin.buffer, ORDER)
    if order is None:
        return 2
    try:
        return asyncio.run(serve(order, open_engine, reports))
    finally:
        remove_socket(order.socket_path)


async def serve(order: HostOrder, open_engine: Callable[[HostOrder], Engine], reports: BinaryIO) -> int:
    """Loads, listens, and waits for the end; gives the exit status."""
    parent_gone = watch_parent(order.socket_path)
    tell(reports, Loading(Progress(step="loading the model")))
    try:
        engine = await asyncio.to_thread(open_engine, order)
    except StarcoderError as error:
        tell(reports, LoadFailed(error.code, error.message))
        return 1
    except MemoryError:
        tell(reports, LoadFailed("engine_error", "there is not enough memory for this model: choose a smaller one"))
        return 1
    host = Host(engine, order.token)
    try:
        port = await host.listen(order.socket_path)
        tell(reports, Ready(port))
        await parent_gone.wait()
    finally:
        await host.close()
    return 0


def watch_parent(socket_path: str) -> asyncio.Event:
    """An event that is set once standard input has closed. Should the process not end then, it is made to."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()

    def watch() -> None:
        while os.read(0, 4096):
            pass
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(gone.set)
        threading.Event().wait(END_S)
        remove_socket(socket_path)
        os._exit(0)

    threading.Thread(target=watch, name="starcoder-parent", daemon=True).start()
    return gone


def tell(reports: BinaryIO, report: Report) -> None:
    """Writes a report; a parent that is gone does not hear it."""
    with contextlib.suppress(BrokenPipeError):
        reports.write(pack(report))


def remove_socket(path: str) -> None:
    """Removes the socket and its directory: the parent does so too, unless it was killed."""
    if path:
        with contextlib.suppress(OSError):
            Path(path).unlink(missing_ok=True)
            Path(path).parent.rmdir()


def offer_to_memory_killer() -> None:
    """Asks Linux to end this process first when memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
