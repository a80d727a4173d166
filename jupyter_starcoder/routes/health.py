"""How the server is."""

from jupyter_starcoder import __version__
from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.values.model import ServingStatus
from jupyter_starcoder.values.settings import Settings
from jupyter_starcoder.wire import HealthReply


class HealthHandler(StarcoderHandler):
    """GET starcoder/health."""

    _track_activity = False  # a page that only watches does not keep the server from being culled

    @guarded
    async def get(self) -> None:
        """The state of the served model, with progress while it is made or loaded."""
        self.reply(health(await self.service.serving.status(), self.service.settings))


def health(status: ServingStatus, settings: Settings) -> HealthReply:
    """A status as it goes over HTTP."""
    return HealthReply(
        version=__version__,
        state=status.state,
        model=status.model,
        device=status.device,
        message=status.message,
        answering=status.answering,
        is_busy=status.is_busy,
        waiting=status.waiting,
        kernel_context=settings.kernel_context,
        progress=status.progress,
    )
