"""What the administrator says about the front end, and what the server makes of it itself."""

import json
from collections.abc import Awaitable, Callable

import pytest
from tornado.httpclient import HTTPResponse

from jupyter_starcoder.app import StarcoderApp

Post = Callable[..., Awaitable[HTTPResponse]]
Fetch = Callable[..., Awaitable[HTTPResponse]]
NOTEBOOK = {"cells": [{"kind": "code", "source": "x = "}]}
QUESTIONS: dict[str, dict[str, object]] = {
    "complete": {"offset": 4},
    "explain": {},
    "edit": {"instruction": "make it two"},
    "fix": {"mishap": {"name": "NameError", "message": "name 'y' is not defined"}},
    "generate": {"request": "add one"},
}
REASON = "--StarcoderConfig.locked_reason=Exams are on."


async def settings(jp_fetch: Fetch) -> dict[str, object]:
    """The reply of the server under test."""
    found: dict[str, object] = json.loads((await jp_fetch("starcoder", "settings")).body)
    return found


def off(*features: str) -> list[str]:
    """Arguments of a server that switches features off."""
    return [*(f"--StarcoderConfig.disabled_features={feature}" for feature in features), REASON]


async def test_settings_without_a_word_of_the_administrator_are_our_defaults(jp_fetch: Fetch) -> None:
    """Nothing is locked, and nothing is switched off."""
    assert await settings(jp_fetch) == {
        "options": {"enabled": True, "trigger": "automatic", "debounceMs": 150, "maxTokens": 64, "model": ""},
        "locked": [],
        "disabled": [],
        "reason": "",
    }


@pytest.mark.parametrize(
    "jp_argv",
    [
        [
            "--StarcoderConfig.trigger=manual",
            "--StarcoderConfig.completion_tokens=7",
            "--StarcoderConfig.locked=trigger",
            "--StarcoderConfig.locked=completion_tokens",
            "--StarcoderConfig.locked=model",
            REASON,
        ]
    ],
)
async def test_settings_of_the_administrator_reach_the_front_end_by_its_own_names(jp_fetch: Fetch) -> None:
    """Values, what is locked, and why; a locked model is named."""
    assert await settings(jp_fetch) == {
        "options": {"enabled": True, "trigger": "manual", "debounceMs": 150, "maxTokens": 7, "model": "fake"},
        "locked": ["trigger", "maxTokens", "model"],
        "disabled": [],
        "reason": "Exams are on.",
    }


@pytest.mark.parametrize(
    "jp_argv",
    [
        ["--StarcoderConfig.disabled_features=complete"],
        ["--StarcoderConfig.enabled=False", "--StarcoderConfig.locked=enabled"],
    ],
)
async def test_completion_that_is_off_is_locked_in_the_settings_and_refused(post: Post, jp_fetch: Fetch) -> None:
    """Whether it is switched off or locked as off: the switch stands at off, and nobody can turn it."""
    assert (await post("complete", {"notebook": NOTEBOOK, "cell": 0, "offset": 4})).code == 403
    found = await settings(jp_fetch)

    assert (found["locked"], found["disabled"]) == (["enabled"], ["complete"])
    assert found["options"] == {
        "enabled": False,
        "trigger": "automatic",
        "debounceMs": 150,
        "maxTokens": 64,
        "model": "",
    }


@pytest.mark.parametrize("jp_argv", [off(*QUESTIONS, "chat")])
async def test_feature_that_is_off_is_refused_with_the_reason(post: Post) -> None:
    """Under a code of its own, which is not that of a stranger's refusal."""
    chat = "chats/" + "0" * 32 + "/ask"
    chats: dict[str, dict[str, object]] = {
        chat: {"key": "k", "question": "why?"},
        "chat": {"turns": [{"speaker": "person", "text": "why?"}]},
    }
    for route, question in (QUESTIONS | chats).items():
        response = await post(route, {"notebook": NOTEBOOK, "cell": 0} | question)

        feature = "chat" if route == chat else route
        assert (response.code, json.loads(response.body)) == (
            403,
            {
                "code": "not_permitted",
                "message": f"{feature} is switched off by the administrator: Exams are on.",
                "missing": [],
                "progress": None,
            },
        )


@pytest.mark.parametrize(
    "jp_argv", [["--StarcoderConfig.completion_tokens=2", "--StarcoderConfig.locked=completion_tokens"]]
)
async def test_length_that_is_locked_holds_whatever_the_request_says(
    post: Post, set_rules: Callable[..., None]
) -> None:
    """A page that sends another number gets the administrator's."""
    set_rules({"ending": "x = ", "answer": "123456789"})
    response = await post("complete", {"notebook": NOTEBOOK, "cell": 0, "offset": 4, "max_tokens": 9})
    events = [json.loads(line) for line in response.body.splitlines()]

    assert "".join(event["text"] for event in events if event["type"] == "text") == "12"


@pytest.mark.parametrize("jp_argv", [off("edit")])
async def test_feature_that_is_off_leaves_the_others(post: Post) -> None:
    """Each is switched by itself."""
    assert (await post("edit", {"notebook": NOTEBOOK, "cell": 0, "instruction": "i"})).code == 403
    assert (await post("complete", {"notebook": NOTEBOOK, "cell": 0, "offset": 4})).code == 200


@pytest.mark.parametrize("jp_argv", [off("chat")])
async def test_chat_that_is_off_begins_no_conversation_and_still_shows_the_old_ones(
    post: Post, jp_fetch: Fetch
) -> None:
    """What somebody said before stays theirs, to read and to forget."""
    assert (await post("chats", {"path": "a.ipynb"})).code == 403
    assert (await jp_fetch("starcoder", "chats")).code == 200
    assert (await jp_fetch("starcoder", "chats", method="DELETE")).code == 204


@pytest.mark.parametrize("jp_argv", [["--StarcoderConfig.locked=model", REASON]])
async def test_model_that_is_locked_cannot_be_changed_from_a_page(post: Post, app: StarcoderApp) -> None:
    """The one that is set can still be loaded again."""
    refused = await post("models/load", {"model": "smollm2-135m-instruct"})

    assert refused.code == 403
    assert json.loads(refused.body)["message"] == "the administrator has locked the model to fake: Exams are on."
    assert (await post("models/load", {"model": "fake"})).code == 202
    assert app.service.serving.latest.model == "fake"


@pytest.mark.parametrize("jp_argv", [["--StarcoderConfig.locked=model", REASON]])
async def test_model_that_is_locked_cannot_be_taken_away_from_a_page(post: Post, app: StarcoderApp) -> None:
    """Nobody would be answered then, and no other model could take its place."""
    refused = await post("models/remove", {"model": "fake", "unload": True})

    assert refused.code == 403
    assert "so it stays: Exams are on." in json.loads(refused.body)["message"]
    assert app.service.serving.answering == "fake"
