"""Real kernels, one of each language for all tests."""

import ast
import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from kernels_ctx.asking import snapshot
from kernels_ctx.client import open_channel
from kernels_ctx.limits import Limits
from kernels_ctx.snapshot import Detail, KernelSnapshot, Variable

ANSWER_S = 30.0


class LiveKernel:
    """A kernel that runs code and is looked into."""

    def __init__(self, name: str, language: str) -> None:
        self._language = language
        self._loop = asyncio.new_event_loop()
        self._manager = AsyncKernelManager(kernel_name=name)
        self._loop.run_until_complete(self._manager.start_kernel())
        self._client = self._manager.client()
        self._client.start_channels()
        self._loop.run_until_complete(self._client.wait_for_ready(timeout=60))

    def run(self, code: str) -> None:
        """Runs a cell."""
        reply: Any = self._loop.run_until_complete(self._client.execute(code, reply=True, timeout=60))
        assert reply["content"]["status"] == "ok", reply["content"]

    def look(self, detail: Detail = "schema", **limits: Any) -> KernelSnapshot:  # noqa: ANN401
        """The snapshot; the limit of time is high, so that a busy machine changes nothing."""
        return self._loop.run_until_complete(self._look(Limits(detail=detail, **{"probe_s": 10.0, **limits})))

    def variable(self, name: str, detail: Detail = "schema") -> Variable:
        """One variable of the snapshot."""
        found = self.look(detail).variable(name)
        assert found is not None
        return found

    def value(self, expression: str) -> object:
        """What a Python kernel's expression is worth."""

        async def ask() -> str:
            async with open_channel(self._manager.client(), self._language) as channel:
                return await channel.ask(expression, ANSWER_S)

        return ast.literal_eval(self._loop.run_until_complete(ask()))

    def close(self) -> None:
        """Ends the kernel."""
        self._client.stop_channels()
        self._loop.run_until_complete(self._manager.shutdown_kernel(now=True))
        self._loop.close()

    async def _look(self, limits: Limits) -> KernelSnapshot:
        async with open_channel(self._manager.client(), self._language) as channel:
            return await snapshot(channel, ANSWER_S, limits)


@pytest.fixture(scope="session")
def python() -> Iterator[LiveKernel]:
    """A Python kernel."""
    kernel = LiveKernel("python3", "python")
    yield kernel
    kernel.close()


@pytest.fixture(scope="session")
def r() -> Iterator[LiveKernel]:
    """An R kernel, where there is one."""
    if "ir" not in KernelSpecManager().find_kernel_specs():
        pytest.skip("no R kernel is installed (Debian: r-cran-irkernel)")
    kernel = LiveKernel("ir", "r")
    yield kernel
    kernel.close()
