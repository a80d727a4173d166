"""Everything that is neither frame nor array: functions, classes, modules, containers, models, figures, connections."""

import collections
import itertools
import types
from typing import Any

from kernels_ctx.probe.looking import MODULE_FIELDS, fields, library_of, mro, name_of, own
from kernels_ctx.probe.spelling import PLAIN, examples_of, spelled
from kernels_ctx.probe.wanted import Wanted

LOOKED_AT = 20  # items of a container whose types are told
BY_ITEM = (list, tuple, set, frozenset, collections.deque)
CODE = types.FunctionType.__dict__["__code__"]


def signature(function: Any, *, skip: int = 0) -> str:
    """Parameters out of the code object, with defaults that are plain."""
    for _ in range(4):
        inner = fields(function).get("__wrapped__")
        if type(inner) is not types.FunctionType:
            break
        function = inner
    code, defaults, only = function.__code__, function.__defaults__ or (), function.__kwdefaults__ or {}
    plain = list(code.co_varnames[: code.co_argcount])
    texts = [
        with_default(name, defaults[place - len(plain)] if place >= len(plain) - len(defaults) else NONE)
        for place, name in enumerate(plain)
    ][skip:]
    names = list(code.co_varnames[code.co_argcount :])
    keywords = [with_default(name, only.get(name, NONE)) for name in names[: code.co_kwonlyargcount]]
    names = names[code.co_kwonlyargcount :]
    if code.co_flags & 0x04:  # CO_VARARGS
        texts.append("*" + names.pop(0))
    elif keywords:
        texts.append("*")
    texts += keywords
    if code.co_flags & 0x08:  # CO_VARKEYWORDS
        texts.append("**" + names.pop(0))
    return "(" + ", ".join(texts) + ")"


NONE = object()  # a parameter without a default


def with_default(name: str, default: Any) -> str:
    """`how='left'`, or `how=...` for a default whose text would need its repr."""
    if default is NONE:
        return name
    return f"{name}={spelled(default) if id(type(default)) in PLAIN else '...'}"


def function(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A function of Python."""
    return {"kind": "function", "detail": signature(value)}


def method(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A method bound to its object."""
    inner = value.__func__
    return {"type": "function", "kind": "function", "detail": signature(inner, skip=1) if is_function(inner) else ""}


def builtin(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A function written in C: its parameters are not known without parsing its documentation."""
    return {"type": "function", "kind": "function"}


def wrapper(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """What functools makes of a function."""
    inner = fields(value).get("__wrapped__")
    return {"type": "function", "kind": "function", "detail": signature(inner) if is_function(inner) else ""}


def is_function(value: Any) -> bool:
    """Whether it is a function of Python."""
    return type(value) is types.FunctionType


def module(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A module by the name it was imported under."""
    name = MODULE_FIELDS.__get__(value).get("__name__")
    return {"kind": "module", "detail": name if type(name) is str else ""}


def class_of(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A class with the parameters of its constructor."""
    made = next((own(kind)["__init__"] for kind in mro(value) if "__init__" in own(kind)), None)
    detail = signature(made, skip=1) if type(made) is types.FunctionType else ""
    return {"type": "class", "kind": "class", "detail": detail}


def items(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A list, tuple, set or deque: how many, of which types."""
    first = itertools.islice(base.__iter__(value), LOOKED_AT)
    return {"kind": "container", "shape": [base.__len__(value)], "detail": of_types(first)}


def mapping(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A dict: how many, from which types to which."""
    pairs = list(itertools.islice(dict.items(value), LOOKED_AT))
    keys, held = of_types([key for key, _ in pairs]), of_types([item for _, item in pairs])
    entry: dict[str, Any] = {"kind": "container", "shape": [dict.__len__(value)]}
    if pairs:
        entry["detail"] = f"{keys} to {held.removeprefix('of ')}"
    if wanted.examples and wanted.looks_at():
        entry["examples"] = examples_of([key for key, _ in pairs], 2 * wanted.examples)
    return entry


def of_types(values: Any) -> str:
    """`of int`, `of int or str`; empty of nothing."""
    names = sorted({name_of(type(value)) for value in values})
    return "of " + " or ".join(names[:3]) if names else ""


def estimator(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A model of scikit-learn: fitted or not, and on which columns."""
    content = fields(value)
    is_fitted = any(name.endswith("_") and not name.startswith("__") for name in content if type(name) is str)
    detail = "fitted" if is_fitted else "not fitted"
    names: Any = content.get("feature_names_in_")
    if library_of(type(names)) == "numpy":
        shown = [spelled(name) for name in names[:20].tolist()]
        detail += " on " + ", ".join(shown) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    steps = content.get("steps")
    if type(steps) is list:
        detail = "of " + ", ".join(spelled(step[0]) for step in steps[:10] if type(step) is tuple and step)
    return {"kind": "estimator", "detail": detail}


def figure(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A figure of matplotlib."""
    stack: Any = fields(value).get("_axstack")
    return {"kind": "figure", "detail": f"{len(fields(stack).get('_axes') or ())} axes"}


def drawing(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """Axes of matplotlib."""
    return {"kind": "figure"}


def engine(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """An engine of SQLAlchemy: which database it speaks to. No connection is made, no address is told."""
    dialect = fields(value).get("dialect")
    found = {
        part: next((own(kind)[part] for kind in mro(type(dialect)) if part in own(kind)), "")
        for part in ("name", "driver")
    }
    names = [text for text in found.values() if type(text) is str and text]
    return {"kind": "connection", "detail": "+".join(names)}


def connection(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A connection to a database; it is not asked anything, since that would end a result being read."""
    return {"kind": "connection"}
