"""Answers from the Jupyter server's model, over its own HTTP interface."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import msgspec

from jupyter_starcoder.errors import EngineError, ModelNotReady, ServerRefused, StarcoderError, from_code
from jupyter_starcoder.magics.address import Address
from jupyter_starcoder.magics.errands import Chat, Complete, Edit, Errand, Explain, Fix, Generate
from jupyter_starcoder.magics.respondent import Answer
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.model import ServingStatus
from jupyter_starcoder.values.notebook import Notebook
from jupyter_starcoder.values.settings import KernelContext
from jupyter_starcoder.wire import (
    ChatRequest,
    CompleteRequest,
    DoneEvent,
    EditRequest,
    ErrorEvent,
    ErrorReply,
    ExplainRequest,
    FixRequest,
    GenerateRequest,
    HealthReply,
    SettingsReply,
    TextEvent,
    WireCell,
    WireMishap,
    WireNotebook,
    WireOutput,
    WireTurn,
)

TIMEOUT_S = 120.0  # for one piece of an answer: a long prompt on a slow machine takes a while before its first word
POLL_S = 0.3
COMING = ("preparing", "loading")

_event = msgspec.json.Decoder(TextEvent | DoneEvent | ErrorEvent)
_health = msgspec.json.Decoder(HealthReply)
_settings = msgspec.json.Decoder(SettingsReply)
_error = msgspec.json.Decoder(ErrorReply)


class ServerRespondent:
    """Asks the server that started this kernel."""

    title = "the server's model"

    def __init__(self, address: Address, say: Callable[[str], None]) -> None:
        """`say` is told why an answer takes long."""
        self._address = address
        self._say = say

    def status(self) -> ServingStatus:
        """How the model is.

        Raises:
            ServerRefused: the server does not let us ask.
            EngineError: the server cannot be reached.
        """
        health = self._health()
        return ServingStatus(
            state=health.state,
            model=health.model,
            device=health.device,
            message=health.message,
            progress=health.progress,
            is_busy=health.is_busy,
            waiting=health.waiting,
        )

    def kernel_context(self) -> KernelContext:
        """What of this kernel the model may be given, as the server is set now. Raises as `status` does."""
        return self._health().kernel_context

    def rules(self) -> SettingsReply:
        """What the administrator has locked and switched off. Raises as `status` does."""
        with self._exchange("GET", "settings", None) as response:
            return _settings.decode(response.read())

    def ask(self, notebook: Notebook, errand: Errand) -> Answer:
        """The answer in pieces, and what it took."""
        route, body = self._request(self._wire(notebook), errand)
        try:
            yield from self._events(route, body)
        except ModelNotReady:
            self._wait()
            yield from self._events(route, body)

    def _request(self, notebook: WireNotebook, errand: Errand) -> tuple[str, msgspec.Struct]:
        match errand:
            case Complete(cell=cell, offset=offset):
                return "complete", CompleteRequest(notebook=notebook, cell=cell, offset=offset)
            case Generate(cell=cell, request=request):
                return "generate", GenerateRequest(notebook=notebook, cell=cell, request=request)
            case Explain(cell=cell, subject=subject):
                return "explain", ExplainRequest(notebook=notebook, cell=cell, subject=subject.kind, text=subject.text)
            case Edit(cell=cell, instruction=instruction):
                return "edit", EditRequest(notebook=notebook, cell=cell, instruction=instruction)
            case Fix(cell=cell, mishap=mishap):
                sent = WireMishap(name=mishap.name, message=mishap.message, traceback=mishap.traceback)
                return "fix", FixRequest(notebook=notebook, cell=cell, mishap=sent)
            case Chat(cell=at, turns=said):
                turns = tuple(WireTurn(speaker=turn.speaker, text=turn.text) for turn in said)
                return "chat", ChatRequest(notebook=notebook, cell=at, turns=turns)

    def _events(self, route: str, body: msgspec.Struct) -> Answer:
        with self._exchange("POST", route, msgspec.json.encode(body)) as response:
            while line := response.readline():
                event = _event.decode(line)
                if isinstance(event, TextEvent):
                    yield TextPiece(event.text)
                elif isinstance(event, ErrorEvent):
                    raise from_code(event.code, event.message)
                else:
                    yield Done(
                        finish=event.finish,
                        model=event.model,
                        timings=event.timings,
                        left_out_turns=event.left_out_turns,
                    )
                    return
        raise EngineError("the server ended the answer before its end: look into its log")

    def _health(self) -> HealthReply:
        with self._exchange("GET", "health", None) as response:
            return _health.decode(response.read())

    def _wait(self) -> None:
        """Waits for a model that is on its way; one that is not is left to the next request to complain about."""
        status = self.status()
        if status.state in COMING:
            self._say(f"{status.model} is {status.state}: one moment")
        while self.status().state in COMING:
            time.sleep(POLL_S)

    def _wire(self, notebook: Notebook) -> WireNotebook:
        """What was executed, under the notebook's name: the server knows what its kernel holds."""
        cells = tuple(
            WireCell(
                kind=cell.kind,
                source=cell.source,
                outputs=tuple(WireOutput(kind=output.kind, text=output.text) for output in cell.outputs),
                run=cell.run,
            )
            for cell in notebook.cells
        )
        path = self._address.notebook_path or notebook.path
        return WireNotebook(cells=cells, language=notebook.language, path=path, live=notebook.live)

    @contextmanager
    def _exchange(self, verb: str, route: str, body: bytes | None) -> Iterator[http.client.HTTPResponse]:
        kind = http.client.HTTPSConnection if self._address.is_secure else http.client.HTTPConnection
        with closing(kind(self._address.host, self._address.port, timeout=TIMEOUT_S)) as connection:
            headers = {"Content-Type": "application/json"} | self._address.headers()
            try:
                connection.request(verb, f"{self._address.base_url}starcoder/{route}", body, headers)
                response = connection.getresponse()
                if response.status >= 400:
                    raise _refusal(response.status, response.read())
                yield response
            except (OSError, http.client.HTTPException) as error:
                raise EngineError(f"the Jupyter server does not answer ({error}): is it still running?") from error
            except msgspec.DecodeError as error:
                raise EngineError(
                    f"the server's answer makes no sense ({error}): are both sides up to date?"
                ) from error


def _refusal(status: int, body: bytes) -> StarcoderError:
    try:
        reply = _error.decode(body)
    except msgspec.DecodeError:
        reply = ErrorReply(code="", message=http.client.responses.get(status, ""))
    if status in (403, 404) and reply.code not in {"unknown_model", "not_permitted"}:
        return ServerRefused(f"the Jupyter server refuses ({status} {reply.message})")
    return from_code(reply.code, reply.message)
