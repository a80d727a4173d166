"""The parts as one text."""

import ast
from functools import cache
from pathlib import Path

PARTS = (
    "looking",
    "spelling",
    "wanted",
    "pandas_kinds",
    "table_kinds",
    "array_kinds",
    "object_kinds",
    "probing",
)


@cache
def probe_source() -> str:
    """What defines `probe(namespace, limits)`, without docstrings, comments and imports among the parts."""
    return "\n".join(_without_ours(Path(__file__).with_name(f"{part}.py")) for part in PARTS)


def _without_ours(part: Path) -> str:
    tree = ast.parse(part.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    tree.body = [node for node in tree.body if not _is_ours(node)]
    return ast.unparse(tree)


def _is_ours(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kernels_ctx.")
