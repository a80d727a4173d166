"""Goes through the main namespace, within the limits."""

import json
import re
import types
from typing import Any

from kernels_ctx.probe.array_kinds import array, network, sparse, tensor
from kernels_ctx.probe.looking import library_of, loaded, mro, name_of, own
from kernels_ctx.probe.object_kinds import (
    builtin,
    class_of,
    connection,
    drawing,
    engine,
    estimator,
    figure,
    function,
    items,
    mapping,
    method,
    module,
    wrapper,
)
from kernels_ctx.probe.pandas_kinds import geo_frame, pandas_frame, pandas_index, pandas_series
from kernels_ctx.probe.spelling import PLAIN
from kernels_ctx.probe.table_kinds import (
    arrow_table,
    dask_frame,
    dask_series,
    duckdb_relation,
    polars_frame,
    polars_lazy,
    polars_series,
    xarray_array,
    xarray_set,
)
from kernels_ctx.probe.wanted import Late, Wanted

# The first base of a value's class that stands here tells how it is described.
KINDS = (
    ("geopandas.GeoDataFrame", geo_frame),
    ("pandas.DataFrame", pandas_frame),
    ("pandas.Series", pandas_series),
    ("pandas.Index", pandas_index),
    ("polars.DataFrame", polars_frame),
    ("polars.LazyFrame", polars_lazy),
    ("polars.Series", polars_series),
    ("pyarrow.Table", arrow_table),
    ("pyarrow.RecordBatch", arrow_table),
    ("dask.dataframe.DataFrame", dask_frame),
    ("dask.dataframe.Series", dask_series),
    ("dask.array.Array", array),
    ("xarray.Dataset", xarray_set),
    ("xarray.DataArray", xarray_array),
    ("duckdb.DuckDBPyRelation", duckdb_relation),
    ("duckdb.DuckDBPyConnection", connection),
    ("sqlite3.Connection", connection),
    ("sqlalchemy.Engine", engine),
    ("sqlalchemy.engine.Engine", engine),
    ("numpy.ndarray", array),
    ("scipy.sparse.spmatrix", sparse),
    ("scipy.sparse.sparray", sparse),
    ("torch.Tensor", tensor),
    ("torch.nn.Module", network),
    ("sklearn.base.BaseEstimator", estimator),
    ("matplotlib.figure.Figure", figure),
    ("matplotlib.axes.Axes", drawing),
    ("builtins.list", items),
    ("builtins.tuple", items),
    ("builtins.set", items),
    ("builtins.frozenset", items),
    ("collections.deque", items),
    ("builtins.dict", mapping),
    ("functools._lru_cache_wrapper", wrapper),
    ("functools.partial", wrapper),
    ("builtins.type", class_of),
)
EXACT = {
    id(types.FunctionType): function,
    id(types.MethodType): method,
    id(types.BuiltinFunctionType): builtin,
    id(types.ModuleType): module,
}
MOST_TYPES = 12
MOST_NAMES = 10_000
WITH_MEMBERS = frozenset({"frame", "series"})
HIDDEN = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
WORD = re.compile(r"[^\W\d]\w*")
CELLS = 50  # of the history that are looked at
CELL_CHARS = 4000


def touched(namespace: dict[str, Any]) -> dict[str, int]:
    """The number of the last executed cell that has a word in it."""
    history = namespace.get("_ih")
    found: dict[str, int] = {}
    if type(history) is list:
        for number in range(max(0, len(history) - CELLS), len(history)):
            if type(history[number]) is str:
                found.update(dict.fromkeys(WORD.findall(history[number][:CELL_CHARS]), number))
    return found


def describers() -> dict[int, Any]:
    """How each class that is loaded is described, by its identity."""
    classes = [(loaded(path), describe) for path, describe in KINDS]
    return {id(kind): (kind, describe) for kind, describe in classes if kind is not None}


def entry_of(value: Any, known: dict[int, Any], wanted: Wanted) -> dict[str, Any]:
    """What is worth knowing of one value."""
    kind = type(value)
    if id(kind) in PLAIN:
        return {"type": name_of(kind), "kind": "scalar"}
    if id(kind) in EXACT:
        return {"type": name_of(kind), **EXACT[id(kind)](value, kind, wanted)}
    for base in mro(kind):
        if id(base) in known:
            owner, describe = known[id(base)]
            try:
                found = describe(value, owner, wanted)
            except Late:
                raise
            except Exception:  # noqa: BLE001  half-made, or of a version that keeps it elsewhere: it has a name and a type
                found = {}
            return {"type": name_of(kind), "library": library_of(kind) or library_of(owner), **found}
    return {"type": name_of(kind), "library": library_of(kind)}


def members_of(kind: type) -> list[str]:
    """The public names that a library's class defines, by itself and by its bases."""
    return sorted({name for base in mro(kind) for name in own(base) if type(name) is str and name[:1] != "_"})


def probe(namespace: dict[str, Any], limits: dict[str, Any]) -> str:
    """JSON of the namespace: variables sorted by name."""
    wanted = Wanted(limits)
    seen = touched(namespace)
    wanted.near = set(seen)
    known = describers()
    names = sorted(n for n in list(namespace) if type(n) is str and n[:1] != "_" and n not in HIDDEN)
    entries: dict[str, str] = {}
    members: dict[tuple[str, str], Any] = {}
    close: list[str] = []
    left_bytes = wanted.size_bytes
    is_cut = False
    # What was touched last comes first, and what has most to tell: the time may not suffice for all.
    for name in sorted(names, key=lambda name: (-seen.get(name, 0), id(type(namespace.get(name))) in PLAIN)):
        if len(entries) >= wanted.variables or left_bytes <= 0:
            is_cut = True
            break
        value = namespace.get(name)
        wanted.looks_left = 2 * wanted.columns if len(close) < wanted.frames else 0
        before = wanted.looks_left
        try:
            wanted.check()
            entry = entry_of(value, known, wanted)
        except Late:
            is_cut = True
            break
        if wanted.looks_left < before:
            close.append(name)
        entries[name] = json.dumps({"name": name, "touched": seen.get(name, 0), **entry})
        left_bytes -= len(entries[name])
        if entry.get("kind") in WITH_MEMBERS and entry["library"]:
            whose = (name_of(type(value)), entry["library"])
            if whose not in members and len(members) < MOST_TYPES:
                members[whose] = members_of(type(value))
    rest = {
        "members": [[*whose, members[whose]] for whose in sorted(members)],
        "names": names[:MOST_NAMES],
        "is_cut": is_cut,
    }
    return '{"variables": [' + ", ".join(entries[name] for name in sorted(entries)) + "], " + json.dumps(rest)[1:]
