"""Prepares a model in a process of its own, so that the server's memory and event loop stay out of it."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence

import msgspec

from jupyter_starcoder.errors import ModelError
from jupyter_starcoder.values.model import Progress
from jupyter_starcoder.values.secrets import without_secrets
from jupyter_starcoder.values.settings import Settings

GRACE_S = 5.0  # for the process to take its temporary files away
LINE_BYTES = 1024 * 1024  # longest line read from it

_progress = msgspec.json.Decoder(Progress)

# -P: what lies in the directory where the server was started (a user's `random.py`) is not imported.
COMMAND = (sys.executable, "-P", "-m", "jupyter_starcoder.cli")


async def prepare_in_process(
    name: str, settings: Settings, watch: Callable[[Progress], None], command: Sequence[str] = COMMAND
) -> None:
    """Runs `jupyter starcoder models get NAME` and tells `watch` how far it is; cancelling ends the process.

    Raises:
        ModelError: it did not succeed; the message is the command's own.
    """
    process = await asyncio.create_subprocess_exec(
        *(*command, "models", "get", name, "--progress", "json", "--store", str(settings.models_dir)),
        *(("--precision", settings.precision) if settings.precision else ()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    assert process.stderr is not None  # noqa: S101
    complaint = asyncio.ensure_future(process.stderr.read())
    try:
        async for line in process.stdout:
            with contextlib.suppress(msgspec.DecodeError):  # a library that prints is no reason to fail
                watch(_progress.decode(line))
        status = await process.wait()
        if status != 0:
            raise ModelError(_reason(name, status, (await complaint).decode(errors="replace")))
    finally:
        await _end(process)
        complaint.cancel()


def _reason(name: str, status: int, complaint: str) -> str:
    lines = [line.strip() for line in without_secrets(complaint).splitlines() if line.strip()]
    ours = next((line.removeprefix("error: ") for line in reversed(lines) if line.startswith("error: ")), "")
    last = lines[-1] if lines else "it said nothing"
    return ours or f"preparing {name} ended with status {status}: {last}"


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
