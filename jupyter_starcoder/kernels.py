"""The kernels of this notebook server, as `kernels_ctx` asks them.

A kernel is asked again only when it has done something since: a keystroke costs it nothing, and its busy light
does not flicker while a person types. A running cell is never waited for: a kernel with subshells answers beside it
now and then, of others the last snapshot serves, which says how old it is. An answer that comes too late for one
keystroke is there for the next.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, cast

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.services.sessions.sessionmanager import SessionManager

from kernels_ctx.asking import snapshot
from kernels_ctx.client import ClientChannel, open_channel
from kernels_ctx.errors import KernelContextError, KernelSilent
from kernels_ctx.limits import Limits
from kernels_ctx.snapshot import KernelSnapshot

# Our own question makes the kernel report "busy" and "idle", which jupyter_server counts as activity.
OWN_ECHO = timedelta(seconds=0.2)
BUSY_AGAIN = timedelta(seconds=5)  # a running cell is not asked beside more often
MOST_KERNELS = 64
ANSWER_S = 2.0  # for a kernel to answer at all; whoever wants it waits for less


class Kernel(Protocol):
    """A kernel's manager with what jupyter_server adds to it."""

    execution_state: str
    last_activity: datetime

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """What the kernel was started from."""

    def client(self) -> AsyncKernelClient:
        """A new client of it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The last snapshot, and when it was taken and asked for."""

    value: KernelSnapshot | None  # None where there is none yet
    at: datetime
    asked_at: datetime
    was_busy: bool = False  # a cell was running, and may have changed everything since

    def serves(self, kernel: Kernel) -> bool:
        """Whether the kernel need not be asked again."""
        if kernel.execution_state == "busy":
            return datetime.now(self.asked_at.tzinfo) < self.asked_at + BUSY_AGAIN
        return not self.was_busy and kernel.last_activity < self.asked_at + OWN_ECHO

    def aged(self) -> KernelSnapshot | None:
        """The snapshot with its age."""
        if self.value is None:
            return None
        return replace(self.value, age_s=(datetime.now(self.at.tzinfo) - self.at).total_seconds())


class ServerKernels:
    """Finds the kernel of a notebook and remembers its last snapshot."""

    def __init__(self, kernels: MappingKernelManager, sessions: SessionManager, limits: Limits | None = None) -> None:
        self._kernels = kernels
        self._sessions = sessions
        self._limits = limits or Limits()
        self._taken: OrderedDict[str, Taken] = OrderedDict()
        self._asking: dict[str, asyncio.Future[KernelSnapshot]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def snapshot_of(self, path: str, timeout_s: float) -> KernelSnapshot | None:
        """The snapshot of the kernel that runs the notebook at `path`; None where there is none.

        Raises:
            KernelSilent: it did not answer within `timeout_s` and there is no older snapshot.
            ProbeFailed: it answered something else.
        """
        kernel_id = await self._kernel_id(path)
        if kernel_id is None:
            return None
        kernel = cast(Kernel, self._kernels.get_kernel(kernel_id))
        if kernel.execution_state in {"starting", "dead"}:
            return None
        last, is_busy = self._taken.get(kernel_id), kernel.execution_state == "busy"
        if last is not None and last.serves(kernel):
            return last.aged() if is_busy else last.value
        answer = self._answer(kernel_id, kernel)
        if is_busy and last is not None and last.value is not None:
            return last.aged()  # the answer is for the next keystroke
        try:
            # Shielded: cancelled at every deadline, a slow kernel would never be heard.
            return await asyncio.wait_for(asyncio.shield(answer), timeout_s)
        except (TimeoutError, KernelContextError) as error:
            if is_busy:
                return None
            if isinstance(error, KernelContextError):
                raise
            raise KernelSilent(f"the kernel did not answer within {timeout_s} s") from error

    def _answer(self, kernel_id: str, kernel: Kernel) -> asyncio.Future[KernelSnapshot]:
        """The answer that is under way, or that of a new question."""
        if kernel_id not in self._asking:
            self._asking[kernel_id] = answer = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(self._take(kernel_id, kernel, answer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._asking[kernel_id]

    async def _take(self, kernel_id: str, kernel: Kernel, answer: asyncio.Future[KernelSnapshot]) -> None:
        is_busy = kernel.execution_state == "busy"
        language = kernel.kernel_spec.language.lower() if kernel.kernel_spec else ""
        try:
            async with (
                open_channel(kernel.client(), language, listens=is_busy) as channel,
                _beside(kernel, channel) if is_busy else nullcontext(),
            ):
                value = await snapshot(channel, ANSWER_S, self._limits)
                self._keep(kernel_id, kernel, value, is_busy)
                answer.set_result(value)
        except KernelContextError as error:
            self._keep(kernel_id, kernel, None, is_busy)
            if not answer.done():
                answer.set_exception(error)
                answer.exception()  # whoever still waits has it; nobody else misses it
        finally:
            answer.cancel()
            del self._asking[kernel_id]

    def _keep(self, kernel_id: str, kernel: Kernel, value: KernelSnapshot | None, was_busy: bool) -> None:
        """Remembers an answer; without one the last is kept, and that it was asked for."""
        now, last = datetime.now(kernel.last_activity.tzinfo), self._taken.get(kernel_id)
        if value is not None:
            self._taken[kernel_id] = Taken(value, now, now, was_busy)
        elif last is not None:
            self._taken[kernel_id] = replace(last, asked_at=now, was_busy=True)
        else:
            self._taken[kernel_id] = Taken(None, now, now, was_busy=True)
        self._taken.move_to_end(kernel_id)
        while len(self._taken) > MOST_KERNELS:
            self._taken.popitem(last=False)

    async def _kernel_id(self, path: str) -> str | None:
        if not path:
            return None
        for session in await self._sessions.list_sessions():  # type: ignore[no-untyped-call]
            if session["path"] == path and session["kernel"]["id"] in self._kernels:
                return str(session["kernel"]["id"])
        return None


@asynccontextmanager
async def _beside(kernel: Kernel, channel: ClientChannel) -> AsyncIterator[None]:
    """A subshell beside the running cell.

    Raises:
        KernelSilent: the kernel has none, or using it would take figures away from the cell.
    """
    if not await channel.has_subshells(ANSWER_S):
        raise KernelSilent("the kernel has no subshells and a cell is running")
    if kernel.execution_state != "busy":
        raise KernelSilent("the cell is over: ask again")
    try:
        async with channel.subshell(ANSWER_S):
            if await channel.may_be_drawing(ANSWER_S):
                raise KernelSilent("a cell is running that may be drawing figures")
            yield
    finally:
        await _mend(kernel, channel)


async def _mend(kernel: Kernel, channel: ClientChannel) -> None:
    """Tells the server that the cell still runs: it takes the "idle" of our own messages for the cell's.

    It may end kernels that it believes idle.
    """
    if not await channel.hears_end_of_cell(OWN_ECHO.total_seconds()):
        kernel.execution_state = "busy"
        if await channel.hears_end_of_cell(OWN_ECHO.total_seconds()):  # heard by the server just before
            kernel.execution_state = "idle"
