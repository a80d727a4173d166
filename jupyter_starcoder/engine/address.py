"""Where an engine's process listens: a socket file in a directory of this user, or a port of this machine."""

import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

HAS_UNIX_SOCKETS = hasattr(socket, "AF_UNIX") and os.name == "posix"
LONGEST_PATH = 100  # bytes; Linux takes 107, macOS 103
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One of the two; the other is empty."""

    path: str = ""
    port: int = 0


class SocketFolder:
    """A fresh directory that only this user can open (0700), for one socket; gone when closed."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        if HAS_UNIX_SOCKETS:
            self.folder = Path(tempfile.mkdtemp(prefix="starcoder-"))
            if len(os.fsencode(self.path)) > LONGEST_PATH:
                self.close()

    @property
    def path(self) -> str:
        """The socket file; "" where there can be none."""
        return "" if self.folder is None else str(self.folder / "engine.sock")

    def close(self) -> None:
        """Removes it."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
