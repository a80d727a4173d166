"""A real Jupyter server with the extension and the fake model."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import cast

import msgspec
import pytest

# Imported rather than named in `pytest_plugins`: these fixtures (two are autouse) then apply to this folder only.
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_starcoder.app import StarcoderApp
from jupyter_starcoder.routes.service import Service

Fetch = Callable[..., Awaitable[HTTPResponse]]
Rule = dict[str, object]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The file that the fake model answers from."""
    path = tmp_path / "rules.json"
    path.write_text(json.dumps([{"ending": "x = ", "answer": "42"}]))
    return path


@pytest.fixture
def set_rules(rules: Path) -> Callable[..., None]:
    """Changes what the fake model answers."""

    def write(*those: Rule) -> None:
        rules.write_text(json.dumps(those))

    return write


@pytest.fixture
def jp_server_config(rules: Path) -> dict[str, dict[str, object]]:
    """The server's configuration; takes the place of pytest-jupyter's own."""
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_starcoder": True}},
        "StarcoderConfig": {"fake_rules": str(rules), "max_body_bytes": 100_000},
    }


@pytest.fixture
def app(jp_serverapp: object) -> StarcoderApp:
    """The extension in the server."""
    extension = jp_serverapp.extension_manager.extension_apps["jupyter_starcoder"]  # type: ignore[attr-defined]
    found: StarcoderApp = next(iter(extension))
    return found


@pytest.fixture
def service(app: StarcoderApp) -> Service:
    """What the handlers were given."""
    return app.service


@pytest.fixture
def post(jp_fetch: Fetch, service: Service) -> Callable[..., Awaitable[HTTPResponse]]:
    """Posts JSON to a route once the model is there; an error's reply is given like any other."""

    async def send(route: str, body: object, **options: object) -> HTTPResponse:
        await settled(service)
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        try:
            return await jp_fetch("starcoder", *route.split("/"), method="POST", body=text, **options)
        except HTTPClientError as error:
            return cast("HTTPResponse", error.response)

    return send


async def settled(service: Service) -> None:
    """Waits until the model is there, or will not come."""
    service.serving.start()
    while service.serving.latest.state in {"preparing", "loading"}:
        await asyncio.sleep(0.01)


def events(response: HTTPResponse) -> Sequence[dict[str, object]]:
    """The lines of an answer."""
    return [msgspec.json.decode(line) for line in response.body.splitlines()]
