"""Frames of polars, pyarrow, dask, xarray and duckdb: what they know of themselves without computing anything."""

import threading
from collections.abc import Callable
from typing import Any

from kernels_ctx.probe.looking import attribute, fields, name_of, own
from kernels_ctx.probe.pandas_kinds import manager_of, pandas_frame
from kernels_ctx.probe.spelling import dtype_text, examples_of, key_of, spelled
from kernels_ctx.probe.wanted import HEAD, MOST_COLUMNS, Late, Wanted, column, share, spans

SCHEMA_S = 0.02  # a plan's schema may need a file's header


def schema_frame(schema: list[tuple[Any, Any]], shape: list[int]) -> dict[str, Any]:
    """A frame of which names and types alone are known."""
    columns = [column(key_of(name), spelled(name), dtype_text(dtype)) for name, dtype in schema[:MOST_COLUMNS]]
    return {"kind": "frame", "shape": shape, "columns": columns, "column_count": len(schema)}


def polars_frame(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """An eager frame. Polars counts its nulls as it goes."""
    rows, count = attribute(base, value, "shape")
    columns: list[Any] = []
    for place, series in enumerate(attribute(base, value, "get_columns")()[:MOST_COLUMNS]):
        look: dict[str, Any] | None = None
        if wanted.looks_at(place, series.name):
            look = {"nulls": round(series.null_count() / rows, 3) if rows else None, **polars_look(series, wanted)}
        columns.append(column(series.name, "", dtype_text(series.dtype), look))
    return {"kind": "frame", "shape": [rows, count], "columns": columns, "column_count": count}


def polars_look(series: Any, wanted: Wanted) -> dict[str, Any]:
    """Levels of an Enum, examples of others."""
    levels = getattr(series.dtype, "categories", None) if name_of(type(series.dtype)) == "Enum" else None
    found: dict[str, Any] = {} if levels is None else {"levels": len(levels)}
    if wanted.examples:
        found["examples"] = examples_of(series.slice(0, HEAD).to_list(), wanted.examples)
    return found


def polars_lazy(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """The schema of the plan; nothing is collected."""
    schema = within(SCHEMA_S, attribute(base, value, "collect_schema"))
    return schema_frame(list(schema.items()), [])


def polars_series(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """Name, dtype and length."""
    detail = spelled(attribute(base, value, "name")) + " " + dtype_text(attribute(base, value, "dtype"))
    entry: dict[str, Any] = {"kind": "series", "detail": detail, "shape": [attribute(base, value, "len")()]}
    if wanted.looks_at() and wanted.examples:
        entry["examples"] = examples_of(attribute(base, value, "slice")(0, HEAD).to_list(), wanted.examples)
    return entry


def arrow_table(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A table or record batch."""
    schema, rows = attribute(base, value, "schema"), attribute(base, value, "num_rows")
    columns: list[Any] = []
    for place in range(min(len(schema), MOST_COLUMNS)):
        field = schema.field(place)
        look: dict[str, Any] | None = None
        if wanted.looks_at(place, field.name):
            part = attribute(base, value, "column")(place)
            counts = [part.slice(start, end - start).null_count for start, end in spans(rows)]
            look = {"nulls": share(counts, rows)}
            if wanted.examples:
                look["examples"] = examples_of(part.slice(0, HEAD).to_pylist(), wanted.examples)
        columns.append(column(field.name, "", dtype_text(field.type), look))
    return {"kind": "frame", "shape": [rows, len(schema)], "columns": columns, "column_count": len(schema)}


def dask_frame(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """The frame without rows that dask made when the plan was written."""
    plan = fields(value).get("_expr")
    meta = fields(value).get("_meta") if plan is None else fields(plan).get("_meta")
    looks_left, wanted.looks_left = wanted.looks_left, 0
    try:
        entry = pandas_frame(meta, None, wanted)
    finally:
        wanted.looks_left = looks_left
    return {**entry, "shape": []}


def dask_series(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """The same for one column."""
    plan = fields(value).get("_expr")
    meta = fields(value).get("_meta") if plan is None else fields(plan).get("_meta")
    dtype = manager_of(meta).blocks[0].values.dtype
    return {"kind": "series", "detail": spelled(fields(meta).get("_name")) + " " + dtype_text(dtype)}


def xarray_set(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """Data variables as columns, coordinates as index, dimensions as shape."""
    content = own(base)["_variables"].__get__(value)
    coordinates = own(base)["_coord_names"].__get__(value)
    data = [(key, part) for key, part in content.items() if key not in coordinates]
    sizes: dict[Any, int] = {}
    for part in content.values():
        sizes.update(zip(part.dims, part.shape, strict=True))
    return {
        "kind": "frame",
        "shape": [sizes[name] for name in sizes],
        "columns": [xarray_part(key, part) for key, part in data[:MOST_COLUMNS]],
        "column_count": len(data),
        "index": [xarray_part(key, content[key]) for key in content if key in coordinates],
        "index_type": "coordinates",
    }


def xarray_part(key: Any, part: Any) -> list[Any]:
    """One variable with its dimensions."""
    dims = ", ".join(f"{name}: {size}" for name, size in zip(part.dims, part.shape, strict=True))
    return column(key_of(key), spelled(key), f"{dtype_text(part.dtype)} ({dims})" if dims else dtype_text(part.dtype))


def xarray_array(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """One variable with its coordinates."""
    part = own(base)["_variable"].__get__(value)
    coordinates = own(base)["_coords"].__get__(value)
    return {
        "kind": "array",
        "shape": list(part.shape),
        "detail": f"{dtype_text(part.dtype)} ({', '.join(map(str, part.dims))})",
        "index": [xarray_part(key, found) for key, found in coordinates.items()],
        "index_type": "coordinates",
    }


def duckdb_relation(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """Names and types, which were bound when the relation was made; no query runs."""
    names, types = attribute(base, value, "columns"), attribute(base, value, "types")
    return schema_frame(list(zip(names, types, strict=True)), [])


def within(limit_s: float, ask: Callable[[], Any]) -> Any:
    """What a library's function gives, if it gives it in time; it may have to read a file."""
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(ask()), daemon=True)
    thread.start()
    thread.join(limit_s)
    if not answers:
        raise Late
    return answers[0]
