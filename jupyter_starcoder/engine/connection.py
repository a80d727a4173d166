"""One user's connection to an engine: answers requests, several at once."""

import asyncio
import hmac

from jupyter_starcoder.engine.frames import (
    FROM_CLIENT,
    GREETING_LIMIT_BYTES,
    AskFacts,
    Cancel,
    Facts,
    Failed,
    Finished,
    FromHost,
    Hello,
    Start,
    Token,
    Welcome,
    pack,
    read_frame,
)
from jupyter_starcoder.engine.protocol import Engine, Generation
from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.values.generation import GenerationRequest

GREETING_S = 5.0  # to say the token


class Connection:
    """The host's end of one connection. A client that goes away takes its answers with it."""

    def __init__(self, engine: Engine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._engine = engine
        self._reader = reader
        self._writer = writer
        self._answers: dict[int, Generation] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, token: str) -> None:
        """Serves it until it ends; without the right token it ends at once, without a word."""
        try:
            if await self._is_greeted(token):
                await self._send(Welcome())
                while (message := await read_frame(self._reader, FROM_CLIENT)) is not None:
                    self._take(message)
        except (StarcoderError, ConnectionError):
            return  # what came is not from this package, or the client went while it was written to
        finally:
            await self._end()

    async def _is_greeted(self, token: str) -> bool:
        try:
            async with asyncio.timeout(GREETING_S):
                greeting = await read_frame(self._reader, FROM_CLIENT, limit_bytes=GREETING_LIMIT_BYTES)
        except TimeoutError:
            return False
        return isinstance(greeting, Hello) and hmac.compare_digest(greeting.token.encode(), token.encode())

    def _take(self, message: Hello | Start | Cancel | AskFacts) -> None:
        if isinstance(message, Start):
            self._spawn(message.number, message.request)
        elif isinstance(message, Cancel) and message.number in self._answers:
            self._answers[message.number].cancel()
        elif isinstance(message, AskFacts):
            self._keep(asyncio.create_task(self._tell_facts(message.number)))

    def _spawn(self, number: int, request: GenerationRequest) -> None:
        try:
            generation = self._engine.generate(request)
        except StarcoderError as error:
            self._keep(asyncio.create_task(self._send(Failed(number, error.code, error.message))))
            return
        self._answers[number] = generation
        self._keep(asyncio.create_task(self._answer(number, generation)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, generation: Generation) -> None:
        try:
            async for token in generation:
                await self._send(Token(number, token))
            await self._send(Finished(number, generation.usage))
        except StarcoderError as error:
            await self._send(Failed(number, error.code, error.message))
        finally:
            generation.cancel()
            del self._answers[number]

    async def _tell_facts(self, number: int) -> None:
        await self._send(Facts(number, await self._engine.facts()))

    async def _send(self, message: FromHost) -> None:
        """Writes a message; where the client has gone, nothing happens: the reading side notices it."""
        if self._writer.is_closing():
            return
        self._writer.write(pack(message))
        try:
            await self._writer.drain()
        except ConnectionError:
            return

    async def _end(self) -> None:
        for generation in self._answers.values():
            generation.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._writer.close()
