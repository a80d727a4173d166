"""Completions, explanations, generated cells and what is said next, over HTTP, from the fake model."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import text_of
from jupyter_starcoder.routes.service import Service
from jupyter_starcoder.values.generation import Sampling

Post = Callable[..., Awaitable[HTTPResponse]]
SetRules = Callable[..., None]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
AskRaw = Callable[[str, object], Awaitable[Connection]]
Body = dict[str, object]

ENDLESS = " + ".join(map(str, range(1000)))  # without a repetition, which would end it


def question(source: str = "x = ", **more: object) -> Body:
    """A completion at the end of a notebook's only cell."""
    return {"notebook": notebook(source), "cell": 0, "offset": len(source), **more}


def notebook(*sources: str) -> Body:
    """A notebook of code cells."""
    return {"cells": [{"kind": "code", "source": source} for source in sources]}


def lines(response: HTTPResponse) -> list[Body]:
    """The lines of an answer."""
    return [json.loads(line) for line in response.body.splitlines()]


def text(response: HTTPResponse) -> str:
    """The answer of a reply."""
    assert response.code == 200, response.body
    return "".join(str(line["text"]) for line in lines(response) if line["type"] == "text")


def refusal(response: HTTPResponse) -> tuple[int, str, str]:
    """Status, code and message of a reply."""
    reply = json.loads(response.body)
    return response.code, reply["code"], reply["message"]


def engine(service: Service) -> FakeEngine:
    """The engine that answers."""
    return cast("FakeEngine", service.serving.current().engine)


async def is_idle(service: Service) -> None:
    """Waits until the engine does nothing."""
    while (await engine(service).facts()).is_busy:
        await asyncio.sleep(0.01)


async def test_complete_streams_text_and_ends_with_timings(post: Post) -> None:
    """The road from a cursor to the text behind it."""
    response = await post("complete", question())

    assert response.code == 200
    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert text(response) == "42"
    done = lines(response)[-1]
    assert (done["type"], done["finish"], done["model"]) == ("done", "stop", "fake")
    assert cast("Body", done["timings"])["new_tokens"] == 2


async def test_complete_takes_half_a_surrogate_pair_for_one_character(post: Post, service: Service) -> None:
    """A browser's text may hold one: a cell with half an emoji does not end the completions of its notebook."""
    response = await post("complete", question("s = '\ud83d'\nx = "))

    assert text(response) == "42"
    (request,) = engine(service).requests
    assert text_of(request.prompt_ids).endswith(b"s = '?'\nx = ")


async def test_explain_streams_what_the_model_says(post: Post, set_rules: SetRules) -> None:
    """The cell is explained in the model's words."""
    set_rules({"answer": "It **sums**."})

    response = await post("explain", {"notebook": notebook("sum([1, 2])"), "cell": 0})

    assert text(response) == "It **sums**."


async def test_chat_streams_what_is_said_next_and_keeps_nothing(
    post: Post, set_rules: SetRules, service: Service
) -> None:
    """Whoever asks sends all that was said before."""
    set_rules({"answer": "A **sum**."})
    said = [("person", "What is it?"), ("assistant", "Three."), ("person", "Why?")]
    turns = [{"speaker": speaker, "text": words} for speaker, words in said]

    assert text(await post("chat", {"notebook": notebook("1 + 2"), "cell": 0, "turns": turns})) == "A **sum**."
    asked = text_of(engine(service).requests[-1].prompt_ids).decode()
    assert asked.index("1 + 2") < asked.index("Three.") < asked.index("Why?")
    assert service.chats.chats(None) == ()


@pytest.mark.parametrize("turns", [[], [{"speaker": "assistant", "text": "So."}]])
async def test_chat_without_an_open_question_is_refused(post: Post, turns: list[Body]) -> None:
    """There is nothing to answer."""
    assert (await post("chat", {"notebook": notebook("1"), "turns": turns})).code == 400


async def test_generate_streams_code_for_a_request(post: Post, set_rules: SetRules) -> None:
    """A request in words becomes code."""
    set_rules({"answer": "print(1)"})

    body = {"notebook": notebook("import os"), "cell": 1, "request": "print one"}
    response = await post("generate", body)

    assert text(response).strip() == "print(1)"


async def test_answer_arrives_in_pieces(post: Post, set_rules: SetRules) -> None:
    """A piece is sent when it is there, not when all are."""
    set_rules({"answer": "abcd", "delay_s": 0.05})
    chunks: list[bytes] = []

    await post("complete", question("word = "), streaming_callback=chunks.append)

    assert len(chunks) > 1


async def test_answer_that_fails_on_the_way_ends_with_an_error_line(post: Post, set_rules: SetRules) -> None:
    """What came stays; the last line says what happened."""
    set_rules({"answer": "It sums up what is there.", "dies_after": 8})

    response = await post("explain", {"notebook": notebook("sum([1, 2])"), "cell": 0})

    assert response.code == 200
    assert text(response)
    assert lines(response)[-1]["type"] == "error"
    assert lines(response)[-1]["code"] == "engine_died"


async def test_answer_that_fails_before_its_first_piece_has_a_status(post: Post, set_rules: SetRules) -> None:
    """An error that comes first is a reply of its own."""
    set_rules({"answer": "42", "dies_after": 0})

    assert refusal(await post("complete", question()))[:2] == (502, "engine_died")


async def test_engine_works_again_after_an_error(post: Post, set_rules: SetRules) -> None:
    """One failed answer costs one answer."""
    set_rules({"answer": "42", "dies_after": 0})
    await post("complete", question())
    set_rules({"answer": "43"})

    assert text(await post("complete", question())) == "43"


async def test_closed_connection_stops_the_engine(
    ask_raw: AskRaw, set_rules: SetRules, service: Service, post: Post
) -> None:
    """Nobody computes for a reader who has left."""
    await post("complete", question())
    set_rules({"answer": ENDLESS, "delay_s": 0.02})
    reader, writer = await ask_raw("explain", {"notebook": notebook("x = 1"), "cell": 0})
    await reader.readuntil(b'"text"')
    assert (await engine(service).facts()).is_busy

    writer.close()

    await asyncio.wait_for(is_idle(service), 5)


async def test_newer_completion_of_a_page_replaces_the_older(
    ask_raw: AskRaw, set_rules: SetRules, service: Service, post: Post
) -> None:
    """Where a proxy hides that the page has gone on, its next request says so."""
    await post("complete", question())
    set_rules({"ending": "old = ", "answer": ENDLESS, "delay_s": 0.02}, {"ending": "new = ", "answer": "b"})
    reader, writer = await ask_raw("complete", question("old = ", session="page"))
    while not (await engine(service).facts()).is_busy:
        await asyncio.sleep(0.01)

    assert text(await post("complete", question("new = ", session="page"))) == "b"

    rest = await asyncio.wait_for(reader.readuntil(b"superseded"), 5)
    assert b'"done"' in rest
    writer.close()


async def test_completions_of_two_pages_do_not_replace_each_other(post: Post, service: Service) -> None:
    """Each page has a key of its own and is a user of the engine, and a request without a session has none."""
    for session in ("one", "two", ""):
        await post("complete", question(session=session))

    keys = [request.replaces for request in engine(service).requests]
    assert len(set(keys)) == 3
    assert keys[-1] == ""
    assert [request.user for request in engine(service).requests] == ["one", "two", ""]


async def test_variant_is_drawn_at_random_with_its_own_seed(post: Post, service: Service) -> None:
    """The likeliest completion is asked for greedily, another one by its number, so that it can be had again."""
    for variant in (0, 1, 2):
        await post("complete", question(variant=variant))

    samplings = [request.sampling for request in engine(service).requests]
    assert samplings[0] == Sampling()
    assert [sampling.seed for sampling in samplings[1:]] == [1, 2]
    assert all(sampling.temperature > 0 for sampling in samplings[1:])


async def test_variants_and_what_is_asked_ahead_replace_only_their_like(post: Post, service: Service) -> None:
    """Asking for another completion, or for the next one, ends none that is typed for, nor the other way round."""
    asked: list[Body] = [{}, {"variant": 1}, {"variant": 2}, {"ahead": True}]
    for more in [*asked, *asked]:
        await post("complete", question() | {"session": "page", **more})

    keys = [request.replaces for request in engine(service).requests]
    assert len(set(keys)) == len(asked)
    assert keys[: len(asked)] == keys[len(asked) :]


async def test_what_is_asked_ahead_comes_after_what_is_typed_for(post: Post, service: Service) -> None:
    """Nobody waits yet for the text behind a suggestion that was not taken."""
    await post("complete", question(ahead=True))

    assert [request.lane for request in engine(service).requests] == ["chat"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b'{"session": "\xff"}', "not JSON"),
        ([], "no CompleteRequest"),
        ({}, "notebook"),
        (question() | {"offset": "3"}, r"\$.offset"),
        (question() | {"offset": 1.5}, r"\$.offset"),
        (question() | {"cell": True}, r"\$.cell"),
        (question() | {"ofset": 3}, "ofset"),
        (question() | {"notebook": {"cells": [{"kind": "cake", "source": ""}]}}, r"\$.notebook.cells\[0\].kind"),
        (question() | {"notebook": {"cells": [7]}}, r"\$.notebook.cells"),
        (question() | {"max_tokens": 0}, "send 1 or more"),
        (question() | {"max_tokens": -5}, "send 1 or more"),
        (question() | {"max_tokens": 100_000}, "max_tokens 100000 is too many"),
        (question() | {"variant": -1}, "variant -1 does not exist: send 0"),
        (question() | {"variant": 10}, "variant 10 does not exist: send 0"),
    ],
)
async def test_body_that_does_not_fit_is_refused_with_the_field(post: Post, body: object, says: str) -> None:
    """A client hears which field is wrong and what belongs there."""
    status, code, message = refusal(await post("complete", body))

    assert (status, code) == (400, "bad_request")
    assert re.search(says, message), message


@pytest.mark.parametrize("place", [{"offset": 5}, {"offset": -1}, {"cell": 1}, {"cell": -1}])
async def test_cursor_outside_the_notebook_is_refused(post: Post, place: Body) -> None:
    """A place that does not exist has no completion."""
    status, code, _ = refusal(await post("complete", question() | place))

    assert (status, code) == (400, "bad_cursor")


async def test_offset_counts_code_points(post: Post, set_rules: SetRules) -> None:
    """A character beyond the basic plane counts once, as in JupyterLab's own offsets."""
    set_rules({"ending": "🐍 = ", "answer": "1"}, {"answer": "wrong"})

    assert text(await post("complete", question("🐍 = "))) == "1"


async def test_body_over_the_limit_is_refused(post: Post) -> None:
    """Nobody fills the server's memory with one request."""
    status, code, message = refusal(await post("complete", question("x" * 100_001)))

    assert (status, code) == (413, "request_too_large")
    assert "100000" in message


async def test_cells_are_named_by_hash_once_they_were_sent(post: Post, set_rules: SetRules) -> None:
    """A second request is small, and the model sees the same."""
    set_rules({"ending": "import json\n\ny = ", "answer": "1"}, {"answer": "2"})
    cell = {"kind": "code", "source": "import json", "hash": "h1"}
    typed = {"kind": "code", "source": "y = "}
    body = {"cell": 1, "offset": 4, "session": "page"}

    first = await post("complete", body | {"notebook": {"cells": [cell, typed]}})
    second = await post("complete", body | {"notebook": {"cells": ["h1", typed]}})

    assert text(first) == text(second)
    assert lines(first)[-1]["timings"]["prompt_tokens"] == lines(second)[-1]["timings"]["prompt_tokens"]  # type: ignore[index]


async def test_unknown_hashes_are_asked_for(post: Post) -> None:
    """A server that was started again has forgotten its cells and says which."""
    body = {"cell": 0, "offset": 0, "session": "page", "notebook": {"cells": ["h1", "h2", "h1"]}}
    response = await post("complete", body)

    assert response.code == 409
    assert json.loads(response.body)["missing"] == ["h1", "h2"]


async def test_request_before_the_model_is_there_hears_that_it_is_loading(
    jp_fetch: Callable[..., Awaitable[HTTPResponse]], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers at once: not yet, and how far it is."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("starcoder", "complete", method="POST", body=json.dumps(question()))

    reply = json.loads(cast("HTTPResponse", caught.value.response).body)
    assert (caught.value.code, reply["code"]) == (503, "model_not_ready")
    assert "fake is being loaded" in reply["message"]
    assert "progress" in reply


async def test_nothing_that_was_typed_goes_into_the_log(
    post: Post, set_rules: SetRules, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an answer, nor a refusal, nor a failure tells the log what a user wrote."""
    set_rules({"ending": "= ", "answer": "sekret", "dies_after": 3})

    await post("complete", question("sekret = "))
    await post("complete", question("sekret = ") | {"sekret": 1})
    await post("complete", '"sekret')
    await post("complete", question("sekret = ") | {"offset": 99})

    assert "sekret" not in caplog.text
