"""This file's text runs inside the user's kernel, in a namespace of its own.

Standard library only; it imports nothing that the kernel has not imported, calls no `__repr__`, `__getattr__`
or property of user classes, copies no data, and stops at a limit of time and size.
"""

import json
import sys
import time
import types
from typing import Any  # typing is loaded by every IPython kernel already

LONGEST_TEXT = 80
HIDDEN = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
SCALARS = (bool, int, float, complex, str, bytes, type(None))
CONTAINERS = (list, tuple, dict, set, frozenset)


def shown(name: object) -> str:
    """A column's name as code would spell it, for built-in kinds only."""
    if type(name) in (str, int, float, bool):
        return repr(name)[:LONGEST_TEXT]
    if type(name) is tuple:
        return "(" + ", ".join(shown(part) for part in name) + ")"
    return type(name).__name__


def signature(function: types.FunctionType) -> str:
    """Parameter names out of the code object: no default value is shown, since that needs its repr."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    names = list(code.co_varnames[:count])
    if code.co_flags & 0x04:  # CO_VARARGS
        names.append("*" + code.co_varnames[count])
        count += 1
    if code.co_flags & 0x08:  # CO_VARKEYWORDS
        names.append("**" + code.co_varnames[count])
    return "(" + ", ".join(names) + ")"


def frame(pandas: Any, value: object, limit_columns: int) -> dict[str, object]:
    """A pandas frame. The base class's own properties are read, whatever a subclass defines."""
    names = pandas.DataFrame.columns.__get__(value)
    rows = len(pandas.DataFrame.index.__get__(value))
    # Slicing a frame by columns makes a view; its dtypes are then as many as are wanted, not 5,000.
    dtypes = pandas.DataFrame.dtypes.fget(pandas.DataFrame.iloc.fget(value)[:0, :limit_columns])
    columns = [[shown(name), str(dtype)] for name, dtype in zip(names[:limit_columns], dtypes.array, strict=True)]
    return {"shape": [rows, len(names)], "columns": columns, "column_count": len(names)}


def array_like(value: object, limit_columns: int) -> dict[str, object] | None:
    """What is worth knowing of a value of pandas or numpy, where the kernel has imported them."""
    kind = type(value)
    pandas: Any = sys.modules.get("pandas")
    numpy: Any = sys.modules.get("numpy")
    if hasattr(pandas, "DataFrame"):
        if issubclass(kind, pandas.DataFrame):
            return {"type": "DataFrame", **frame(pandas, value, limit_columns)}
        if issubclass(kind, pandas.Series):
            detail = shown(pandas.Series.name.fget(value)) + " " + str(pandas.Series.dtype.fget(value))
            return {"type": "Series", "detail": detail, "shape": [len(pandas.Series.index.__get__(value))]}
    if hasattr(numpy, "ndarray") and issubclass(kind, numpy.ndarray):
        shape = numpy.ndarray.shape.__get__(value)
        return {"type": "ndarray", "detail": str(numpy.ndarray.dtype.__get__(value)), "shape": list(shape)}
    return None


def described(value: Any) -> dict[str, object]:
    """What is worth knowing of any other value, by its real type: `__class__` may lie."""
    kind = type(value)
    if kind is types.ModuleType:
        name = types.ModuleType.__getattribute__(value, "__dict__").get("__name__")
        return {"type": "module", "detail": name if type(name) is str else ""}
    if kind is types.FunctionType:
        return {"type": "function", "detail": signature(value)}
    if kind in CONTAINERS:
        return {"type": kind.__name__, "shape": [len(value)]}
    if kind not in SCALARS and issubclass(kind, type):
        return {"type": "class"}
    return {"type": type.__dict__["__name__"].__get__(kind)}


def probe(namespace: dict[str, object], limit_s: float, limit_columns: int, limit_variables: int) -> str:
    """JSON of the namespace: variables sorted by name."""
    started_s = time.perf_counter()
    variables: list[dict[str, object]] = []
    is_cut = False
    names = sorted(n for n in list(namespace) if type(n) is str and not n.startswith("_") and n not in HIDDEN)
    for name in names:
        if len(variables) >= limit_variables or time.perf_counter() - started_s > limit_s:
            is_cut = True
            break
        try:
            value = namespace[name]
            entry = array_like(value, limit_columns) or described(value)
        except Exception:  # noqa: BLE001, S112  a hostile or half-made object costs its own line, never the snapshot
            continue
        variables.append({"name": name, **entry})
    return json.dumps({"variables": variables, "is_cut": is_cut}, ensure_ascii=False)
