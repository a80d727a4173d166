"""Conversations over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_starcoder.routes.service import Service

Fetch = Callable[..., Awaitable[HTTPResponse]]
Call = Callable[..., Awaitable[HTTPResponse]]
Post = Callable[..., Awaitable[HTTPResponse]]
SetRules = Callable[..., None]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
AskRaw = Callable[[str, object], Awaitable[Connection]]
Body = dict[str, object]

ENDLESS = " and ".join(map(str, range(1000)))  # without a repetition, which would end it


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


async def test_chats_of_a_notebook_whose_name_ends_with_a_space_are_its_own(call: Call) -> None:
    """A name is taken as it is: nothing of another notebook is listed or deleted."""
    for name in ("a", "a "):
        await created(call, name)
    assert await paths(call, path="a ") == ["a "]
    await call("DELETE", "chats", path="a ")

    assert await paths(call) == ["a"]


async def test_chats_are_listed_by_notebook_or_all(call: Call) -> None:
    """A notebook's list has its own conversations, newest first."""
    await created(call, "a.ipynb")
    await created(call, "b.ipynb")

    assert await paths(call) == ["b.ipynb", "a.ipynb"]
    assert await paths(call, path="a.ipynb") == ["a.ipynb"]


async def test_chats_go_along_with_a_renamed_notebook(call: Call) -> None:
    """They are listed under its new name, and no more under the old one."""
    await created(call, "old.ipynb")
    moved = await call("PATCH", "chats", {"path": "old.ipynb", "to": "new.ipynb"})

    assert moved.code == 204
    assert await paths(call) == ["new.ipynb"]


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


def question(text: str, key: str = "k", **more: object) -> Body:
    """A question about a notebook's only cell."""
    notebook = {"cells": [{"kind": "code", "source": "x = 1"}]}
    return {"notebook": notebook, "cell": 0, "key": key, "question": text, **more}


async def exchanges(call: Call, chat: str) -> list[Body]:
    """What was said, as it is kept."""
    return cast("list[Body]", parsed(await call("GET", f"chats/{chat}"))["exchanges"])


async def test_question_is_answered_and_kept(post: Post, call: Call, set_rules: SetRules) -> None:
    """The answer streams, and stands in the history with its end and its model."""
    set_rules({"answer": "It is one."})
    chat = await created(call, "a.ipynb")
    chip = {"kind": "frame", "label": "trips", "text": ""}

    response = await post(f"chats/{chat}/ask", question("what is x?", attachments=[chip]))

    assert json.loads(response.body.splitlines()[-1])["type"] == "done"
    (kept,) = await exchanges(call, chat)
    assert (kept["question"], kept["attachments"]) == ("what is x?", [chip])
    assert kept["reply"] == {"text": "It is one.", "ending": "done", "model": "fake", "left_out_turns": 0}


async def test_question_asked_again_gets_another_answer(post: Post, call: Call, set_rules: SetRules) -> None:
    """The last answer is replaced."""
    chat = await created(call, "")
    for answer in ("First.", "Second."):
        set_rules({"answer": answer})
        await post(f"chats/{chat}/ask", question("why?"))

    (kept,) = await exchanges(call, chat)
    assert cast("Body", kept["reply"])["text"] == "Second."


async def test_answer_stands_where_another_fails_before_it_begins(post: Post, call: Call, set_rules: SetRules) -> None:
    """Where the engine dies without a word, the history has the answer that there was."""
    chat = await created(call, "")
    for rule in ({"answer": "First."}, {"answer": "Second.", "dies_after": 0}):
        set_rules(rule)
        response = await post(f"chats/{chat}/ask", question("why?"))

    assert response.code == 502
    (kept,) = await exchanges(call, chat)
    reply = cast("Body", kept["reply"])
    assert (reply["text"], reply["ending"]) == ("First.", "done")


async def test_answer_that_is_stopped_is_kept_as_far_as_it_came(
    ask_raw: AskRaw, post: Post, call: Call, set_rules: SetRules, service: Service
) -> None:
    """Whoever stops an answer finds its beginning again, marked as stopped."""
    set_rules({"answer": ENDLESS, "delay_s": 0.02})
    chat = await created(call, "")
    service.serving.start()
    while service.serving.latest.state != "ready":
        await asyncio.sleep(0.01)
    reader, writer = await ask_raw(f"chats/{chat}/ask", question("count"))
    await reader.readuntil(b'"text"')
    writer.close()

    while (kept := (await exchanges(call, chat))[0])["reply"] is None:
        await asyncio.sleep(0.02)
    reply = cast("Body", kept["reply"])
    assert reply["ending"] == "stopped"
    assert ENDLESS.startswith(str(reply["text"]))


async def test_answer_that_fails_leaves_the_question_in_the_history(
    post: Post, call: Call, set_rules: SetRules
) -> None:
    """Where the engine dies on the way, the question is found in the history and can be asked again."""
    set_rules({"answer": "half an answer", "dies_after": 3})
    chat = await created(call, "")

    await post(f"chats/{chat}/ask", question("why?"))

    (kept,) = await exchanges(call, chat)
    assert cast("Body", kept["reply"])["ending"] == "failed"


async def test_blank_question_is_refused(post: Post, call: Call) -> None:
    """Nothing is asked of the model and nothing is kept."""
    chat = await created(call, "")

    assert (await post(f"chats/{chat}/ask", question("  "))).code == 400
    assert await exchanges(call, chat) == []


async def test_question_in_a_deleted_chat_is_refused(post: Post) -> None:
    """Another page has deleted it: the reply says so."""
    response = await post("chats/" + "0" * 32 + "/ask", question("why?"))

    assert (response.code, json.loads(response.body)["code"]) == (404, "unknown_chat")
