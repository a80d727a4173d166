"""Live objects, as a kernel would tell of them."""

from collections.abc import Callable

import pytest

from jupyter_starcoder.names.changes import World
from jupyter_starcoder.names.frames import frames_of
from jupyter_starcoder.names.places import NamePlace, place_at_end
from kernels_ctx.snapshot import Column, KernelSnapshot, Key, Members, Variable


def frame(name: str, *keys: Key, library: str = "pandas", index: str = "", index_type: str = "RangeIndex") -> Variable:
    """A frame with these columns."""
    return Variable(
        name=name,
        type_name="DataFrame",
        kind="frame",
        library=library,
        columns=tuple(Column(name=repr(key), dtype="float64", key=key) for key in keys),
        column_count=len(keys),
        index=(Column(name=repr(index), dtype="int64", key=index),) if index else (),
        index_type=index_type,
    )


SNAPSHOT = KernelSnapshot(
    language="python",
    variables=(
        frame("df", "bridge", "cyclists", "temperature", "it's", index="station"),
        frame("other", "bridge", "length"),
        frame("days", "rain", "wind", index="day", index_type="DatetimeIndex"),
        frame("wide", ("rain", "min"), ("rain", "max")),
        frame("polar", "x", "y", library="polars"),
        Variable(name="cut", type_name="DataFrame", kind="frame", library="pandas", column_count=9000),
        Variable(name="pd", type_name="module", kind="module", detail="pandas"),
    ),
    names=("cut", "days", "df", "other", "pd", "polar", "wide"),
    members=(Members(type_name="DataFrame", library="pandas", names=("groupby", "head", "loc", "plot")),),
)


@pytest.fixture
def snapshot() -> KernelSnapshot:
    """Frames of pandas and polars, one of which was too wide to tell all of its columns."""
    return SNAPSHOT


@pytest.fixture(scope="session")
def place_at_mark() -> Callable[[str], NamePlace | None]:
    """Tells what must come at the mark `‸` of some code."""
    frames = frames_of(SNAPSHOT)
    return lambda code: place_at_end(code[: code.index("‸")], World(frames))
