"""Which models there are, what is done to them, and which one is served."""

from jupyter_starcoder.library import Volume
from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.routes.health import health
from jupyter_starcoder.values.stock import Download
from jupyter_starcoder.wire import (
    LoadRequest,
    ModelEntry,
    ModelRequest,
    ModelsReply,
    RemoveRequest,
    SpeedReply,
    WireMachine,
)


class ModelsHandler(StarcoderHandler):
    """GET starcoder/models."""

    _track_activity = False  # a page that only watches does not keep the server from being culled

    @guarded
    async def get(self) -> None:
        """The catalogue, what the store holds besides, and how each stands."""
        await self.reply_listing()

    async def reply_listing(self) -> None:
        """Ends the request with all models as they stand now."""
        listing = await self.service.library.listing()
        machine = listing.machine
        self.reply(
            ModelsReply(
                models=tuple(entry(volume) for volume in listing.volumes),
                current=self.service.serving.latest.model,
                served=listing.served,
                machine=WireMachine(
                    kind=machine.kind,
                    name=machine.name,
                    cores=machine.cores,
                    memory_bytes=machine.memory_bytes,
                    free_bytes=machine.free_bytes,
                ),
            )
        )


class GetModelHandler(ModelsHandler):
    """POST starcoder/models/get."""

    @guarded
    async def post(self) -> None:
        """Begins to fetch and prepare a model, or goes on with one that was paused."""
        await self.service.library.get(self.body_as(ModelRequest).model)
        await self.reply_listing()


class PauseHandler(ModelsHandler):
    """POST starcoder/models/pause."""

    @guarded
    async def post(self) -> None:
        """Stops the work on a model and keeps what came."""
        await self.service.library.pause(self.body_as(ModelRequest).model)
        await self.reply_listing()


class CancelHandler(ModelsHandler):
    """POST starcoder/models/cancel."""

    @guarded
    async def post(self) -> None:
        """Stops the work on a model and takes away what came."""
        await self.service.library.cancel(self.body_as(ModelRequest).model)
        await self.reply_listing()


class RemoveHandler(ModelsHandler):
    """POST starcoder/models/remove."""

    @guarded
    async def post(self) -> None:
        """Takes a model out of the store."""
        request = self.body_as(RemoveRequest)
        self.service.settings.permit_removal(request.model, self.service.serving.latest.model)
        await self.service.library.remove(request.model, unload=request.unload)
        await self.reply_listing()


class TestHandler(StarcoderHandler):
    """POST starcoder/models/test."""

    @guarded
    async def post(self) -> None:
        """How fast the served model answers, behind all that people wait for."""
        request = self.body_as(ModelRequest)
        speed = await self.service.library.test(request.model, self.service.serving.current())
        self.reply(
            SpeedReply(
                model=speed.model,
                device=speed.device,
                prompt_tokens=speed.prompt_tokens,
                first_token_ms=speed.first_token_ms,
                new_tokens=speed.new_tokens,
                tokens_per_s=speed.tokens_per_s,
            )
        )


class LoadHandler(StarcoderHandler):
    """POST starcoder/models/load."""

    @guarded
    async def post(self) -> None:
        """Begins to serve a model, fetching and preparing it where need be; `GET starcoder/health` shows how far."""
        request = self.body_as(LoadRequest)
        serving = self.service.serving
        self.service.settings.permit_model(request.model, serving.latest.model)
        await serving.load(request.model)
        self.reply(health(await serving.status(), self.service.settings), 202)


def entry(volume: Volume) -> ModelEntry:
    """A model as it goes over HTTP."""
    model, way = volume.model, volume.download or Download(state="waiting")
    return ModelEntry(
        name=model.name,
        title=model.title,
        licence=model.licence,
        precision=model.precision,
        download_bytes=model.download_bytes,
        is_prepared=model.is_prepared,
        disk_bytes=model.disk_bytes,
        memory_bytes=model.memory_bytes,
        fit=volume.fit,
        is_gated=model.is_gated,
        address=model.address,
        access=model.access,
        resumes=model.resumes,
        note=model.note,
        state=volume.state,
        message=way.message,
        bytes_per_s=way.bytes_per_s,
        left_s=way.left_s,
        progress=way.progress,
        room=volume.room,
    )
