"""Data flows one way: a stage sees only what all stages share, and `copilot.py` and its `questions.py` join them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jupyter_starcoder"

SHARED = {"errors", "values"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "values": {"errors"},
    "notebook": SHARED,
    "context": SHARED | {"kernels_ctx"},
    "names": SHARED | {"kernels_ctx"},
    "prompt": SHARED,
    "tokenizer": SHARED,
    "engine": SHARED,
    "stream": SHARED,
    "models": SHARED,
    "export": SHARED,
    "wire": SHARED,
    "preparation": SHARED | {"models", "export", "tokenizer", "engine"},
    "kernels": SHARED | {"kernels_ctx"},
    "workshop": SHARED | {"question"},  # `local` makes it
    "serving": SHARED | {"copilot", "workshop"},
    "preparing": SHARED,
    "downloads": SHARED,
    "stock": SHARED | {"models", "engine"},
    "trial": SHARED | {"question"},
    "library": SHARED | {"copilot", "downloads", "serving", "trial", "workshop"},
    "fake_stock": SHARED | {"workshop"},
    "typescript": {"wire"},
    "question": SHARED
    | {"prompt", "tokenizer", "engine", "stream"},  # what of these a model and its answer are made of
    "questions": SHARED | {"question", "kernels_ctx", "notebook", "context", "names", "prompt", "stream"},
    "copilot": SHARED | {"question", "questions", "context", "engine", "stream"},
    "evaluation": SHARED
    | {"copilot", "stream", "notebook", "kernels_ctx"},  # a model that is loaded, as the server and the command have it
    "chats": SHARED,
    "tour": SHARED,
    "routes": SHARED | {"copilot", "serving", "library", "chats", "tour", "wire"},
    "magics": SHARED
    | {"wire", "copilot", "local", "config", "kernels_ctx"},  # where there is no server it builds a copilot
}
COMPOSITION_ROOTS = {"__init__", "app", "cli", "config", "local"}  # they build the rest out of settings


def imported(path: Path) -> set[str]:
    """Parts of jupyter_starcoder, and kernels_ctx, that a file imports (ruff bans relative imports)."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = [name.split(".") for name in names]
    ours = {part[1] for part in parts if part[0] == "jupyter_starcoder" and len(part) > 1}
    return (ours - {"__version__"}) | {"kernels_ctx" for part in parts if part[0] == "kernels_ctx"}


def rooms() -> dict[str, list[Path]]:
    """Every room with its files; a room with one file is a file."""
    found: dict[str, list[Path]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        found.setdefault(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), []).append(path)
    return found


def test_every_room_has_a_rule() -> None:
    """A new room says what it may see before it lands."""
    assert set(rooms()) <= set(MAY_IMPORT) | COMPOSITION_ROOTS


@pytest.mark.parametrize("room", sorted(set(rooms()) - COMPOSITION_ROOTS))
def test_a_room_sees_only_what_it_may(room: str) -> None:
    """No stage imports another."""
    seen = {other for path in rooms()[room] for other in imported(path)} - {room}

    assert seen <= MAY_IMPORT[room]


def test_kernels_ctx_stands_alone() -> None:
    """The kernel's package can be used without the rest."""
    assert not {name for path in (ROOT / "kernels_ctx").rglob("*.py") for name in imported(path)} - {"kernels_ctx"}
