"""What all tests share: the order, and the embedded model."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

settings.register_profile("patient", deadline=None)  # a slow machine is no failure
settings.load_profile("patient")

RunInKernel = Callable[["ServerApp", str, str], Awaitable[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's sync API keeps an event loop running that breaks later asyncio tests."""
    items.sort(key=lambda item: "/tests/ui/" in item.path.as_posix())


@pytest.fixture(scope="session")
def embedded_model() -> Path:
    """The folder of the embedded model; prepared by `make model`, which `make test` runs first."""
    from jupyter_starcoder.errors import ModelError
    from jupyter_starcoder.models.catalogue import EMBEDDED
    from jupyter_starcoder.models.store import Store, default_root

    try:
        return Store(default_root()).folder(EMBEDDED)
    except ModelError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{error}: run `make model`")


@pytest.fixture(scope="session")
def run_in_kernel() -> RunInKernel:
    """Runs code in a kernel of a test's server and waits until the server has seen its end."""
    from jupyter_starcoder.kernels import Kernel

    async def run(app: "ServerApp", kernel_id: str, code: str) -> None:
        kernel = cast("Kernel", app.kernel_manager.get_kernel(kernel_id))
        client = kernel.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=30)
            await cast("Awaitable[object]", client.execute(code, reply=True, timeout=60))
        finally:
            client.stop_channels()
        while kernel.execution_state != "idle":
            await asyncio.sleep(0.02)

    return run
