"""The server extension: builds the parts out of the settings, adds the routes, and closes what it opened."""

import logging
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from jupyter_server.extension.application import ExtensionApp
from traitlets import TraitError

from jupyter_starcoder import __version__
from jupyter_starcoder.chats.database import Database
from jupyter_starcoder.chats.store import ChatStore
from jupyter_starcoder.config import StarcoderConfig
from jupyter_starcoder.downloads.queue import Downloads
from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.library import Library
from jupyter_starcoder.local import served_name, still_sources, workshop
from jupyter_starcoder.routes.answers import ChatAnswerHandler, CompleteHandler, ExplainHandler, GenerateHandler
from jupyter_starcoder.routes.base import StarcoderHandler
from jupyter_starcoder.routes.chats import AskHandler, ChatHandler, ChatsHandler, FramesHandler
from jupyter_starcoder.routes.edits import EditHandler, FixHandler
from jupyter_starcoder.routes.health import HealthHandler
from jupyter_starcoder.routes.models import (
    CancelHandler,
    GetModelHandler,
    LoadHandler,
    ModelsHandler,
    PauseHandler,
    RemoveHandler,
    TestHandler,
)
from jupyter_starcoder.routes.service import Service
from jupyter_starcoder.routes.settings import SettingsHandler
from jupyter_starcoder.routes.tour import TourHandler
from jupyter_starcoder.serving import Serving

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from jupyter_starcoder.copilot import Copilot
    from jupyter_starcoder.kernels import ServerKernels
    from jupyter_starcoder.values.chat import Frame
    from jupyter_starcoder.values.settings import Settings

CHAT = "([0-9a-f]{32})"
ROUTES: tuple[tuple[str, type[StarcoderHandler]], ...] = (
    ("chat", ChatAnswerHandler),
    ("chats", ChatsHandler),
    ("chats/frames", FramesHandler),
    (f"chats/{CHAT}", ChatHandler),
    (f"chats/{CHAT}/ask", AskHandler),
    ("complete", CompleteHandler),
    ("edit", EditHandler),
    ("explain", ExplainHandler),
    ("fix", FixHandler),
    ("generate", GenerateHandler),
    ("health", HealthHandler),
    ("models", ModelsHandler),
    ("models/load", LoadHandler),
    ("models/get", GetModelHandler),
    ("models/pause", PauseHandler),
    ("models/cancel", CancelHandler),
    ("models/remove", RemoveHandler),
    ("models/test", TestHandler),
    ("settings", SettingsHandler),
    ("tour", TourHandler),
)


class StarcoderApp(ExtensionApp):
    """The extension as Jupyter Server knows it; its own config file is `jupyter_starcoder_config.py`."""

    name = "starcoder"
    version = __version__
    classes = [StarcoderConfig]  # noqa: RUF012 - traitlets' own way
    service: Service

    def initialize_handlers(self) -> None:
        """Builds what the routes need; nothing heavy is imported and nothing waits.

        Raises:
            BadRequest: a setting is not allowed; the server says so and goes on without us.
        """
        server = cast("ServerApp", self.serverapp)
        # What our modules log comes in the server's form, with a time and a level.
        logging.getLogger(__package__).handlers = list(server.log.handlers)
        try:
            settings = StarcoderConfig(parent=self).settings()
        except TraitError as error:
            raise BadRequest(f"a setting is not allowed: {error}") from None
        self.service = build(settings, server)
        self.handlers.extend((f"starcoder/{path}", handler, {"service": self.service}) for path, handler in ROUTES)

    async def _start_jupyter_server_extension(self, serverapp: "ServerApp") -> None:
        """Begins to load the model, now that the event loop runs."""
        if self._is_built and self.service.settings.load_at_start:
            self.service.serving.start()

    async def stop_extension(self) -> None:
        """Ends the engine with the server."""
        if self._is_built:
            await self.service.serving.close()
            await self.service.library.close()
            self.service.chats.close()

    @property
    def _is_built(self) -> bool:
        """The settings were such that there is something to start and to stop."""
        return hasattr(self, "service")


def build(settings: "Settings", server: "ServerApp") -> Service:
    """The parts for one server."""
    shop = workshop(settings)
    downloads = Downloads(shop.prepare, shop.discard)
    # What is served comes by the same road as what a person gets ahead: one download, whoever asks.
    serving = Serving(served_name(settings), replace(shop, prepare=downloads.bring))
    library = Library(shop, downloads, serving)

    @cache
    def kernels() -> "ServerKernels | None":
        return open_kernels(settings, server)

    @cache
    def make_copilot() -> "Copilot":
        return open_copilot(settings, serving, server, kernels())

    async def frames_of(path: str) -> "tuple[Frame, ...]":
        from jupyter_starcoder.context.frames import live_frames

        found = kernels()
        return await live_frames(found.snapshot_of, path, settings.question_deadline_s) if found else ()

    return Service(
        settings=settings,
        serving=serving,
        library=library,
        make_copilot=make_copilot,
        chats=ChatStore(Database(settings.chats_file)),
        frames_of=frames_of,
    )


def open_copilot(
    settings: "Settings", serving: Serving, server: "ServerApp", kernels: "ServerKernels | None"
) -> "Copilot":
    """The copilot of a server, which knows its live kernels unless the settings forbid that."""
    from jupyter_starcoder.copilot import Copilot

    sources = still_sources(settings, Path(server.root_dir))
    if kernels is None:
        return Copilot(serving.current, sources)
    from jupyter_starcoder.context.kernel import KernelSource

    return Copilot(serving.current, [*sources, KernelSource(kernels.snapshot_of)])


def open_kernels(settings: "Settings", server: "ServerApp") -> "ServerKernels | None":
    """The server's kernels, unless the settings forbid to ask them."""
    if settings.kernel_context == "none":
        return None
    from jupyter_starcoder.kernels import ServerKernels
    from kernels_ctx.limits import Limits

    return ServerKernels(server.kernel_manager, server.session_manager, Limits(detail=settings.kernel_context))
