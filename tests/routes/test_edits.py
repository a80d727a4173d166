"""Edits and fixes over HTTP, from the fake model."""

import json
from collections.abc import Awaitable, Callable

from tornado.httpclient import HTTPResponse

Post = Callable[..., Awaitable[HTTPResponse]]
SetRules = Callable[..., None]
NOTEBOOK = {"cells": [{"kind": "code", "source": "x = 1\n"}]}
EDIT = {"notebook": NOTEBOOK, "cell": 0, "instruction": "make it two"}


def text(response: HTTPResponse) -> str:
    """The answer of a reply."""
    assert response.code == 200, response.body
    events = [json.loads(line) for line in response.body.splitlines()]
    return "".join(event["text"] for event in events if event["type"] == "text")


async def test_edit_streams_the_whole_new_text(post: Post, set_rules: SetRules) -> None:
    """With the line end that the cell had."""
    set_rules({"answer": "x = 2"})

    assert text(await post("edit", EDIT)) == "x = 2\n"


async def test_edit_of_a_span_streams_the_cell_around_it(post: Post, set_rules: SetRules) -> None:
    """What is not selected stays."""
    set_rules({"answer": "2"})

    assert text(await post("edit", EDIT | {"start": 4, "end": 5})) == "x = 2\n"


async def test_edit_with_one_end_of_a_span_is_refused(post: Post) -> None:
    """A client's mistake is named."""
    response = await post("edit", EDIT | {"start": 4})

    assert response.code == 400
    assert "both ends" in json.loads(response.body)["message"]


async def test_edit_of_a_cell_that_is_too_long_has_a_status(post: Post) -> None:
    """The message says what helps."""
    cells = [{"kind": "code", "source": "x = 1\n" * 2000}]
    response = await post("edit", EDIT | {"notebook": {"cells": cells}})

    assert (response.code, json.loads(response.body)["code"]) == (413, "cell_too_long")


async def test_fix_streams_the_whole_new_text(post: Post, set_rules: SetRules) -> None:
    """The cell without its error."""
    set_rules({"answer": "x = 3"})
    mishap = {"name": "NameError", "message": "name 'y' is not defined"}

    assert text(await post("fix", {"notebook": NOTEBOOK, "cell": 0, "mishap": mishap})) == "x = 3\n"


async def test_explanation_goes_on_with_a_question(post: Post, set_rules: SetRules) -> None:
    """What was said before travels with it."""
    set_rules({"answer": "Because."})
    turns = [{"speaker": "assistant", "text": "It sets x."}, {"speaker": "person", "text": "Why?"}]
    body = {"notebook": NOTEBOOK, "cell": 0, "subject": "error", "text": "NameError: y", "turns": turns}

    assert text(await post("explain", body)) == "Because."
