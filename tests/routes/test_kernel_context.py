"""The live kernel on the way into the prompt."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPResponse

from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.routes.service import Service

if TYPE_CHECKING:
    from tests.conftest import RunInKernel

Fetch = Callable[..., Awaitable[HTTPResponse]]
FRAME = "import pandas as pd; trips = pd.DataFrame({'dock': [1], 'minutes': [2.5]})"


@pytest.fixture
def kernel_context() -> str:
    """The setting; tests say another one."""
    return "schema"


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, dict[str, object]], kernel_context: str) -> dict[str, object]:
    """The server's configuration with that setting."""
    return {
        **jp_server_config,
        "StarcoderConfig": {**jp_server_config["StarcoderConfig"], "kernel_context": kernel_context},
    }


@pytest.mark.parametrize(
    ("kernel_context", "dock"), [("schema", "'dock' (int64)"), ("schema+examples", "'dock' (int64, e.g. 1)")]
)
async def test_complete_with_a_live_kernel_gives_the_model_its_columns(
    jp_serverapp: ServerApp, jp_fetch: Fetch, post: Fetch, service: Service, run_in_kernel: "RunInKernel", dock: str
) -> None:
    """A frame that stands in no cell, only in the kernel, is part of the prompt; its values where a setting says so."""
    body = {"path": "work.ipynb", "name": "work", "type": "notebook", "kernel": {"name": "python3"}}
    kernel_id = json.loads((await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))).body)["kernel"][
        "id"
    ]
    await run_in_kernel(jp_serverapp, kernel_id, FRAME)
    cells = [{"kind": "code", "source": "x = "}]

    for _ in range(20):  # a first probe on a busy machine may miss its deadline: the next request has it
        await post("complete", {"notebook": {"cells": cells, "path": "work.ipynb"}, "cell": 0, "offset": 4})
        engine = service.serving.current().engine
        assert isinstance(engine, FakeEngine)
        prompt = bytes(token for token in engine.requests[-1].prompt_ids if token < 256).decode()
        if "trips" in prompt:
            break

    assert f"trips: DataFrame 1 × 2, columns {dock}, 'minutes' (float64" in prompt


async def test_complete_with_a_live_kernel_names_what_exists(
    jp_serverapp: ServerApp,
    jp_fetch: Fetch,
    post: Fetch,
    set_rules: Callable[..., None],
    run_in_kernel: "RunInKernel",
) -> None:
    """The model's invented column becomes one of the live frame, and a line that reads an unknown name is left out."""
    body = {"path": "work.ipynb", "name": "work", "type": "notebook", "kernel": {"name": "python3"}}
    session = json.loads((await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))).body)
    await run_in_kernel(jp_serverapp, session["kernel"]["id"], FRAME)
    set_rules(
        {"ending": 'trips["dock"', "answer": "].sum()\ny = riders\n"}, {"ending": "trips", "answer": '["total_docks"]'}
    )
    request = {"notebook": {"cells": [{"kind": "code", "source": "x = trips"}], "path": "work.ipynb"}, "cell": 0}

    for _ in range(20):  # as above
        lines = (await post("complete", {**request, "offset": 9})).body.decode().splitlines()
        text = "".join(event["text"] for event in map(json.loads, lines) if event["type"] == "text")
        if "total" not in text:
            break

    assert text == '["dock"].sum()'
