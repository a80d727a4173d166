"""The extension in the life of its server."""

from typing import TYPE_CHECKING

import pytest

from jupyter_starcoder.app import StarcoderApp
from jupyter_starcoder.errors import ModelNotReady

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def state(app: StarcoderApp) -> str:
    """The state of its model."""
    return app.service.serving.latest.state


async def test_start_of_the_server_begins_to_load_the_model(app: StarcoderApp, jp_serverapp: "ServerApp") -> None:
    """The hook returns at once; the model comes in the background."""
    assert state(app) == "absent"

    await app._start_jupyter_server_extension(jp_serverapp)

    assert state(app) == "loading"


@pytest.mark.parametrize("jp_argv", [["--StarcoderConfig.load_at_start=False"]])
async def test_start_of_the_server_leaves_the_model_to_the_first_request(
    app: StarcoderApp, jp_serverapp: "ServerApp"
) -> None:
    """A server of many users loads a model for those who ask; the command line sets it."""
    await app._start_jupyter_server_extension(jp_serverapp)
    assert state(app) == "absent"

    with pytest.raises(ModelNotReady):
        app.service.serving.current()

    assert state(app) == "loading"


async def test_end_of_the_server_ends_the_engine(app: StarcoderApp, jp_serverapp: "ServerApp") -> None:
    """Nothing stays behind."""
    await app._start_jupyter_server_extension(jp_serverapp)

    await app.stop_extension()

    with pytest.raises(ModelNotReady):
        app.service.serving.current()
