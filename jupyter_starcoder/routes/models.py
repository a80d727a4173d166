"""Which models there are, and which one is served."""

from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.routes.health import health
from jupyter_starcoder.wire import LoadRequest, ModelEntry, ModelsReply


class ModelsHandler(StarcoderHandler):
    """GET starcoder/models."""

    @guarded
    async def get(self) -> None:
        """The catalogue, and what the store holds besides."""
        serving = self.service.serving
        models = tuple(
            ModelEntry(
                name=model.name,
                title=model.title,
                licence=model.licence,
                precision=model.precision,
                download_bytes=model.download_bytes,
                is_prepared=model.is_prepared,
            )
            for model in await serving.models()
        )
        self.reply(ModelsReply(models=models, current=serving.latest.model))


class LoadHandler(StarcoderHandler):
    """POST starcoder/models/load."""

    @guarded
    async def post(self) -> None:
        """Begins to serve a model, fetching and preparing it where need be; `GET starcoder/health` shows how far."""
        request = self.body_as(LoadRequest)
        serving = self.service.serving
        await serving.load(request.model)
        self.reply(health(await serving.status()), 202)
