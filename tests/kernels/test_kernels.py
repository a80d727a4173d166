"""The kernels of a notebook server, asked for what they hold."""

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from jupyter_server.serverapp import ServerApp

from jupyter_starcoder.kernels import OWN_ECHO, Kernel, ServerKernels
from kernels_ctx.errors import KernelSilent

if TYPE_CHECKING:
    from tests.conftest import RunInKernel

Fetch = Any  # pytest-jupyter's fixture is an untyped function


async def started(jp_fetch: Fetch) -> str:
    """The id of a Python kernel that runs `work.ipynb`."""
    body = {"path": "work.ipynb", "name": "work", "type": "notebook", "kernel": {"name": "python3"}}
    reply = await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
    return str(json.loads(reply.body)["kernel"]["id"])


async def test_snapshot_of_notebook_gives_its_variables(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel"
) -> None:
    """The kernel of the path is found and read, and nothing of ours stays in it."""
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    await run_in_kernel(jp_serverapp, kernel_id, "totals = [1, 2, 3]")

    found = await kernels.snapshot_of("work.ipynb", 10.0)

    assert found is not None
    assert {"totals"} == {variable.name for variable in found.variables}


async def test_snapshot_of_busy_kernel_is_the_last_one(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel"
) -> None:
    """A running cell is never waited for."""
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    await run_in_kernel(jp_serverapp, kernel_id, "totals = [1, 2, 3]")
    before = await kernels.snapshot_of("work.ipynb", 10.0)
    sleeping = asyncio.ensure_future(run_in_kernel(jp_serverapp, kernel_id, "import time; time.sleep(2); late = 1"))
    kernel = cast("Kernel", jp_serverapp.kernel_manager.get_kernel(kernel_id))
    while kernel.execution_state != "busy":
        await asyncio.sleep(0.05)

    assert await kernels.snapshot_of("work.ipynb", 0.2) == before

    await sleeping
    await asyncio.sleep(OWN_ECHO.total_seconds())
    after = await kernels.snapshot_of("work.ipynb", 10.0)
    assert after is not None
    assert "late" in {variable.name for variable in after.variables}


async def test_snapshot_that_comes_too_late_serves_the_next_request(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel"
) -> None:
    """A kernel that is always slower than a keystroke's deadline is heard nevertheless."""
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    await run_in_kernel(jp_serverapp, kernel_id, "totals = [1, 2, 3]")

    with pytest.raises(KernelSilent):
        await kernels.snapshot_of("work.ipynb", 0.0001)
    asking = [task for task in asyncio.all_tasks() if "ServerKernels._take" in repr(task)]
    assert len(asking) == 1
    await asking[0]

    found = await kernels.snapshot_of("work.ipynb", 0.0001)
    assert found is not None
    assert "totals" in {variable.name for variable in found.variables}


async def test_snapshot_of_unknown_path_is_none(jp_serverapp: ServerApp) -> None:
    """A notebook without a kernel has no snapshot."""
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)

    assert await kernels.snapshot_of("other.ipynb", 1.0) is None
    assert await kernels.snapshot_of("", 1.0) is None
