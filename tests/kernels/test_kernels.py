"""The kernels of a notebook server, asked for what they hold."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from jupyter_server.serverapp import ServerApp

from jupyter_starcoder.kernels import Kernel, ServerKernels
from kernels_ctx.client import ClientChannel
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


async def busy(app: ServerApp, kernel_id: str, run_in_kernel: "RunInKernel", code: str) -> asyncio.Future[None]:
    """The kernel has run these lines of a cell that ends when the file `over` exists; gives the cell's end."""
    waiting = (
        "import pathlib, time\npathlib.Path('here').touch()\nwhile not pathlib.Path('over').exists(): time.sleep(0.02)"
    )
    running = asyncio.ensure_future(run_in_kernel(app, kernel_id, f"{code}\n{waiting}"))
    while not (Path(app.root_dir) / "here").exists():
        await asyncio.sleep(0.02)
    return running


def end(app: ServerApp) -> None:
    """Lets the waiting cell end."""
    (Path(app.root_dir) / "over").touch()


async def test_snapshot_of_busy_kernel_comes_from_beside_the_cell(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel"
) -> None:
    """A running cell is not waited for: what it has made so far is seen, and the server still knows that it runs.

    Our magics look like nothing that draws.
    """
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    running = await busy(jp_serverapp, kernel_id, run_in_kernel, "%load_ext jupyter_starcoder\nmade = [1]")

    found = await kernels.snapshot_of("work.ipynb", 10.0)

    assert found is not None
    assert found.variable("made") is not None
    assert not running.done()
    await asyncio.gather(*kernels._tasks)
    kernel = cast("Kernel", jp_serverapp.kernel_manager.get_kernel(kernel_id))
    assert kernel.execution_state == "busy"
    end(jp_serverapp)
    await running
    assert kernel.execution_state == "idle"


async def test_snapshot_of_kernel_without_subshells_is_the_last_one_with_its_age(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel", monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a cell runs the last snapshot serves and says how old it is; after it the kernel is asked again."""

    async def has_none(_channel: ClientChannel, _timeout_s: float) -> bool:
        return False

    monkeypatch.setattr(ClientChannel, "has_subshells", has_none)
    monkeypatch.setattr("jupyter_starcoder.kernels.BUSY_AGAIN", timedelta(0))
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    await run_in_kernel(jp_serverapp, kernel_id, "totals = [1, 2, 3]")
    before = await kernels.snapshot_of("work.ipynb", 10.0)
    running = await busy(jp_serverapp, kernel_id, run_in_kernel, "made = [1]")

    during = await kernels.snapshot_of("work.ipynb", 10.0)

    assert during is not None
    assert during == before
    assert during.age_s > 0
    await asyncio.gather(*kernels._tasks)
    end(jp_serverapp)
    await running
    after = await kernels.snapshot_of("work.ipynb", 10.0)
    assert after is not None
    assert after.variable("made") is not None
    assert after.age_s == 0


async def test_snapshot_of_busy_kernel_that_is_known_is_not_waited_for(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last snapshot serves at once while a new one is on its way from beside the running cell."""
    monkeypatch.setattr("jupyter_starcoder.kernels.BUSY_AGAIN", timedelta(0))
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    await run_in_kernel(jp_serverapp, kernel_id, "totals = [1, 2, 3]")
    before = await kernels.snapshot_of("work.ipynb", 10.0)
    running = await busy(jp_serverapp, kernel_id, run_in_kernel, "made = [1]")

    during = await kernels.snapshot_of("work.ipynb", 10.0)
    await asyncio.gather(*kernels._tasks)
    next_one = await kernels.snapshot_of("work.ipynb", 10.0)

    assert during == before
    assert next_one is not None
    assert next_one.variable("made") is not None
    end(jp_serverapp)
    await running
    await asyncio.gather(*kernels._tasks)


@pytest.mark.parametrize("then", ["", "\n%load_ext jupyter_starcoder"])
async def test_snapshot_during_a_drawing_leaves_the_figure_to_the_cell(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel", then: str
) -> None:
    """Inline figures are shown after any execution: beside a cell that may be drawing, nothing is asked.

    A magic that is used behind the drawing does not hide it.
    """
    pytest.importorskip("matplotlib")
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    drawing = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nready = plt.get_fignums()"
    running = await busy(jp_serverapp, kernel_id, run_in_kernel, drawing + then)

    assert await kernels.snapshot_of("work.ipynb", 10.0) is None

    end(jp_serverapp)
    await running
    after = await kernels.snapshot_of("work.ipynb", 10.0)
    assert after is not None
    assert after.variable("ready") is not None


async def test_snapshot_that_comes_too_late_serves_the_next_request(
    jp_serverapp: ServerApp, jp_fetch: Fetch, run_in_kernel: "RunInKernel"
) -> None:
    """A kernel that is always slower than a keystroke's deadline is heard nevertheless."""
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)
    kernel_id = await started(jp_fetch)
    await run_in_kernel(jp_serverapp, kernel_id, "totals = [1, 2, 3]")

    with pytest.raises(KernelSilent):
        await kernels.snapshot_of("work.ipynb", 0.0)  # no kernel is as quick as that
    asking = [task for task in asyncio.all_tasks() if "ServerKernels._take" in repr(task)]
    assert len(asking) == 1
    await asking[0]

    found = await kernels.snapshot_of("work.ipynb", 0.0)
    assert found is not None
    assert "totals" in {variable.name for variable in found.variables}


async def test_snapshot_of_unknown_path_is_none(jp_serverapp: ServerApp) -> None:
    """A notebook without a kernel has no snapshot."""
    kernels = ServerKernels(jp_serverapp.kernel_manager, jp_serverapp.session_manager)

    assert await kernels.snapshot_of("other.ipynb", 1.0) is None
    assert await kernels.snapshot_of("", 1.0) is None
