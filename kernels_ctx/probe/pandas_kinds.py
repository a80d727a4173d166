"""Frames, series and indexes of pandas, and of geopandas which builds on it.

They are read through the block manager: no view is made that copy-on-write would count, and no property of a
subclass runs.
"""

from typing import Any

from kernels_ctx.probe.looking import fields, is_a, library_of, loaded, name_of
from kernels_ctx.probe.spelling import dtype_text, examples_of, is_null, key_of, spelled
from kernels_ctx.probe.wanted import HEAD, MOST_COLUMNS, Wanted, column, share, spans

LEVELS = 8  # of a categorical that are shown
NAT = -(2**63)  # how numpy stores a date that is none


def manager_of(value: Any) -> Any:
    """What holds the axes and the blocks of a frame or series."""
    manager = fields(value)["_mgr"]
    if library_of(type(manager)) != "pandas":
        raise TypeError
    return manager


def nulls_of(part: Any) -> int:
    """How many nulls a short stretch of one column has."""
    kind = type(part)
    if kind is not loaded("numpy.ndarray"):
        return int(part.isna().sum()) if library_of(kind) else 0
    letter = part.dtype.kind
    if letter in "fc":
        return int((part != part).sum())  # noqa: PLR0124  nan alone differs from itself
    if letter in "mM":
        return int((part.view("i8") == NAT).sum())
    return sum(map(is_null, part.tolist())) if letter == "O" else 0


def close_look(values: Any, wanted: Wanted) -> dict[str, Any]:
    """Null share, levels and examples of one column's array."""
    rows = len(values)
    found: dict[str, Any] = {"nulls": share([nulls_of(values[start:end]) for start, end in spans(rows)], rows)}
    if is_a(type(values.dtype), "pandas.CategoricalDtype"):
        categories = values.dtype.categories
        found["levels"] = len(categories)
        if wanted.examples:
            found["examples"] = [spelled(level) for level in categories[:LEVELS].tolist()]
    elif wanted.examples:
        found["examples"] = examples_of(values[:HEAD].tolist(), wanted.examples)
    return found


def index_of(index: Any) -> dict[str, Any]:
    """The levels of an index."""
    names, levels = list(index.names), [index]
    if is_a(type(index), "pandas.MultiIndex"):
        levels = list(index.levels)
    told = [
        column(key_of(name), spelled(name), dtype_text(level.dtype)) for name, level in zip(names, levels, strict=True)
    ]
    return {"index": told, "index_type": name_of(type(index))}


def pandas_frame(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """Columns, shape and index."""
    manager = manager_of(value)
    names, index = manager.axes
    dtypes: dict[int, str] = {}
    columns: list[Any] = []
    for place, (name, dtype) in enumerate(zip(names[:MOST_COLUMNS].tolist(), manager.get_dtypes(), strict=False)):
        text = dtypes.get(id(dtype)) or dtypes.setdefault(id(dtype), dtype_text(dtype))
        look = close_look(manager.iget_values(place), wanted) if wanted.looks_at(place, name) else None
        key = key_of(name)
        columns.append([key, text] if look is None and key is not None else column(key, spelled(name), text, look))
    shape = [len(index), len(names)]
    return {"kind": "frame", "shape": shape, "columns": columns, "column_count": len(names), **index_of(index)}


def geo_frame(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A pandas frame whose active geometry is named."""
    geometry = fields(value).get("_geometry_column_name")
    detail = "geometry " + spelled(geometry) if type(geometry) is str else ""
    return {**pandas_frame(value, base, wanted), "detail": detail}


def pandas_series(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """Name, dtype, length, and the first values."""
    manager = manager_of(value)
    index = manager.axes[0]
    values = manager.blocks[0].values
    entry: dict[str, Any] = {
        "kind": "series",
        "detail": spelled(fields(value).get("_name")) + " " + dtype_text(values.dtype),
        "shape": [len(index)],
        **index_of(index),
    }
    if wanted.looks_at():
        entry["examples"] = close_look(values, wanted).get("examples", [])
    return entry


def pandas_index(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """An index that has a name of its own."""
    if library_of(type(value)) != "pandas":
        raise TypeError
    if is_a(type(value), "pandas.MultiIndex"):  # it has no dtype, and asking for one would build all its tuples
        detail = "of " + ", ".join(spelled(name) for name in value.names)
    else:
        detail = dtype_text(value.dtype)
    return {"kind": "series", "shape": [len(value)], "detail": detail}
