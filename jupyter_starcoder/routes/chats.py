"""Conversations with the assistant."""

import asyncio
from contextlib import aclosing

from jupyter_starcoder.chats.store import ChatStore
from jupyter_starcoder.routes.answers import AnswerHandler, Events
from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.chat import Ending, Exchange, Reply, conversation_of
from jupyter_starcoder.values.conversation import Attachment
from jupyter_starcoder.values.generation import Finish
from jupyter_starcoder.wire import (
    AskRequest,
    ChatReply,
    ChatsReply,
    FramesReply,
    MoveRequest,
    NewChatRequest,
    RenameRequest,
)

ENDINGS: dict[Finish, Ending] = {"stop": "done", "length": "cut", "cancelled": "stopped", "superseded": "stopped"}


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
        self.service.settings.permit("chat")  # what was said before can still be read, and forgotten
        request = self.body_as(NewChatRequest)
        chat = await asyncio.to_thread(self.service.chats.create, request.path)
        self.reply(ChatReply(chat=chat, exchanges=()), 201)

    @guarded
    async def patch(self) -> None:
        """Goes along with a notebook that got another name."""
        request = self.body_as(MoveRequest)
        await asyncio.to_thread(self.service.chats.move, request.path, request.to)
        self.set_status(204)
        self.finish()

    @guarded
    async def delete(self) -> None:
        """Forgets them."""
        await asyncio.to_thread(self.service.chats.clear, self._path())
        self.set_status(204)
        self.finish()

    def _path(self) -> str | None:
        return self.get_query_argument("path", None, strip=False)  # a name may begin or end with a space


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


class AskHandler(AnswerHandler):
    """POST starcoder/chats/ID/ask."""

    feature = "chat"

    @guarded
    async def post(self, chat: str) -> None:
        """Writes the question down, streams its answer, and writes down what came of that."""
        request = self.body_as(AskRequest)
        notebook = self.notebook(request.session, request.notebook)
        copilot = self.copilot()  # without a model the question stays with the person
        tokens, settings = request.max_tokens, self.service.settings
        options = self.wanted("chat", settings.explain_tokens if tokens is None else tokens, request.session)
        attachments = tuple(Attachment(kind=a.kind, label=a.label, text=a.text) for a in request.attachments)
        self.is_shown()  # a typo in it is refused before the question is written down
        exchanges = await asyncio.to_thread(self.service.chats.ask, chat, request.key, request.question, attachments)
        said = conversation_of(exchanges)
        answer = self.answered(copilot, lambda: copilot.questions.chat(notebook, request.cell, said, options))
        await self.stream(kept(answer, self.service.chats, chat, exchanges[-1]))


class FramesHandler(StarcoderHandler):
    """GET starcoder/chats/frames?path=."""

    @guarded
    async def get(self) -> None:
        """Frames of the notebook's live kernel."""
        self.reply(FramesReply(frames=await self.service.frames_of(self.get_query_argument("path", "", strip=False))))


async def kept(answer: Events, chats: ChatStore, chat: str, asked: Exchange) -> Events:
    """The same answer; however it ends, it is written down as far as it came."""
    pieces: list[str] = []
    ending: Ending = "stopped"
    done: Done | None = None
    try:
        async with aclosing(answer):
            async for event in answer:
                if isinstance(event, TextPiece):
                    pieces.append(event.text)
                elif isinstance(event, Done):
                    ending, done = ENDINGS[event.finish], event
                yield event
    except Exception:
        ending = "failed"
        raise
    finally:
        reply = Reply(
            text="".join(pieces),
            ending=ending,
            model=done.model if done else "",
            left_out_turns=done.left_out_turns if done else 0,
        )
        # Shielded: whoever stops an answer still finds it in the history.
        await asyncio.shield(asyncio.to_thread(chats.answer, chat, asked, reply))
