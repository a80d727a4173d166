"""What an answer may not do, refused inside its own process: for machines without a sandbox of the system."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

# Events that Python raises before it acts, and how many of their arguments are paths that would be changed.
CHANGES_PATHS = {
    **{"os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "os.chmod": 1, "os.chown": 1, "os.utime": 1},
    **{"os.rename": 2, "os.link": 2, "os.symlink": 2, "shutil.rmtree": 1, "shutil.move": 2},
}
REFUSED = frozenset(
    {
        *("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg"),
        *("os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen", "pty.spawn"),
    }
)
SIGNALS = frozenset({"os.kill", "os.killpg"})
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
HARMLESS = frozenset({"/dev/null"})


def install(folder: Path) -> None:
    """Refuses network, other programs, signals to others and changes outside `folder`, for the rest of this process."""
    sys.addaudithook(_hook(folder.resolve()))


def _hook(folder: Path) -> Callable[[str, tuple[object, ...]], None]:
    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event in REFUSED:
            raise PermissionError(f"{event} is not allowed here")
        if event in SIGNALS and arguments[0] not in (os.getpid(), os.getpgrp()):
            raise PermissionError(f"{event} of another process is not allowed here")
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES:
            check(arguments[0])
        for path in arguments[: CHANGES_PATHS.get(event, 0)]:
            check(path)

    def check(path: object) -> None:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str | os.PathLike):
            return  # a file that is open already
        # Not Path.resolve: it opens nothing, but imports on its way, and this runs inside of everything.
        place = os.path.realpath(path)
        if place not in HARMLESS and not place.startswith(f"{folder}{os.sep}"):
            raise PermissionError("changing files outside the own folder is not allowed here")

    return refuse
