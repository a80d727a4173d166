"""Looks at objects past whatever their classes do when looked at.

A class can lie about `__class__`, a metaclass about `__mro__`, a subclass can turn any attribute into a property. What
is used here are the descriptors of `type` and of libraries' own classes, which nobody can put theirs in front of.
"""

import sys
import types
from typing import Any

MRO: Any = type.__dict__["__mro__"]
OWN: Any = type.__dict__["__dict__"]
NAME: Any = type.__dict__["__name__"]
MODULE: Any = type.__dict__["__module__"]
MODULE_FIELDS: Any = type.__dict__["__dict__"].__get__(types.ModuleType)["__dict__"]
LIBRARIES = frozenset(
    {"pandas", "numpy", "polars", "pyarrow", "dask", "geopandas", "xarray", "scipy", "torch", "duckdb", "sqlalchemy"}
    | {"sklearn", "matplotlib", "shapely", "datetime", "decimal", "collections", "sqlite3"}
)


def mro(kind: type) -> tuple[type, ...]:
    """The real bases of a class, itself first."""
    bases: tuple[type, ...] = MRO.__get__(kind)
    return bases


def own(kind: type) -> Any:
    """What a class itself defines."""
    return OWN.__get__(kind)


def name_of(kind: type) -> str:
    """The name of a class."""
    return str(NAME.__get__(kind))


def fields(value: Any) -> dict[str, Any]:
    """The instance's own attributes; empty for one without."""
    for base in mro(type(value)):
        found = own(base).get("__dict__")
        if type(found) is types.GetSetDescriptorType:
            content: dict[str, Any] = found.__get__(value)
            return content if type(content) is dict else {}
    return {}


def attribute(kind: type, value: Any, name: str) -> Any:
    """An attribute as the class `kind` gives it, whatever a subclass of it makes of the name."""
    for base in mro(kind):
        if name in own(base):
            return own(base)[name].__get__(value, kind)
    raise AttributeError


def module_fields(name: str) -> dict[str, Any]:
    """The content of a module that the kernel has imported; empty without it."""
    module = sys.modules.get(name)
    if module is None or not any(base is types.ModuleType for base in mro(type(module))):
        return {}
    content: dict[str, Any] = MODULE_FIELDS.__get__(module)
    return content


def loaded(path: str) -> Any:
    """A class by its dotted name, where its module is imported; else None."""
    module, _, name = path.rpartition(".")
    return module_fields(module).get(name)


def library_of(kind: type) -> str:
    """The library that really holds this class; empty for a user's, also where it claims another module."""
    module = MODULE.__get__(kind)
    if type(module) is not str:
        return ""
    root = module.partition(".")[0].lstrip("_")
    is_there = root in LIBRARIES and module_fields(module).get(name_of(kind)) is kind
    return root if is_there else ""


def is_a(kind: type, path: str) -> bool:
    """Whether a class is one of this dotted name, or below it."""
    wanted = loaded(path)
    return wanted is not None and any(base is wanted for base in mro(kind))
