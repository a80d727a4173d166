"""Asking a server that does not do as it should."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jupyter_starcoder.errors import EngineDied, EngineError, ServerRefused, StarcoderError
from jupyter_starcoder.magics.address import Address
from jupyter_starcoder.magics.errands import Generate
from jupyter_starcoder.magics.server import ServerRespondent
from jupyter_starcoder.values.answer import TextPiece
from jupyter_starcoder.values.notebook import Notebook

Serve = Callable[[int, str], ServerRespondent]
PIECE = '{"type": "text", "text": "x = "}\n'


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Asks a server that answers everything with the same status and body, then ends the connection."""
    replies: list[tuple[int, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = replies[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def respondent(status: int, body: str) -> ServerRespondent:
        replies[:] = [(status, body)]
        return asked_at(server.server_port)

    yield respondent
    server.shutdown()
    thread.join()
    server.server_close()


def asked_at(port: int) -> ServerRespondent:
    """Who asks a server on this machine."""
    address = Address(host="127.0.0.1", port=port, base_url="/", is_secure=False, token="t", notebook_path="")
    return ServerRespondent(address, lambda _: None)


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
    answer = serve(status, body).ask(Notebook(cells=()), ERRAND)
    if status == 200:
        assert next(answer) == TextPiece("x = ")

    with pytest.raises(error, match=says):
        next(answer)


def test_server_that_is_gone_is_said() -> None:
    """Nobody listens any more."""
    with pytest.raises(EngineError, match="the Jupyter server does not answer"):
        list(asked_at(1).ask(Notebook(cells=()), ERRAND))
