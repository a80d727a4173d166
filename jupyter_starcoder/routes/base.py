"""What all handlers share: who may ask, reading a body, errors as replies, and streaming an answer."""

import asyncio
import functools
import http
import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_starcoder.errors import BadRequest, CellsMissing, ModelNotReady, RequestTooLarge, StarcoderError
from jupyter_starcoder.routes.service import Service
from jupyter_starcoder.routes.statuses import SERVER_CODES, status_of
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.wire import DoneEvent, ErrorEvent, ErrorReply, PromptEvent, TextEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

Body = TypeVar("Body")
GUARD_MARK = "__starcoder_guarded__"
AUTH_RESOURCE = "starcoder"
INTERNAL = "something went wrong that should not have: the server's log says where"


class StarcoderHandler(APIHandler):
    """Base of every handler of this extension."""

    auth_resource = AUTH_RESOURCE
    _sending: "asyncio.Task[None] | None" = None

    def initialize(self, service: Service) -> None:
        """Takes what `app.py` built."""
        self.service = service

    def body_as(self, kind: type[Body]) -> Body:
        """The request's body, every field checked.

        Raises:
            RequestTooLarge: the body is over `max_body_bytes`.
            BadRequest: it is not JSON, or not what this route takes.
        """
        body, limit_bytes = self.request.body, self.service.settings.max_body_bytes
        if len(body) > limit_bytes:
            raise RequestTooLarge(
                f"the body has {len(body)} bytes, over the limit of {limit_bytes}: name cells by their hash, or raise "
                f"StarcoderConfig.max_body_bytes"
            )
        try:
            try:
                return msgspec.json.decode(body, type=kind)
            except msgspec.ValidationError:
                raise
            except msgspec.DecodeError:
                return msgspec.json.decode(_well_formed(body), type=kind)
        except msgspec.ValidationError as error:
            raise BadRequest(f"the body is no {kind.__name__}: {error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(f"the body is not JSON ({error}): send a {kind.__name__} as JSON") from error

    def reply(self, body: msgspec.Struct, status: int = 200) -> None:
        """Ends the request with one JSON object."""
        self.set_status(status)
        self.finish(msgspec.json.encode(body))

    def reply_error(self, error: StarcoderError) -> None:
        """Ends the request with the error's status and an `ErrorReply`."""
        self.reply(
            ErrorReply(
                code=error.code,
                message=error.message,
                missing=error.hashes if isinstance(error, CellsMissing) else (),
                progress=self.service.serving.latest.progress if isinstance(error, ModelNotReady) else None,
            ),
            status_of(error),
        )

    async def stream(self, answer: AsyncIterator[TextPiece | Done | PromptEvent]) -> None:
        """Sends an answer as NDJSON while it is made.

        An error before the first piece becomes a status of its own. When the connection closes, the answer's
        iterator is closed, which ends the generation.
        """
        self._sending = asyncio.create_task(self._send(answer))
        await asyncio.wait([self._sending])
        if not self._sending.cancelled():
            self._sending.result()

    async def _send(self, answer: AsyncIterator[TextPiece | Done | PromptEvent]) -> None:
        # Copilot's answers are generators; their type says only what a reader needs.
        generator: AsyncGenerator[TextPiece | Done | PromptEvent, None] = answer  # type: ignore[assignment]
        async with aclosing(generator):
            first = await anext(generator)
            self.set_header("Content-Type", "application/x-ndjson")
            self.set_header("Cache-Control", "no-cache, no-transform")
            self.set_header("X-Accel-Buffering", "no")  # nginx would hold the pieces back
            try:
                await self._write_line(_event(first))
                async for event in generator:
                    await self._write_line(_event(event))
            except StreamClosedError:
                return
            except StarcoderError as error:
                await self._write_line(ErrorEvent(code=error.code, message=error.message))
            except Exception as error:  # noqa: BLE001 - the border of the answer: the reader must hear of its end
                self._log_place(error)
                await self._write_line(ErrorEvent(code=StarcoderError.code, message=INTERNAL))
        self.finish(set_content_type="application/x-ndjson")

    async def _write_line(self, event: TextEvent | DoneEvent | PromptEvent | ErrorEvent) -> None:
        self.write(msgspec.json.encode(event) + b"\n")
        await self.flush()

    def on_connection_close(self) -> None:
        """Stops an answer that nobody reads any more."""
        if self._sending is not None:
            self._sending.cancel()
        super().on_connection_close()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Refusals of the server itself (no token, no XSRF cookie, no such verb) as an `ErrorReply`."""
        message = http.HTTPStatus(status_code).phrase
        exc_info = kwargs.get("exc_info")
        if isinstance(exc_info, tuple) and isinstance(exc_info[1], web.HTTPError) and exc_info[1].log_message:
            message = str(exc_info[1].log_message)
        self.reply(ErrorReply(code=SERVER_CODES.get(status_code, StarcoderError.code), message=message), status_code)

    def _log_place(self, error: Exception) -> None:
        """Logs where it happened and what kind it is; the message could hold what a user typed."""
        place = "".join(traceback.format_tb(error.__traceback__))
        self.log.error("%s in %s %s:\n%s", type(error).__name__, self.request.method, self.request.path, place)


Verb = Callable[..., Awaitable[None]]


def guarded(verb: Verb) -> Verb:
    """A verb of a handler that only a user with the right to it can call, and whose errors become replies."""

    @web.authenticated
    @authorized
    @functools.wraps(verb)
    async def guard(handler: StarcoderHandler, *names: str) -> None:
        try:
            await verb(handler, *names)
        except StarcoderError as error:
            handler.reply_error(error)
        except Exception as error:  # noqa: BLE001 - the border of the handler: the traceback's text stays out of the log
            handler._log_place(error)
            handler.reply_error(StarcoderError(INTERNAL))

    setattr(guard, GUARD_MARK, True)
    return cast("Verb", guard)


def _well_formed(body: bytes) -> bytes:
    """JSON with `?` for each half of a surrogate pair: a browser's text may hold one, as one character."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return body  # something else is wrong with it
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _event(event: TextPiece | Done | PromptEvent) -> TextEvent | DoneEvent | PromptEvent:
    if isinstance(event, PromptEvent):
        return event
    if isinstance(event, TextPiece):
        return TextEvent(text=event.text)
    return DoneEvent(finish=event.finish, model=event.model, timings=event.timings, left_out_turns=event.left_out_turns)
