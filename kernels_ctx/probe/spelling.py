"""Names and values as code spells them, for kinds whose text form runs nobody's code.

Kinds are told by identity: a metaclass may define `==`.
"""

import datetime
import math
from typing import Any

from kernels_ctx.probe.looking import is_a, library_of, loaded, name_of

LONGEST_TEXT = 80
LONGEST_VALUE = 40
DEEPEST = 4
NUMBERS = frozenset(map(id, (int, float, bool)))
PLAIN = frozenset(map(id, (int, float, bool, complex, str, bytes, type(None))))
DATES = frozenset(map(id, (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)))
STAMPS = ("pandas.Timestamp", "pandas.Timedelta", "pandas.Period", "pandas.Interval", "decimal.Decimal")


def key_of(name: Any, depth: int = 0) -> Any:
    """A column's name as JSON, tuples as lists; None where no literal spells it."""
    kind = type(name)
    if kind is str:
        return name if len(name) <= 1000 else None
    if id(kind) in NUMBERS:
        return name if math.isfinite(name) else None
    if kind is tuple and depth < DEEPEST:
        parts = [key_of(part, depth + 1) for part in name]
        return None if any(part is None for part in parts) else parts
    if library_of(kind) == "numpy" and is_a(kind, "numpy.generic"):
        plain = name.item()
        return key_of(plain, DEEPEST) if type(plain) is not kind else None
    return None


def spelled(value: Any, depth: int = 0) -> str:  # noqa: PLR0911  a table of kinds
    """A value as code spells it, cut; of an object that is not plain, its type."""
    kind = type(value)
    if kind is str or kind is bytes:
        return repr(value[:LONGEST_VALUE]) + ("..." if len(value) > LONGEST_VALUE else "")
    if kind is int and abs(value) >= 10**LONGEST_VALUE:
        return "int"
    if id(kind) in PLAIN:
        return repr(value)
    if id(kind) in DATES or any(kind is loaded(path) for path in STAMPS):
        return repr(str(value))
    if (kind is tuple or kind is list) and depth < DEEPEST:
        parts = [spelled(part, depth + 1) for part in value[:3]] + (["..."] if len(value) > 3 else [])
        return "(" + ", ".join(parts) + ")" if kind is tuple else "[" + ", ".join(parts) + "]"
    if library_of(kind) == "numpy" and is_a(kind, "numpy.generic"):
        plain = value.item()
        return spelled(plain, depth + 1) if type(plain) is not kind else name_of(kind)
    return name_of(kind)


def is_null(value: Any) -> bool:
    """None, nan, NaT or pandas' NA, told by identity and exact type."""
    if value is None or (type(value) is float and math.isnan(value)):
        return True
    return value is loaded("pandas.NaT") or value is loaded("pandas.NA")


def examples_of(values: Any, most: int) -> list[str]:
    """The first different values of a short list, spelled; nulls are left out."""
    found: list[str] = []
    for value in values:
        if len(found) >= most:
            break
        if not is_null(value) and (text := spelled(value)) not in found:
            found.append(text)
    return found


def dtype_text(dtype: Any) -> str:
    """A dtype's own text, without the values that an enumeration lists; of a user's dtype its type."""
    kind = type(dtype)
    if name_of(kind) == "Enum" and library_of(kind) == "polars":
        return "Enum"
    if library_of(kind) or is_a(kind, "numpy.dtype"):
        text = str(dtype)[:LONGEST_TEXT]
        return "ENUM" if text.startswith("ENUM(") else text
    return name_of(kind)
