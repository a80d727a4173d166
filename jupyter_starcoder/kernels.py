"""The kernels of this notebook server, as `kernels_ctx` asks them.

A kernel is asked again only when it has done something since: a keystroke costs it nothing, and its busy light
does not flicker while a person types. A running cell is never waited for; the last snapshot serves. An answer that
comes too late for one keystroke is there for the next.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.services.sessions.sessionmanager import SessionManager

from kernels_ctx.errors import KernelSilent, ProbeFailed
from kernels_ctx.asking import snapshot
from kernels_ctx.snapshot import KernelSnapshot

# Our own question makes the kernel report "busy" and "idle", which jupyter_server counts as activity.
OWN_ECHO = timedelta(seconds=0.2)
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
    """A snapshot and when it was taken."""

    value: KernelSnapshot
    at: datetime


class ClientChannel:
    """Asks one kernel through `user_expressions`, silently and outside its history."""

    def __init__(self, client: AsyncKernelClient, language: str) -> None:
        self.language = language
        self._client = client

    async def ask(self, expression: str, timeout_s: float) -> str:
        """See `KernelChannel.ask`."""
        message_id = self._client.execute(
            "", silent=True, store_history=False, user_expressions={"answer": expression}, allow_stdin=False
        )
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    reply = await self._client.get_shell_msg()
                    if reply["parent_header"].get("msg_id") == message_id:
                        break
        except TimeoutError as error:
            raise KernelSilent(f"the kernel did not answer within {timeout_s} s") from error
        answer = reply["content"].get("user_expressions", {}).get("answer", {})
        text = answer.get("data", {}).get("text/plain")
        if not isinstance(text, str):
            raise ProbeFailed(f"the kernel could not run the probe ({answer.get('ename', 'no answer')})")
        return text


class ServerKernels:
    """Finds the kernel of a notebook and remembers its last snapshot."""

    def __init__(self, kernels: MappingKernelManager, sessions: SessionManager) -> None:
        self._kernels = kernels
        self._sessions = sessions
        self._taken: OrderedDict[str, Taken] = OrderedDict()
        self._asking: dict[str, asyncio.Task[KernelSnapshot]] = {}

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
        last = self._taken.get(kernel_id)
        if last is not None and (kernel.execution_state == "busy" or kernel.last_activity < last.at + OWN_ECHO):
            return last.value
        if kernel.execution_state in {"busy", "starting", "dead"}:
            return None
        if kernel_id not in self._asking:
            self._asking[kernel_id] = asking = asyncio.create_task(self._take(kernel_id, kernel))
            asking.add_done_callback(lambda task: self._asked(kernel_id, task))
        try:
            # Shielded: cancelled at every deadline, a slow kernel would never be heard.
            return await asyncio.wait_for(asyncio.shield(self._asking[kernel_id]), timeout_s)
        except TimeoutError as error:
            raise KernelSilent(f"the kernel did not answer within {timeout_s} s") from error

    async def _take(self, kernel_id: str, kernel: Kernel) -> KernelSnapshot:
        value = await _ask(kernel, ANSWER_S)
        self._taken[kernel_id] = Taken(value, datetime.now(kernel.last_activity.tzinfo))
        self._taken.move_to_end(kernel_id)
        while len(self._taken) > MOST_KERNELS:
            self._taken.popitem(last=False)
        return value

    def _asked(self, kernel_id: str, task: asyncio.Task[KernelSnapshot]) -> None:
        del self._asking[kernel_id]
        if not task.cancelled():
            task.exception()  # whoever still waited has it; nobody else misses it

    async def _kernel_id(self, path: str) -> str | None:
        if not path:
            return None
        for session in await self._sessions.list_sessions():  # type: ignore[no-untyped-call]
            if session["path"] == path and session["kernel"]["id"] in self._kernels:
                return str(session["kernel"]["id"])
        return None


async def _ask(kernel: Kernel, timeout_s: float) -> KernelSnapshot:
    language = kernel.kernel_spec.language.lower() if kernel.kernel_spec else ""
    client = kernel.client()
    client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)  # noqa: S604  a ZMQ channel
    try:
        return await snapshot(ClientChannel(client, language), timeout_s)
    finally:
        client.stop_channels()
