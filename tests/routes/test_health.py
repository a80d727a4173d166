"""How the server is."""

import json
from collections.abc import Awaitable, Callable

from tornado.httpclient import HTTPResponse

from jupyter_starcoder import __version__

Fetch = Callable[..., Awaitable[HTTPResponse]]


async def test_health_of_a_new_server_answers_at_once(jp_fetch: Fetch) -> None:
    """The state can be asked before the model is there."""
    response = await jp_fetch("starcoder", "health")
    found = json.loads(response.body)

    assert response.code == 200
    assert found["version"] == __version__
    assert found["model"] == "fake"
