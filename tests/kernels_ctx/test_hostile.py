"""Objects in a real Python kernel that do harm when looked at: nothing of theirs runs, and the others are told."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kernels_ctx.conftest import LiveKernel

# Everything below notes that it ran; `harm` deletes a file, prints, sleeps and recurses.
HARM = """
import os, tempfile, time
ran = []
path = tempfile.NamedTemporaryFile(delete=False).name
def harm(*args, **kwargs):
    ran.append(1)
    print("printed")
    if os.path.exists(path): os.remove(path)
    time.sleep(5)
    return harm()
"""
HOSTILE = {
    "every_method": """
class Every:
    __repr__ = __str__ = __len__ = __iter__ = __getattr__ = __getattribute__ = __eq__ = __hash__ = __bool__ = harm
    __class__ = property(harm)
    __dict__ = property(harm)
    shape = columns = dtype = property(harm)
thing = Every()
""",
    "lie_about_class": """
import pandas as pd
class Liar:
    @property
    def __class__(self): harm(); return pd.DataFrame
    @property
    def _mgr(self): harm()
thing = Liar()
""",
    "metaclass": """
class Meta(type):
    __mro__ = __dict__ = __name__ = __module__ = property(harm)
    __eq__ = __hash__ = __getattribute__ = __instancecheck__ = __subclasscheck__ = harm
class Tricky(metaclass=Meta): ...
thing = Tricky()
held = [Tricky]
""",
    "named_like_a_frame": """
class DataFrame:
    __module__ = "pandas"
    columns = index = shape = iloc = dtypes = _mgr = property(harm)
    __len__ = harm
thing = DataFrame()
""",
    "frame_with_properties": """
import pandas as pd
class Frame(pd.DataFrame):
    columns = index = shape = iloc = loc = dtypes = _mgr = _constructor = __class__ = property(harm)
    __len__ = __repr__ = __iter__ = __getitem__ = __getattr__ = harm
thing = pd.DataFrame({"a": [1]})
thing.__class__ = Frame
""",
    "frame_of_hostile_objects": """
import pandas as pd
class Cell:
    __repr__ = __str__ = __eq__ = __getattr__ = __bool__ = __float__ = harm
    __hash__ = object.__hash__
thing = pd.DataFrame({"a": pd.Series([None] * 3, dtype=object)})
for place in range(3): thing._mgr.blocks[0].values[0, place] = Cell()
""",
    "dict_with_methods": """
class Odd(dict):
    __iter__ = __len__ = __getitem__ = keys = items = values = get = __repr__ = __class__ = harm
thing = Odd(a=1)
class Endless(list):
    __iter__ = __len__ = __getitem__ = harm
endless = Endless([1])
""",
    "array_with_properties": """
import numpy as np
class Grid(np.ndarray):
    shape = dtype = size = property(harm)
    __repr__ = __getitem__ = __len__ = __array_ufunc__ = __array_function__ = harm
thing = np.zeros((2, 3)).view(Grid)
""",
    "function_of_hostile_default": """
class Default:
    __repr__ = __eq__ = __getattr__ = harm
def thing(a, b=Default(), *, c=Default()): ...
thing.__wrapped__ = Default()
""",
    "module_with_attributes": """
import sys, types
class Lazy(types.ModuleType):
    __getattribute__ = __getattr__ = __repr__ = harm
thing = Lazy("polars")
sys.modules["geopandas"] = Lazy("geopandas")
""",
    "estimator_with_properties": """
from sklearn.base import BaseEstimator
class Model(BaseEstimator):
    def __getattr__(self, name): harm()
    __repr__ = __sklearn_tags__ = harm
    feature_names_in_ = property(harm)
thing = Model()
""",
    "tensor_with_functions": """
import torch
class Wrapped(torch.Tensor):
    __torch_function__ = classmethod(harm)
    __repr__ = harm
thing = torch.zeros(2).as_subclass(Wrapped)
""",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_snapshot_hostile_object_is_never_run(python: "LiveKernel", kind: str) -> None:
    """No method or property of a user's class runs, whatever it claims to be; others are told as ever."""
    needed = {"estimator_with_properties": "sklearn", "tensor_with_functions": "torch"}
    if kind in needed and find_spec(needed[kind]) is None:
        pytest.skip(f"{needed[kind]} is not installed")
    python.run(f"{HARM}{HOSTILE[kind]}\nneighbour = [1]\nran.clear(); open(path, 'w').close()")

    try:
        found = python.look("schema+examples")
        assert python.value("(len(ran), os.path.exists(path))") == (0, True)
    finally:
        python.run("import sys; sys.modules.pop('geopandas', None); thing = held = endless = None")

    assert {"thing", "neighbour"} <= {variable.name for variable in found.variables}
    assert not found.is_cut
    if kind == "frame_with_properties":  # pandas' own content is read, past what stands in front of it
        assert [variable.keys for variable in found.variables if variable.name == "thing"] == [("a",)]


def test_snapshot_lazy_frame_is_not_evaluated(python: "LiveKernel") -> None:
    """The plan's own function is not called for its schema."""
    if find_spec("polars") is None:
        pytest.skip("polars is not installed")
    python.run(
        "import polars as pl\ncalls = []\ndef costly(frame):\n    calls.append(1)\n    return frame\n"
        "plan = pl.DataFrame({'a': [1]}).lazy().map_batches(costly)"
    )

    found = python.variable("plan")

    assert found.keys == ("a",)
    assert python.value("calls") == []


def test_snapshot_dask_plan_is_not_evaluated(python: "LiveKernel") -> None:
    """Only what dask made when the plan was written is read."""
    if find_spec("dask") is None:
        pytest.skip("dask is not installed")
    python.run(
        "import dask.dataframe as dd, pandas as pd\ncalls = []\ndef costly(frame):\n    calls.append(1)\n"
        "    return frame\nplan = dd.from_pandas(pd.DataFrame({'a': [1]}), npartitions=1).map_partitions(costly)\n"
        "calls.clear()"
    )

    python.look("schema+examples")

    assert python.value("calls") == []


def test_snapshot_of_connections_sends_no_query(python: "LiveKernel") -> None:
    """A result that is being read goes on, and an engine connects to nothing."""
    if find_spec("duckdb") is None or find_spec("sqlalchemy") is None:
        pytest.skip("duckdb and SQLAlchemy are not installed")
    python.run(
        "import duckdb, sqlalchemy\nduck = duckdb.connect()\nduck.execute('select * from range(3)')\n"
        "first = duck.fetchone()\nengine = sqlalchemy.create_engine('sqlite://')\nopened = []\n"
        "sqlalchemy.event.listen(engine, 'connect', lambda *_: opened.append(1))"
    )

    python.look("schema+examples")

    assert python.value("(duck.fetchall(), opened)") == ([(1,), (2,)], [])


def test_snapshot_past_its_time_is_cut(python: "LiveKernel") -> None:
    """The probe stops at its limit and says so; the names are told nevertheless."""
    python.run("some, more = [1], [2]")

    found = python.look(probe_s=0.0)

    assert found.is_cut
    assert {"some", "more"} <= set(found.names)


def test_snapshot_past_its_size_is_cut(python: "LiveKernel") -> None:
    """The answer ends after the variable that exceeds its bytes; what was touched last is in it."""
    python.run("filler = {str(i): i for i in range(9)}")
    python.run("import pandas as pd\nbroad = pd.DataFrame([[0] * 500]).add_prefix('column')")

    found = python.look(size_bytes=1000)

    assert found.is_cut
    assert "broad" in {variable.name for variable in found.variables}
    assert "filler" in found.names
