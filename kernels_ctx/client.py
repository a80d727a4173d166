"""A kernel behind a client of jupyter_client, asked without a trace in its history."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from jupyter_client.asynchronous.client import AsyncKernelClient

from kernels_ctx.errors import KernelSilent, ProbeFailed

SUBSHELLS = "kernel subshells"  # as a kernel that has them lists it (Jupyter's message protocol 5.5)
CONFIGURED = "get_ipython.__self__.configurables"
# The last of them at the start, and IPython's own magics, which come behind it at their first use (IPython 9.16).
HARMLESS = ("IPython.extensions.storemagic.StoreMagics", "IPython.core.magics.")
DRAWING = "get_ipython.__self__._saved_rcParams"  # what matplotlib_inline has changed in order to draw
OBJECT = re.compile(r"<(\S+) object at")


class ClientChannel:
    """Asks one kernel, on its main shell or on a subshell of our own."""

    def __init__(self, client: AsyncKernelClient, language: str) -> None:
        """Args: client: one of our own with no channel started; `open_channel` makes it ready."""
        self.language = language
        self._client = client
        self._subshell: str | None = None

    async def ask(self, expression: str, timeout_s: float) -> str:
        """See `KernelChannel.ask`."""
        return await (self._ask_r if self.language == "r" else self._ask_by_expression)(expression, timeout_s)

    async def has_subshells(self, timeout_s: float) -> bool:
        """Whether the kernel can answer while a cell runs. Asked where a running cell does not block the answer.

        Raises:
            KernelSilent: a kernel that answers nothing there has none either, or is gone.
        """
        content = await self._control("kernel_info_request", {}, timeout_s)
        return SUBSHELLS in content.get("supported_features", ())

    @asynccontextmanager
    async def subshell(self, timeout_s: float) -> AsyncIterator[None]:
        """Everything asked in here is answered beside a running cell. The subshell ends with it."""
        content = await self._control("create_subshell_request", {}, timeout_s)
        self._subshell = str(content["subshell_id"])
        try:
            yield
        finally:
            subshell, self._subshell = self._subshell, None
            await self._control("delete_subshell_request", {"subshell_id": subshell}, timeout_s)

    async def may_be_drawing(self, timeout_s: float) -> bool:
        """Whether the cell that runs may have figures that are shown at its end.

        Any execution, ours too, would show and close them, as answers to our question: the cell would lose them.
        Drawing inline adds to what the shell can be configured by, whose end is all that the inspector prints; it is
        ruled out where nothing was added yet but IPython's own, and nothing was changed in order to draw.
        """
        text = await self._inspected(CONFIGURED, timeout_s)
        objects = OBJECT.findall(text)
        if not objects or not objects[-1].startswith(HARMLESS):
            return True
        return bool(await self._inspected(DRAWING, timeout_s))

    async def hears_end_of_cell(self, listening_s: float) -> bool:
        """Whether, within this time or since the channel was opened, a cell of somebody else's ended."""
        try:
            async with asyncio.timeout(listening_s):
                while True:
                    message = await self._client.get_iopub_msg()
                    parent = message["parent_header"]
                    is_end = message["content"].get("execution_state") == "idle"
                    is_cell = parent.get("msg_type") == "execute_request" and "subshell_id" not in parent
                    if is_end and is_cell and parent.get("session") != self._client.session.session:
                        return True
        except TimeoutError:
            return False

    async def _ask_by_expression(self, expression: str, timeout_s: float) -> str:
        # A subshell shares the permission to ask the user with the cell that runs: it must not take it away.
        content = {
            "code": "",
            "silent": True,
            "store_history": False,
            "user_expressions": {"answer": expression},
            "allow_stdin": self._subshell is not None,
            "stop_on_error": False,
        }
        reply = await self._shell("execute_request", content, timeout_s)
        answer = reply.get("user_expressions", {}).get("answer", {})
        text = answer.get("data", {}).get("text/plain")
        if not isinstance(text, str):
            raise ProbeFailed(f"the kernel could not run the probe ({answer.get('ename', 'no answer')})")
        return text

    async def _ask_r(self, expression: str, timeout_s: float) -> str:
        """IRkernel evaluates no user expressions; what its pager shows comes back in the reply, and to us alone."""
        content = {
            "code": f'getOption("pager")(character(), "", {expression}, FALSE)',
            "silent": True,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        reply = await self._shell("execute_request", content, timeout_s)
        pages = [page for page in reply.get("payload") or () if page.get("source") == "page"]
        if not pages:
            raise ProbeFailed(f"the kernel could not run the probe ({reply.get('ename') or 'no answer'})")
        return str(pages[0]["data"]["text/plain"])

    async def _inspected(self, name: str, timeout_s: float) -> str:
        """What the kernel's inspector prints of an attribute; empty where there is none. It runs nothing."""
        content = {"code": name, "cursor_pos": len(name), "detail_level": 0}
        reply = await self._shell("inspect_request", content, timeout_s)
        return str(reply.get("data", {}).get("text/plain", "")) if reply.get("found") else ""

    async def _shell(self, kind: str, content: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        message = self._client.session.msg(kind, content)
        if self._subshell is not None:
            message["header"]["subshell_id"] = self._subshell
        self._client.shell_channel.send(message)
        return await _reply(self._client.get_shell_msg, message, timeout_s)

    async def _control(self, kind: str, content: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        message = self._client.session.msg(kind, content)
        self._client.control_channel.send(message)
        return await _reply(self._client.get_control_msg, message, timeout_s)


@asynccontextmanager
async def open_channel(
    client: AsyncKernelClient, language: str, *, listens: bool = False
) -> AsyncIterator[ClientChannel]:
    """A channel over a fresh client, closed in the end; one that `listens` can hear the end of a cell.

    The client gets a session of its own: clients of one manager share its name, and a kernel sends the replies of
    one name to whoever connected last.
    """
    client.session.session = uuid4().hex
    client.start_channels(shell=True, iopub=listens, stdin=False, hb=False, control=True)  # noqa: S604  a ZMQ channel
    try:
        yield ClientChannel(client, language)
    finally:
        client.stop_channels()


async def _reply(receive: Any, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:  # noqa: ANN401
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                reply = await receive()
                if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                    content: dict[str, Any] = reply["content"]
                    return content
    except TimeoutError as error:
        raise KernelSilent(f"the kernel did not answer within {timeout_s} s") from error
