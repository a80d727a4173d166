"""Live objects as a real probe tells of them."""

import asyncio
from collections.abc import Callable

import pytest

from jupyter_starcoder.names.live import LiveNames
from kernels_ctx.asking import snapshot
from kernels_ctx.channel import FakeChannel

Texts = Callable[[str], set[str] | None]

PANDAS = """
import pandas as pd

class Shouting(pd.DataFrame):
    def shout(self): ...

df = pd.DataFrame({"a": [1], "b c": [2.0]}, index=pd.Index([1], name="station"))
wide = pd.DataFrame({("rain", "min"): [1], ("rain", "max"): [2]})
numbers = pd.DataFrame({1: [2]})
own = Shouting({"a": [1]})
moments = pd.DataFrame({"a": [1]}, index=pd.to_datetime(["2024-05-01"]))
column = df["a"]
members = {name for name in dir(pd.DataFrame) if not name.startswith("_")}
"""
POLARS = """
import polars as pl

eager = pl.DataFrame({"x": [1], "y": [2]})
lazy = eager.lazy()
"""


def texts_in(source: str) -> tuple[Texts, dict[str, object]]:
    """What can stand at the end of some code in a kernel that ran a source, and what that kernel holds."""
    namespace: dict[str, object] = {}
    exec(source, namespace)
    live = LiveNames(asyncio.run(snapshot(FakeChannel(namespace), 5.0)), [])

    def found(code: str) -> set[str] | None:
        place = live.place_at(code)
        return set(place.choice.texts) if place else None

    return found, namespace


@pytest.fixture(scope="module")
def kernel() -> tuple[Texts, dict[str, object]]:
    """A kernel with frames of pandas."""
    return texts_in(PANDAS)


@pytest.fixture(scope="module")
def texts(kernel: tuple[Texts, dict[str, object]]) -> Texts:
    """What can stand at the end of some code in it."""
    return kernel[0]


def test_live_frame_tells_columns_and_index(texts: Texts) -> None:
    """Both count where a method takes either."""
    assert texts('x = df["') == {'a"', 'b c"'}
    assert texts('df.groupby("') == {'a"', 'b c"', 'station"'}


def test_live_frame_tells_all_methods_and_columns_behind_its_dot(kernel: tuple[Texts, dict[str, object]]) -> None:
    """Whatever pandas has there is allowed, and columns that are names."""
    texts, namespace = kernel

    members = namespace["members"]
    assert isinstance(members, set)
    assert len(members) > 100
    assert texts("x = df.") == members | {"a"}


def test_live_frame_with_levels_tells_the_names_of_each(texts: Texts) -> None:
    """Any part of a key may stand there."""
    assert texts('x = wide["') == {'rain"', 'min"', 'max"'}


def test_live_frame_with_times_can_be_cut_by_text(texts: Texts) -> None:
    """A day is no column and still valid."""
    assert texts("x = moments['") == {"a'", *"0123456789"}


@pytest.mark.parametrize("code", ['x = column["', 'x = numbers["', 'x = missing["'])
def test_live_object_without_text_keys_forbids_nothing(code: str, texts: Texts) -> None:
    """A series, a frame whose columns are numbers, a name that is not there."""
    assert texts(code) is None


def test_live_frame_of_a_kind_of_its_own_has_its_own_members(texts: Texts) -> None:
    """A user's class may add methods: the probe tells those of that very class."""
    assert texts('x = own["') == {'a"'}
    assert (texts("x = own.") or set()) - (texts("x = moments.") or set()) == {"shout"}


def test_live_polars_frame_tells_its_columns() -> None:
    """Eager or lazy, for methods and expressions; all columns and patterns may stand there as well."""
    pytest.importorskip("polars")
    texts, _ = texts_in(POLARS)

    assert texts('x = eager["') == {'x"', 'y"'}
    assert texts('lazy.filter(pl.col("') == {'x"', 'y"', "*", "^"}
