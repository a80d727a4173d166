"""Notices when an answer exchanges what judges it."""

import importlib
import sys
import types

# What the checks of the benchmarks call; modules that are not loaded are left out.
JUDGES = (
    *("builtins", "copy", "io", "math", "os", "sys", "tokenize"),
    *("numpy", "numpy.core.fromnumeric", "numpy.core.numeric", "numpy.testing", "numpy.testing._private.utils"),
    *("pandas", "pandas.testing", "pandas._testing", "pandas._testing.asserters"),
    *("pandas.core.frame", "pandas.core.generic", "pandas.core.series"),
    *("matplotlib.pyplot", "matplotlib.figure", "PIL.Image"),
    *("scipy.sparse", "sklearn", "torch", "torch.testing", "tensorflow", "yaml"),
)
for name in ("copy", "io", "math", "tokenize"):
    importlib.import_module(name)  # so that they are sealed before an answer imports them
FIXED = (types.FunctionType, types.BuiltinFunctionType, type)

Contents = dict[str, object]
Fixed = dict[str, tuple[object, types.CodeType | None]]


class Tampered(Exception):
    """An answer exchanged a function or class that judges it."""


class Seal:
    """Remembers functions and classes, and tells when one was exchanged.

    It holds against what overwrites the judges by their names. An answer that searches the interpreter for this object
    can get around it: whatever runs in one process with its judge can.
    """

    def __init__(self, checks: Contents) -> None:
        """Args: checks: the names of the program that judges."""
        self._checks = checks
        self._judges = [sys.modules[name] for name in JUDGES if name in sys.modules]
        self._before = self._taken()

    def verify(self) -> None:
        """Raises: Tampered: something is no longer what it was."""
        now = self._taken()
        for name, (value, code) in self._before.items():
            value_now, code_now = now.get(name, (None, None))
            is_same = value_now is value and code_now is code
            if not is_same and not _is_of_a_library(code_now):
                raise Tampered(f"{name} was exchanged")

    def _taken(self) -> Fixed:
        found: Fixed = {}
        for module in self._judges:
            found |= _fixed(module.__name__, vars(module))
        found |= _fixed("checks", self._checks)
        return found


def _is_of_a_library(code: types.CodeType | None) -> bool:
    """Whether it was read from a file: libraries exchange some of their own functions when they are used."""
    return code is not None and not code.co_filename.startswith("<")


def _fixed(place: str, contents: Contents) -> Fixed:
    """Functions with their code, and classes with their methods."""
    found: Fixed = {}
    for name, value in list(contents.items()):
        if not isinstance(value, FIXED):
            continue
        found[f"{place}.{name}"] = (value, _code(value))
        if isinstance(value, type) and value.__module__ == place:
            methods = {key: method for key, method in vars(value).items() if isinstance(method, types.FunctionType)}
            found |= {f"{place}.{name}.{key}": (method, _code(method)) for key, method in methods.items()}
    return found


def _code(value: object) -> types.CodeType | None:
    return value.__code__ if isinstance(value, types.FunctionType) else None
