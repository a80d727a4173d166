"""Which models there are, and which one is served, over HTTP."""

import json
from collections.abc import Awaitable, Callable
from typing import cast

from tornado.httpclient import HTTPResponse

from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.routes.service import Service

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


async def test_models_name_the_machine_and_what_fits(jp_fetch: Fetch, pretend: Callable[..., None]) -> None:
    """A model says what it needs and how it stands before anything is fetched."""
    pretend({"name": "large", "memory_bytes": 100 << 30, "is_gated": True})
    reply = json.loads((await jp_fetch("starcoder", "models")).body)

    large = reply["models"][1]
    assert (large["state"], large["fit"], large["is_gated"]) == ("none", "too_large", True)
    assert reply["machine"]["cores"] == 4


async def test_models_name_the_disk_that_has_no_room_for_them(
    post: Post, jp_fetch: Fetch, pretend: Callable[..., None]
) -> None:
    """For what is still to come, before anything is fetched; not while it comes, when less is free each time."""
    pretend(
        {"name": "small", "download_bytes": 90, "free_disk_bytes": 80},
        {"name": "large", "download_bytes": 90, "free_disk_bytes": 80, "memory_bytes": 100 << 30},
        {"name": "here", "is_prepared": True, "free_disk_bytes": 0},
    )
    _, small, large, here = json.loads((await jp_fetch("starcoder", "models")).body)["models"]

    room = {"needed_bytes": 90, "free_bytes": 80}
    assert (small["fit"], small["room"]) == ("no_room", room)
    assert (large["fit"], large["room"]) == ("too_large", room)
    assert (here["fit"], here["room"]) == ("fits", None)

    small = json.loads((await post("models/get", {"model": "small"})).body)["models"][1]
    assert (small["fit"], small["room"]) == ("fits", None)
    small = json.loads((await post("models/pause", {"model": "small"})).body)["models"][1]
    assert small["fit"] == "no_room"


async def test_a_model_is_got_paused_and_cancelled(post: Post, pretend: Callable[..., None]) -> None:
    """Every change answers with all models as they stand; two pages see one download."""
    pretend({"name": "small"})

    async def change(verb: str) -> tuple[int, str]:
        response = await post(f"models/{verb}", {"model": "small"})
        return response.code, next(m["state"] for m in json.loads(response.body)["models"] if m["name"] == "small")

    assert await change("get") in {(200, "waiting"), (200, "fetching")}
    assert await change("get") in {(200, "waiting"), (200, "fetching")}
    assert await change("pause") == (200, "paused")
    assert await change("cancel") == (200, "none")
    assert (await post("models/pause", {"model": "small"})).code == 400
    assert (await post("models/get", {"model": "nonsense"})).code == 404


async def test_remove_of_the_served_model_needs_a_second_word(post: Post) -> None:
    """Nobody's completions end by one click."""
    refused = await post("models/remove", {"model": "fake"})
    assert refused.code == 400
    assert "is the model that answers here" in json.loads(refused.body)["message"]

    reply = await post("models/remove", {"model": "fake", "unload": True})

    assert json.loads(reply.body)["served"] == ""


async def test_test_measures_the_served_model(post: Post, service: Service, set_rules: Callable[..., None]) -> None:
    """By an answer in the lane behind all others."""
    set_rules({"ending": "", "answer": "x = 1\n"})
    reply = json.loads((await post("models/test", {"model": "fake"})).body)

    assert (reply["model"], reply["new_tokens"]) == ("fake", 6)
    (asked,) = cast("FakeEngine", service.serving.current().engine).requests
    assert asked.lane == "batch"
    assert (await post("models/test", {"model": "another"})).code == 400
