"""The prompt, shown to whoever asks for it."""

import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import text_of
from jupyter_starcoder.local import FAKE_MARKERS
from jupyter_starcoder.routes.service import Service

Post = Callable[..., Awaitable[HTTPResponse]]
CELLS = [{"kind": "code", "source": "import helpers"}, {"kind": "code", "source": "x = "}]
NOTEBOOK = {"cells": CELLS, "path": "work.ipynb"}
QUESTION = {"notebook": NOTEBOOK, "cell": 1, "offset": 4}


async def test_debug_prompt_shows_exactly_what_the_model_is_given(
    post: Post, service: Service, jp_root_dir: Path
) -> None:
    """Section by section with their tokens and times, then the answer as ever."""
    (jp_root_dir / "helpers.py").write_text("def load(path):\n    '''Reads it.'''\n")
    for _ in range(20):  # on a busy machine a file's first reading may miss its deadline
        response = await post("complete", QUESTION, params={"debug": "prompt"})
        shown, *answer = [json.loads(line) for line in response.body.splitlines()]
        if "project" in [section["name"] for section in shown["sections"]]:
            break

    engine = service.serving.current().engine
    assert isinstance(engine, FakeEngine)
    assert shown["type"] == "prompt"
    assert "".join(section["text"] for section in shown["sections"]).encode() == text_of(engine.requests[-1].prompt_ids)
    assert shown["tokens"] == len(engine.requests[-1].prompt_ids) <= shown["budget_tokens"]
    sections = {section["name"]: section for section in shown["sections"]}
    assert sections["project"]["text"] == "# helpers.py\n# def load(path): Reads it.\n\n"
    assert sections["cells"]["tokens"] == len("import helpers\n\n")
    assert all(section["build_ms"] >= 0 for section in shown["sections"])
    assert {source["name"] for source in shown["sources"]} == {"cells", "project", "kernel"}
    assert [event["type"] for event in answer] == ["text", "text", "done"]


MISHAP = {"name": "NameError", "message": "name 'y' is not defined"}
REQUESTS: dict[str, tuple[dict[str, object], str]] = {
    "complete": ({"offset": 4}, "cell"),
    "explain": ({}, "asked"),
    "chat": ({"turns": [{"speaker": "person", "text": "What is x?"}]}, "asked"),
    "generate": ({"request": "load the files"}, "request"),
    "edit": ({"instruction": "make it two"}, "edited"),
    "fix": ({"mishap": MISHAP}, "edited"),
    "chats/{}/ask": ({"key": "one", "question": "What is x?"}, "asked"),
}


@pytest.mark.parametrize("route", REQUESTS)
async def test_debug_prompt_is_shown_by_every_answer(route: str, post: Post, service: Service) -> None:
    """In front of it, to the byte what the model is given; special tokens by their spelling."""
    more, section = REQUESTS[route]
    chat = service.chats.create("work.ipynb").id

    response = await post(route.format(chat), {"notebook": NOTEBOOK, "cell": 1, **more}, params={"debug": "prompt"})
    shown, *answer = [json.loads(line) for line in response.body.splitlines()]

    engine = service.serving.current().engine
    assert isinstance(engine, FakeEngine)
    text = "".join(each["text"] for each in shown["sections"])
    for marker in FAKE_MARKERS:
        text = text.replace(marker, "")
    assert text.encode() == text_of(engine.requests[-1].prompt_ids)
    assert section in [each["name"] for each in shown["sections"]]
    assert [shown["type"], answer[-1]["type"]] == ["prompt", "done"]


@pytest.mark.parametrize("route", REQUESTS)
async def test_debug_prompt_is_for_those_who_may_ask(route: str, jp_fetch: Post, service: Service) -> None:
    """Without the token nothing is shown."""
    more, _ = REQUESTS[route]
    path = route.format(service.chats.create("work.ipynb").id).split("/")
    body = json.dumps({"notebook": NOTEBOOK, "cell": 1, **more})

    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(
            "starcoder", *path, method="POST", body=body, params={"debug": "prompt"}, headers={"Authorization": ""}
        )

    assert refused.value.code in {401, 403}


async def test_debug_of_something_else_leaves_a_conversation_alone(post: Post, service: Service) -> None:
    """The question stays with the person."""
    chat = service.chats.create("work.ipynb").id
    body = {"notebook": NOTEBOOK, "cell": 1, "key": "one", "question": "What is x?"}

    assert (await post(f"chats/{chat}/ask", body, params={"debug": "promt"})).code == 400
    assert not service.chats.read(chat)[1]


async def test_debug_prompt_is_shown_only_where_it_is_asked_for(post: Post) -> None:
    """Other completions begin with their text."""
    response = await post("complete", QUESTION)

    assert json.loads(response.body.splitlines()[0])["type"] == "text"


async def test_debug_of_something_else_is_refused(post: Post) -> None:
    """A typo is heard of."""
    response = await post("complete", QUESTION, params={"debug": "promt"})

    assert response.code == 400
    assert "debug=prompt" in json.loads(response.body)["message"]


async def test_debug_prompt_is_never_logged(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """What a user typed stays out of the log, whoever looks at the prompt."""
    caplog.set_level(logging.DEBUG)

    cells = [{"kind": "code", "source": "password_of_ada = "}]
    await post("complete", {"notebook": {"cells": cells}, "cell": 0, "offset": 18}, params={"debug": "prompt"})

    assert "password_of_ada" not in caplog.text


async def test_debug_prompt_of_an_answer_that_fails_ends_with_an_error_line(
    post: Post, set_rules: Callable[..., None]
) -> None:
    """The prompt has been shown by then: it is what one wants to see."""
    set_rules({"answer": "42", "dies_after": 0})

    response = await post("complete", QUESTION, params={"debug": "prompt"})

    assert [json.loads(line)["type"] for line in response.body.splitlines()] == ["prompt", "error"]


async def test_debug_prompt_of_a_place_that_is_none_is_a_refusal(post: Post) -> None:
    """Without a prompt the reply has a status of its own."""
    response = await post("complete", {**QUESTION, "cell": 7}, params={"debug": "prompt"})

    assert response.code == 400
