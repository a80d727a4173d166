"""The extension in the life of its server."""

import io
import logging
from typing import TYPE_CHECKING

import pytest
from traitlets.config import Config

from jupyter_starcoder.app import StarcoderApp
from jupyter_starcoder.errors import BadRequest, ModelNotReady

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


async def test_setting_that_is_not_allowed_leaves_the_server_without_us(jp_serverapp: "ServerApp") -> None:
    """It is told once, and neither start nor stop complains again of what was never built."""
    app = StarcoderApp()
    app.serverapp = jp_serverapp
    app.config.merge(Config(StarcoderConfig={"provider": "abacus"}))

    with pytest.raises(BadRequest, match="a setting is not allowed: The 'provider' trait"):
        app.initialize_handlers()

    await app._start_jupyter_server_extension(jp_serverapp)
    await app.stop_extension()


async def test_messages_of_our_modules_come_in_the_servers_form(
    jp_serverapp: "ServerApp", monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have a time and a level, as the server's own."""
    heard = io.StringIO()
    monkeypatch.setattr(jp_serverapp.log, "handlers", [logging.StreamHandler(heard)])
    monkeypatch.setattr(logging.getLogger("jupyter_starcoder"), "handlers", [])
    again = StarcoderApp()
    again.serverapp = jp_serverapp
    again.initialize_handlers()

    logging.getLogger("jupyter_starcoder.serving").warning("a model could not be loaded")

    assert heard.getvalue() == "a model could not be loaded\n"
