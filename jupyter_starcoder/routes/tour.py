"""The tour, for whoever wants a copy."""

import asyncio

from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.tour import tour
from jupyter_starcoder.wire import TourReply


class TourHandler(StarcoderHandler):
    """GET starcoder/tour."""

    @guarded
    async def get(self) -> None:
        """The notebook; a page saves it by the server's own contents, so that their rules hold."""
        self.reply(TourReply(text=await asyncio.to_thread(tour)))
