"""Which names code defines and reads. Where that cannot be told, more counts as defined, never less."""

import ast
import builtins
import re
from collections.abc import Sequence
from functools import lru_cache

from kernels_ctx.snapshot import KernelSnapshot

WORD = re.compile(r"[^\W\d]\w*")
# What every IPython session has beside the builtins.
_IPYTHON = ("In", "Out", "display", "get_ipython", "exit", "quit", "open")
# A kernel's Python may be newer than ours.
_NEWER = ("aiter", "anext", "EncodingWarning", "BaseExceptionGroup", "ExceptionGroup", "PythonFinalizationError")
ALWAYS = frozenset({*dir(builtins), *_IPYTHON, *_NEWER})

_MAGIC_LINE = re.compile(r"^([ \t]*)([%!?][^\n]*|[^\n=]*\?\??[ \t]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([ \t]*[\w, \t]+=)[ \t]*[%!][^\n]*$", re.MULTILINE)
_DEFINING_MAGIC = re.compile(
    r"^[ \t]*%{1,2}(?:run|pylab|load|loadpy|store|macro|edit|recall|reset|sql|R|bigquery)\b", re.M
)
_STAR = re.compile(r"^[ \t]*from\s[^\n]*\simport\s*\(?\s*\*", re.MULTILINE)


class Definitions:
    """All names that a kernel and the cells of its notebook define. A cell is parsed only where it may matter."""

    def __init__(self, snapshot: KernelSnapshot, sources: Sequence[str]) -> None:
        """Args: snapshot: of a Python kernel. sources: the code of all cells, run or not."""
        self._kernel = {*ALWAYS, *snapshot.names, *(variable.name for variable in snapshot.variables)}
        self._is_cut = snapshot.is_cut and not snapshot.names
        self._sources = sources

    def lacking(self, names: set[str]) -> set[str]:
        """Those of some names that nobody defines; none where there may be any number of others."""
        left = {name for name in names - self._kernel if not name.startswith("_")}
        if not left or self._is_cut or any(is_open(source) for source in self._sources):
            return set()
        for source in self._sources:
            if any(name in source for name in left):
                left -= defined(source)
        return left

    def begins(self, word: str) -> bool:
        """Whether a word may be the beginning of a name."""
        longer = re.compile(rf"\b{re.escape(word)}\w")
        return any(name.startswith(word) for name in self._kernel) or any(map(longer.search, self._sources))


@lru_cache(maxsize=2048)
def is_open(source: str) -> bool:
    """Whether code may define names that it does not spell: by a star import, or a magic that runs other code."""
    return bool(_STAR.search(source) or _DEFINING_MAGIC.search(source))


@lru_cache(maxsize=2048)
def defined(source: str) -> frozenset[str]:
    """The names that code binds anywhere in it; all words of code that cannot be parsed."""
    magics = {word for found in _MAGIC_LINE.finditer(source) for word in WORD.findall(found[2])}
    plain = _MAGIC_VALUE.sub(r"\1 None", _MAGIC_LINE.sub(r"\1pass", source))
    try:
        return frozenset(bound(ast.parse(plain)) | magics)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(WORD.findall(source))


def bound(tree: ast.AST) -> set[str]:
    """The names that a tree binds, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.arg(arg=name):
                names.add(name)
            case ast.alias(name=name, asname=other):
                names.add(other or name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.MatchMapping(rest=str(name)):
                names.add(name)
            case ast.Global(names=several) | ast.Nonlocal(names=several):
                names.update(several)
            case _:
                pass
    return names


def read(tree: ast.AST) -> set[str]:
    """The names that a tree reads and does not bind itself."""
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return loaded - bound(tree)
