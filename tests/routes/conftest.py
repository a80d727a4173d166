"""A real Jupyter server with the extension and the fake model."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

# Imported rather than named in `pytest_plugins`: these fixtures (two are autouse) then apply to this folder only.
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_starcoder.app import StarcoderApp
from jupyter_starcoder.routes.service import Service

Fetch = Callable[..., Awaitable[HTTPResponse]]
Rule = dict[str, object]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


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
def pretend(rules: Path) -> Callable[..., None]:
    """Says which models can be pretended to be fetched."""

    def write(*models: Rule) -> None:
        rules.with_name("models.json").write_text(json.dumps(models))

    return write


@pytest.fixture  # type: ignore[no-redef]
def jp_server_config(
    rules: Path,
) -> dict[str, dict[str, object]]:
    """The server's configuration; takes the place of pytest-jupyter's own."""
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_starcoder": True}},
        "StarcoderConfig": {
            "fake_rules": str(rules),
            "fake_models": str(rules.with_name("models.json")),
            "max_body_bytes": 100_000,
        },
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


@pytest.fixture
def ask_raw(
    http_server: object, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str]
) -> Callable[[str, object], Awaitable[Connection]]:
    """Posts over a bare connection, which a test can read piece by piece and cut."""

    async def send(route: str, body: object) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        text = json.dumps(body)
        head = (
            f"POST {jp_base_url}starcoder/{route} HTTP/1.1\r\nHost: 127.0.0.1:{jp_http_port}\r\n"
            f"Authorization: {jp_auth_header['Authorization']}\r\nContent-Length: {len(text)}\r\n\r\n"
        )
        writer.write((head + text).encode())
        return reader, writer

    return send
