"""Conversations over HTTP."""

import json
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

Fetch = Callable[..., Awaitable[HTTPResponse]]
Call = Callable[..., Awaitable[HTTPResponse]]
Body = dict[str, object]


@pytest.fixture
def call(jp_fetch: Fetch) -> Call:
    """Sends a request with any verb; an error's reply is given like any other."""

    async def send(method: str, route: str, body: object = None, **params: str) -> HTTPResponse:
        text = None if body is None else json.dumps(body)
        try:
            return await jp_fetch(
                "starcoder", *route.split("/"), method=method, body=text, params=params, allow_nonstandard_methods=True
            )
        except HTTPClientError as error:
            return cast("HTTPResponse", error.response)

    return send


def parsed(response: HTTPResponse) -> Body:
    """The reply's JSON."""
    assert response.code < 300, response.body
    return cast("Body", json.loads(response.body))


async def created(call: Call, path: str) -> str:
    """A new conversation about a notebook."""
    return str(cast("Body", parsed(await call("POST", "chats", {"path": path}))["chat"])["id"])


async def paths(call: Call, **params: str) -> list[str]:
    """The notebooks of the conversations that are listed."""
    return [str(chat["path"]) for chat in cast("list[Body]", parsed(await call("GET", "chats", **params))["chats"])]


async def test_chats_are_listed_by_notebook_or_all(call: Call) -> None:
    """A notebook's list has its own conversations, newest first."""
    await created(call, "a.ipynb")
    await created(call, "b.ipynb")

    assert await paths(call) == ["b.ipynb", "a.ipynb"]
    assert await paths(call, path="a.ipynb") == ["a.ipynb"]


async def test_chat_is_renamed_read_and_deleted(call: Call) -> None:
    """One conversation's whole life, but for the asking."""
    chat = await created(call, "a.ipynb")

    assert (await call("PATCH", f"chats/{chat}", {"title": "Trips"})).code == 200
    read = parsed(await call("GET", f"chats/{chat}"))
    assert (cast("Body", read["chat"])["title"], read["exchanges"]) == ("Trips", [])
    assert (await call("DELETE", f"chats/{chat}")).code == 204
    gone = await call("GET", f"chats/{chat}")
    assert (gone.code, json.loads(gone.body)["code"]) == (404, "unknown_chat")


async def test_chats_are_cleared_by_notebook_or_all(call: Call) -> None:
    """What is cleared is what would be listed."""
    await created(call, "a.ipynb")
    await created(call, "b.ipynb")

    assert (await call("DELETE", "chats", path="a.ipynb")).code == 204
    assert await paths(call) == ["b.ipynb"]
    assert (await call("DELETE", "chats")).code == 204
    assert await paths(call) == []


async def test_blank_title_is_refused(call: Call) -> None:
    """A conversation that nobody could find again keeps the title it has."""
    chat = await created(call, "")

    assert (await call("PATCH", f"chats/{chat}", {"title": " \n"})).code == 400


async def test_frames_without_a_kernel_are_none(call: Call) -> None:
    """A notebook that does not run has nothing to point at."""
    assert parsed(await call("GET", "chats/frames", path="a.ipynb")) == {"frames": []}
