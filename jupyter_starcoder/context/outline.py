"""What a Python file offers: signatures and the first lines of docstrings, out of its syntax tree."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_CHARS = 4_000  # of a file's outline
_LONGEST_LINE = 200

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Outline:
    """The public functions and classes of a file, with a line each."""

    entries: tuple[tuple[str, str], ...]  # name and lines

    def text(self, names: frozenset[str]) -> str:
        """The lines of these names; of all without names."""
        lines = "\n".join(lines for name, lines in self.entries if not names or name in names)
        return lines if len(lines) <= _LONGEST_CHARS else lines[:_LONGEST_CHARS].rpartition("\n")[0]


def outline(source: bytes) -> Outline:
    """The outline of a file; empty for one that is no Python."""
    try:
        tree = ast.parse(source)
        return Outline(tuple(_entries(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Outline(())


def _entries(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node.name, _line(node)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            methods = [f"    {_line(each)}" for each in node.body if isinstance(each, Function) and _is_shown(each)]
            yield node.name, "\n".join([_line(node), *methods])


def _is_shown(function: Function) -> bool:
    return not function.name.startswith("_") or function.name == "__init__"


def _line(node: Function | ast.ClassDef) -> str:
    """`def load(path: str) -> Frame: Reads the trips.`"""
    bare = copy.copy(node)
    bare.body, bare.decorator_list = [ast.Pass()], []
    head = ast.unparse(bare).removesuffix("pass").rstrip().removesuffix(":")
    said = (ast.get_docstring(node) or "").partition("\n")[0]
    return (f"{head}: {said}" if said else head)[:_LONGEST_LINE]
