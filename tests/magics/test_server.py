"""Asking a server that does not do as it should."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from jupyter_starcoder.errors import EngineDied, EngineError, ModelNotReady, ServerRefused, StarcoderError
from jupyter_starcoder.magics.address import Address
from jupyter_starcoder.magics.errands import Generate
from jupyter_starcoder.magics.server import ServerRespondent
from jupyter_starcoder.values.answer import TextPiece
from jupyter_starcoder.values.model import ServingState
from jupyter_starcoder.values.notebook import Notebook
from jupyter_starcoder.wire import HealthReply

Serve = Callable[..., ServerRespondent]
PIECE = '{"type": "text", "text": "x = "}\n'


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Asks a server that answers with these statuses and bodies in turn, the last one again and again."""
    replies: list[tuple[int, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = replies.pop(0) if len(replies) > 1 else replies[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def respondent(*these: tuple[int, str], say: Callable[[str], None] = print) -> ServerRespondent:
        replies[:] = these
        return asked_at(server.server_port, say)

    yield respondent
    server.shutdown()
    thread.join()
    server.server_close()


def asked_at(port: int, say: Callable[[str], None] = print) -> ServerRespondent:
    """Who asks a server on this machine."""
    address = Address(host="127.0.0.1", port=port, base_url="/", is_secure=False, token="t", notebook_path="")
    return ServerRespondent(address, say)


ERRAND = Generate(cell=0, request="count")


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (200, PIECE, EngineError, "ended the answer before its end"),
        (200, PIECE + '{"type": "te', EngineError, "makes no sense"),
        (200, PIECE + '{"type": "error", "code": "engine_died", "message": "it died"}\n', EngineDied, "it died"),
        (403, '{"code": "", "message": "Forbidden"}', ServerRefused, "403 Forbidden"),
        (404, "<html>", ServerRefused, "404 Not Found"),
        (500, "<html>", StarcoderError, "Internal Server Error"),
    ],
)
def test_answer_that_breaks_off_is_an_error_that_says_so(
    serve: Serve, status: int, body: str, error: type[StarcoderError], says: str
) -> None:
    """What came before it is kept by whoever reads."""
    answer = serve((status, body)).ask(Notebook(cells=()), ERRAND)
    if status == 200:
        assert next(answer) == TextPiece("x = ")

    with pytest.raises(error, match=says):
        next(answer)


def test_server_that_is_gone_is_said() -> None:
    """Nobody listens any more."""
    with pytest.raises(EngineError, match="the Jupyter server does not answer"):
        list(asked_at(1).ask(Notebook(cells=()), ERRAND))


def health(state: ServingState) -> tuple[int, str]:
    """What the server says of its model."""
    reply = HealthReply(
        version="1",
        state=state,
        model="m",
        device="",
        message="",
        answering="",
        is_busy=False,
        waiting=0,
        kernel_context="none",
    )
    return 200, msgspec.json.encode(reply).decode()


NOT_READY = (503, '{"code": "model_not_ready", "message": "no model is loaded"}')


def test_model_that_is_on_its_way_is_waited_for(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says why it takes a moment."""
    monkeypatch.setattr("jupyter_starcoder.magics.server.POLL_S", 0)
    said: list[str] = []
    answer = serve(NOT_READY, health("loading"), health("loading"), health("ready"), (200, PIECE), say=said.append)

    assert next(answer.ask(Notebook(cells=()), ERRAND)) == TextPiece("x = ")
    assert said == ["m is loading: one moment"]


def test_model_that_will_not_come_is_said_in_its_own_words(serve: Serve) -> None:
    """Nobody waits for it."""
    with pytest.raises(ModelNotReady, match="no model is loaded"):
        next(serve(NOT_READY, health("failed"), health("failed"), NOT_READY).ask(Notebook(cells=()), ERRAND))
