"""What the system offers to lock a program in."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER_MB = 512  # that programs may fill, in memory
PROBE_S = 20

# Everything read-only but the work folder and /dev/shm; then the rights that would allow to undo it are given up.
_LOCK_IN = """
work=$1; shift
while read -r _ place _; do mount -o remount,bind,ro "$place" 2>/dev/null; done </proc/self/mounts
if [ -w / ]; then exit 1; fi
mount -t tmpfs -o size={size}m tmpfs "$work" && mount -t tmpfs -o size={size}m tmpfs /dev/shm || exit 1
if [ -d /run ]; then mount -t tmpfs tmpfs /run || exit 1; fi
cd "$work" && exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """One way to run a command locked in."""

    name: str
    protects: str  # what a person is told
    is_of_system: bool  # False: nothing but Python's own refusals holds
    wrap: Callable[[Path, Sequence[str]], list[str]]  # work folder and command to the whole command


def _bubblewrap(work: Path, command: Sequence[str]) -> list[str]:
    return [
        *("bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run"),
        *("--size", str(FOLDER_MB * 1024 * 1024), "--tmpfs", str(work), "--chdir", str(work), "--"),
        *command,
    ]


def _unshare(work: Path, command: Sequence[str]) -> list[str]:
    return [
        *("unshare", "--map-root-user", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--mount"),
        *("--mount-proc", "--", "sh", "-c", _LOCK_IN.format(size=FOLDER_MB), "sh", str(work)),
        *command,
    ]


def _nothing(_work: Path, command: Sequence[str]) -> list[str]:
    return [*command]


_LOCKED = "no network, processes of its own, all files read-only but its own folder"
BUBBLEWRAP = Sandbox(name="bubblewrap", protects=_LOCKED, is_of_system=True, wrap=_bubblewrap)
UNSHARE = Sandbox(name="unshare", protects=_LOCKED, is_of_system=True, wrap=_unshare)
NONE = Sandbox(
    name="none",
    protects="NO SANDBOX OF THE SYSTEM: only Python's own refusals and time limits hold. "
    "Install bubblewrap, or run this where user namespaces are allowed",
    is_of_system=False,
    wrap=_nothing,
)


def choose() -> Sandbox:
    """The best that works here."""
    return next((sandbox for sandbox in (BUBBLEWRAP, UNSHARE) if works(sandbox)), NONE)


def works(sandbox: Sandbox) -> bool:
    """Whether a command runs in it here."""
    with tempfile.TemporaryDirectory(prefix="starcoder-probe-") as folder:
        command = sandbox.wrap(Path(folder), ["true"])
        if shutil.which(command[0]) is None:
            return False
        try:
            done = subprocess.run(command, capture_output=True, timeout=PROBE_S, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0
