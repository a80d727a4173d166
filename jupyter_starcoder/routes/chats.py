"""Conversations with the assistant, and what can be laid beside a question."""

import asyncio

from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.wire import ChatReply, ChatsReply, FramesReply, NewChatRequest, RenameRequest


class ChatsHandler(StarcoderHandler):
    """starcoder/chats: all conversations, or with `?path=` those about one notebook."""

    @guarded
    async def get(self) -> None:
        """What there is, newest first."""
        chats = await asyncio.to_thread(self.service.chats.chats, self._path())
        self.reply(ChatsReply(chats=chats, notice=self.service.chats.notice))

    @guarded
    async def post(self) -> None:
        """Begins one."""
        request = self.body_as(NewChatRequest)
        chat = await asyncio.to_thread(self.service.chats.create, request.path)
        self.reply(ChatReply(chat=chat, exchanges=()), 201)

    @guarded
    async def delete(self) -> None:
        """Forgets them."""
        await asyncio.to_thread(self.service.chats.clear, self._path())
        self.set_status(204)
        self.finish()

    def _path(self) -> str | None:
        return self.get_query_argument("path", None)


class ChatHandler(StarcoderHandler):
    """starcoder/chats/ID."""

    @guarded
    async def get(self, chat: str) -> None:
        """All that was said."""
        found, exchanges = await asyncio.to_thread(self.service.chats.read, chat)
        self.reply(ChatReply(chat=found, exchanges=exchanges))

    @guarded
    async def patch(self, chat: str) -> None:
        """Gives it another title."""
        request = self.body_as(RenameRequest)
        self.reply(
            ChatReply(chat=await asyncio.to_thread(self.service.chats.rename, chat, request.title), exchanges=())
        )

    @guarded
    async def delete(self, chat: str) -> None:
        """Forgets it."""
        await asyncio.to_thread(self.service.chats.delete, chat)
        self.set_status(204)
        self.finish()


class FramesHandler(StarcoderHandler):
    """GET starcoder/chats/frames?path=."""

    @guarded
    async def get(self) -> None:
        """Frames of the notebook's live kernel."""
        self.reply(FramesReply(frames=await self.service.frames_of(self.get_query_argument("path", ""))))
