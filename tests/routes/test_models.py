"""Which models there are, and which one is served, over HTTP."""

import json
from collections.abc import Awaitable, Callable

from tornado.httpclient import HTTPResponse

Fetch = Callable[..., Awaitable[HTTPResponse]]
Post = Callable[..., Awaitable[HTTPResponse]]


async def test_models_lists_what_there_is(jp_fetch: Fetch) -> None:
    """Each model says whether it is prepared; the served one is named."""
    reply = json.loads((await jp_fetch("starcoder", "models")).body)

    assert [(model["name"], model["is_prepared"]) for model in reply["models"]] == [("fake", True)]
    assert reply["current"] == "fake"


async def test_load_of_the_served_model_answers_with_its_state(post: Post) -> None:
    """Loading returns at once; the reply is the state."""
    response = await post("models/load", {"model": "fake"})

    assert response.code == 202
    assert json.loads(response.body)["model"] == "fake"


async def test_load_of_an_unknown_model_is_refused(post: Post) -> None:
    """A name that nobody knows is not looked for elsewhere, and a path is no name."""
    for name in ("nonsense", "../../etc", ""):
        response = await post("models/load", {"model": name})

        assert response.code == 404
        assert json.loads(response.body)["code"] == "unknown_model"
