"""Live frames as the scanner sees them: which keys they have, and what they look like after a method."""

from dataclasses import dataclass, replace
from typing import Literal

from kernels_ctx.snapshot import KernelSnapshot, Key, Variable

PANDAS = frozenset({"pandas", "geopandas", "dask", "dask_expr", "modin"})
POLARS = frozenset({"polars"})
TIMES = frozenset({"DatetimeIndex", "PeriodIndex", "TimedeltaIndex"})

Form = Literal["frame", "grouped", "rows"]  # grouped: between groupby and what is done with the groups; rows: `.loc`

# Methods whose result has no column that the frame did not have. Their result may have fewer.
_PANDAS_KEEPING = """
    head tail sample copy query sort_values sort_index dropna fillna ffill bfill drop drop_duplicates nlargest nsmallest
    astype convert_dtypes infer_objects round abs clip where mask replace interpolate shift diff cumsum cummax cummin
    cumprod isin isna notna isnull notnull filter select_dtypes rank pct_change truncate between_time at_time
    tz_localize tz_convert set_index compute persist repartition to_crs set_crs
"""
_POLARS_KEEPING = """
    filter sort head tail limit slice sample unique drop drop_nulls fill_null fill_nan lazy collect clone reverse cache
    gather_every top_k bottom_k shift rechunk interpolate set_sorted collect_async
"""
KEEPING = {"pandas": frozenset(_PANDAS_KEEPING.split()), "polars": frozenset(_POLARS_KEEPING.split())}
GROUPING: dict[str, frozenset[str]] = {
    "pandas": frozenset({"groupby", "rolling", "resample", "expanding", "ewm"}),
    "polars": frozenset(),  # its groups have no columns that code can name
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What code may name of one object."""

    owner: str  # the variable that it comes from
    family: str  # "pandas" or "polars"
    keys: frozenset[str]
    index: frozenset[str] = frozenset()  # names of the index's levels, which many methods take beside columns
    members: tuple[str, ...] = ()  # methods and properties of its type; empty where they are not known
    has_times: bool = False  # rows can be cut out by text such as "2024-05"
    form: Form = "frame"

    def with_keys(self, keys: frozenset[str]) -> "Frame":
        """The same with these keys alone."""
        return replace(self, keys=keys)

    def after(self, method: str, arguments: str) -> "Frame | None":
        """What a method makes of it; None where the columns of that are not known.

        Args:
            method: its name.
            arguments: the code between its brackets without spaces.
        """
        if self.form == "grouped":
            return self if method in GROUPING[self.family] else None
        if self.form == "rows":
            return None
        if method in GROUPING[self.family]:
            return replace(self, form="grouped")
        if method == "reset_index" and self.family == "pandas":
            return self if "drop=True" in arguments else None
        return self if method in KEEPING[self.family] else None


def frame_of(variable: Variable, members: tuple[str, ...]) -> Frame | None:
    """A frame of the kernel; None for what is none, and where not all of its columns are known."""
    family = "pandas" if variable.library in PANDAS else "polars" if variable.library in POLARS else ""
    if not family or not variable.is_frame or not variable.has_all_columns:
        return None
    index = [level.key for level in variable.index if level.key is not None]
    return Frame(
        owner=variable.name,
        family=family,
        keys=texts_of(variable.keys),
        index=texts_of(tuple(index)),
        members=members,
        has_times=variable.index_type in TIMES,
    )


def frames_of(snapshot: KernelSnapshot) -> dict[str, Frame]:
    """The frames of a kernel by their names."""
    found = {variable.name: frame_of(variable, snapshot.members_of(variable)) for variable in snapshot.variables}
    return {name: frame for name, frame in found.items() if frame is not None}


def texts_of(keys: tuple[Key, ...]) -> frozenset[str]:
    """The texts among some keys, also of the parts of those that have several levels."""
    texts: set[str] = set()
    for key in keys:
        if isinstance(key, str):
            texts.add(key)
        elif isinstance(key, tuple):
            texts |= texts_of(key)
    return frozenset(texts)
