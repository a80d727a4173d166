"""The user's end of a connection to an engine in another process."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator

from jupyter_starcoder.engine.address import LOOPBACK, Address
from jupyter_starcoder.engine.frames import (
    FROM_HOST,
    AskFacts,
    Cancel,
    Facts,
    Failed,
    Finished,
    FromClient,
    FromHost,
    Hello,
    Start,
    Token,
    Welcome,
    pack,
    read_frame,
)
from jupyter_starcoder.engine.generation import ReadOnce, nothing_done
from jupyter_starcoder.errors import EngineDied, EngineError, StarcoderError, from_code
from jupyter_starcoder.values.generation import GenerationRequest
from jupyter_starcoder.values.model import EngineFacts

GREETING_S = 10.0  # for the host's answer to the token

Inbox = asyncio.Queue[FromHost | None]  # None: the connection has ended


class EngineClient:
    """An engine in another process. Belongs to the event loop that connected it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._inboxes: dict[int, Inbox] = {}
        self._is_closed = False
        self._is_lost = False  # it ended before it was closed here
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, address: Address, token: str) -> "EngineClient":
        """A connection that the host has welcomed.

        Raises:
            EngineError: the host refused the token, or is not one of this version.
            EngineDied: nobody listens there.
        """
        try:
            if address.path:
                reader, writer = await asyncio.open_unix_connection(address.path)
            else:
                reader, writer = await asyncio.open_connection(LOOPBACK, address.port)
        except OSError as error:
            raise EngineDied(f"the engine does not listen at {address.path or address.port} ({error})") from error
        try:
            writer.write(pack(Hello(token)))
            async with asyncio.timeout(GREETING_S):
                greeting = await read_frame(reader, FROM_HOST)
            if not isinstance(greeting, Welcome):
                raise EngineError("the engine refused this connection: its token is another one")
        except TimeoutError as error:
            writer.close()
            raise EngineError(f"the engine did not answer within {GREETING_S:g} s") from error
        except StarcoderError:
            writer.close()
            raise
        return cls(reader, writer)

    def generate(self, request: GenerationRequest) -> "RemoteGeneration":
        """An answer; it is queued when it is first read, and EngineBusy comes from there."""
        return RemoteGeneration(self, request)

    async def facts(self) -> EngineFacts:
        """What the engine says of itself now.

        Raises:
            EngineDied: the connection has ended.
        """
        number, inbox = self.open_inbox()
        try:
            self.send(AskFacts(number))
            message = await inbox.get()
        finally:
            self.close_inbox(number)
        if not isinstance(message, Facts):
            raise EngineDied("the connection to the engine has ended")
        return message.facts

    async def close(self) -> None:
        """Ends the connection; the host cancels what was asked over it."""
        self._is_closed = True
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    @property
    def is_closed(self) -> bool:
        """Whether it was closed from this end, alive: what still runs then ends as cancelled."""
        return self._is_closed and not self._is_lost

    def open_inbox(self) -> tuple[int, Inbox]:
        """A fresh number, and where messages with it arrive."""
        number = next(self._numbers)
        inbox = self._inboxes[number] = asyncio.Queue()
        if self._reading.done():
            inbox.put_nowait(None)
        return number, inbox

    def close_inbox(self, number: int) -> None:
        """What still comes with this number is dropped."""
        self._inboxes.pop(number, None)

    def send(self, message: FromClient) -> None:
        """Sends a message; where the connection has ended, nothing happens: inboxes say so."""
        if not self._writer.is_closing():
            self._writer.write(pack(message))

    async def _read(self) -> None:
        try:
            while (message := await read_frame(self._reader, FROM_HOST)) is not None:
                if not isinstance(message, Welcome) and message.number in self._inboxes:
                    self._inboxes[message.number].put_nowait(message)
        except StarcoderError:
            self._writer.close()  # what came is not a message: the rest cannot be trusted either
        finally:
            self._is_lost = not self._is_closed
            for inbox in self._inboxes.values():
                inbox.put_nowait(None)


class RemoteGeneration(ReadOnce):
    """One answer of an engine in another process."""

    def __init__(self, client: EngineClient, request: GenerationRequest) -> None:
        super().__init__()
        self._client = client
        self._request = request
        self._number = 0
        self._is_cancelled = False

    def cancel(self) -> None:
        """Ends it between two tokens or two parts of the prompt."""
        if self._number and not self._is_cancelled:
            self._client.send(Cancel(self._number))
        self._is_cancelled = True

    async def _tokens(self) -> AsyncIterator[int]:
        if self._is_cancelled:
            self._end_early()
            return
        self._number, inbox = self._client.open_inbox()
        try:
            self._client.send(Start(self._number, self._request))
            while True:
                message = await inbox.get()
                if isinstance(message, Token):
                    yield message.token
                    continue
                self._finish(message)
                return
        finally:
            if self._usage is None:
                self.cancel()
            self._client.close_inbox(self._number)
            self._is_cancelled = True  # whatever is cancelled from now on comes too late

    def _finish(self, message: FromHost | None) -> None:
        if isinstance(message, Finished):
            self._usage = message.usage
        elif isinstance(message, Failed):
            raise from_code(message.code, message.message)
        elif self._client.is_closed:
            self._end_early()
        else:
            raise EngineDied("the connection to the engine ended in the middle of an answer: ask again")

    def _end_early(self) -> None:
        self._usage = nothing_done("cancelled", prompt_tokens=len(self._request.prompt_ids))
