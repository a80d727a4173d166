"""Every verb of every route is for users who may, and every error has a status."""

import ast
from pathlib import Path

import pytest

from jupyter_starcoder.app import ROUTES
from jupyter_starcoder.errors import ModelDamaged, StarcoderError, tree
from jupyter_starcoder.routes.base import GUARD_MARK, StarcoderHandler
from jupyter_starcoder.routes.statuses import STATUSES, status_of

FOLDER = Path(__file__).parents[2] / "jupyter_starcoder" / "routes"
VERBS = ("get", "head", "post", "put", "patch", "delete")  # `options` is the server's own


def open_verbs(handler: type[StarcoderHandler]) -> list[str]:
    """Verbs that anybody could call."""
    verbs = {
        verb: getattr(handler, verb) for verb in VERBS if getattr(handler, verb) is not getattr(StarcoderHandler, verb)
    }
    return [verb for verb, method in verbs.items() if not getattr(method, GUARD_MARK, False)]


class Open(StarcoderHandler):
    """A handler whose author forgot the guard."""

    async def get(self) -> None:
        """Answers anybody."""


@pytest.mark.parametrize(("path", "handler"), ROUTES)
def test_every_route_is_guarded(path: str, handler: type[StarcoderHandler]) -> None:
    """No verb of a route answers a stranger, and each route has a verb."""
    assert open_verbs(handler) == []
    assert any(getattr(handler, verb) is not getattr(StarcoderHandler, verb) for verb in VERBS), path
    assert handler.options is StarcoderHandler.options, "a method of this name would answer a verb of the server's own"


def test_a_verb_without_guard_is_noticed() -> None:
    """The test above can fail."""
    assert open_verbs(Open) == ["get"]


def test_every_handler_has_a_route() -> None:
    """A handler that is written is also reachable, so the walk over the routes meets all of them."""
    written = {
        node.name
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name.endswith("Handler")
    }

    assert {handler.__name__ for _, handler in ROUTES} == written - {"StarcoderHandler", "AnswerHandler"}


def test_every_error_has_a_status() -> None:
    """The table is complete, and holds nothing that is not an error."""
    ours = {kind for kind in tree() if kind.__module__ == StarcoderError.__module__}

    assert set(STATUSES) == ours
    assert all(400 <= status < 600 for status in STATUSES.values())


def test_error_of_a_room_has_the_status_of_what_it_is() -> None:
    """A leaf that only one room raises needs no line of its own."""

    class HalfThere(ModelDamaged):
        """Some files are."""

    assert status_of(HalfThere("it is half there")) == STATUSES[ModelDamaged]
