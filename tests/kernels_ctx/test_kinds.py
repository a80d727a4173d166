"""What a real Python kernel's values are told as, kind by kind."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from kernels_ctx.text import info_text, line

if TYPE_CHECKING:
    from tests.kernels_ctx.conftest import LiveKernel

MIXED = """
import pandas as pd
mixed = pd.DataFrame({
    "kind": pd.Categorical(["north", "south", None, "south"]),
    "at": pd.to_datetime(["2020-01-01", "2021-01-01", None, None]).tz_localize("UTC"),
    "count": pd.array([1, None, 3, 4], dtype="Int64"),
    "note": ["x", "y", "x", None],
    "odd": pd.Series([1, "x", None, object()], dtype=object),
    "plain": [1.5, float("nan"), 2.5, 3.5],
})
"""
LEVELS = """
import pandas as pd
rows = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["group", None])
columns = pd.MultiIndex.from_product([["low", "high"], ["x", "y"]])
levels = pd.DataFrame(0.5, index=rows, columns=columns)
"""
SCHEMA = [
    (
        "pandas",
        "mixed",
        MIXED,
        "DataFrame 4 × 6, columns 'kind' (category, 2 levels, 25 % null), "
        "'at' (datetime64[us, UTC], 50 % null), 'count' (Int64, 25 % null), 'note' (str, 25 % null), "
        "'odd' (object, 25 % null), 'plain' (float64, 25 % null)",
    ),
    (
        "pandas",
        "levels",
        LEVELS,
        "DataFrame 4 × 4, index 'group' (str), None (int64), columns "
        "('low', 'x') (float64), ('low', 'y') (float64), ('high', 'x') (float64), ('high', 'y') (float64)",
    ),
    (
        "pandas",
        "twice",
        "twice = pd.DataFrame([[1, 2.5]], columns=['a', 'a'])",
        "DataFrame 1 × 2, columns 'a' (int64), 'a' (float64)",
    ),
    (
        "pandas",
        "named",
        "named = pd.DataFrame({'v': [1]}, index=pd.Index(['k'], name='id'))",
        "DataFrame 1 × 1, index 'id' (str), columns 'v' (int64)",
    ),
    (
        "pandas",
        "own",
        "class Sales(pd.DataFrame):\n    pass\nown = Sales({'r': [1]})",
        "Sales 1 × 1, columns 'r' (int64)",
    ),
    ("pandas", "prices", "prices = pd.Series([1.5, 2.5], name='price')", "Series 2 'price' float64"),
    ("pandas", "days", "days = pd.date_range('2020', periods=3, unit='ns')", "DatetimeIndex 3 datetime64[ns]"),
    ("pandas", "pairs", "pairs = pd.MultiIndex.from_product([[1], [2]], names=['a', 'b'])", "MultiIndex 1 of 'a', 'b'"),
    (
        "pyarrow",
        "arrow",
        "import pyarrow\narrow = pd.DataFrame({'a': pd.array([1, None], dtype='int64[pyarrow]')})",
        "DataFrame 2 × 1, columns 'a' (int64[pyarrow], 50 % null)",
    ),
    (
        "polars",
        "eager",
        "import polars as pl\neager = pl.DataFrame({'a': [1, None], 'e': ['u', 'v']}, "
        "schema={'a': pl.Int64, 'e': pl.Enum(['u', 'v'])})",
        "DataFrame 2 × 2, columns 'a' (Int64, 50 % null), 'e' (Enum, 2 levels)",
    ),
    (
        "polars",
        "lazy",
        "import polars as pl\nlazy = pl.DataFrame({'a': [1]}).lazy().with_columns(b=pl.col('a') * 0.5)",
        "LazyFrame, columns 'a' (Int64), 'b' (Float64)",
    ),
    ("polars", "strand", "import polars as pl\nstrand = pl.Series('s', ['x'])", "Series 1 's' String"),
    (
        "pyarrow",
        "table",
        "import pyarrow as pa\ntable = pa.table({'a': [1, None], 'l': [['x'], None]})",
        "Table 2 × 2, columns 'a' (int64, 50 % null), 'l' (list<item: string>, 50 % null)",
    ),
    (
        "pyarrow",
        "batch",
        "import pyarrow as pa\nbatch = pa.RecordBatch.from_pydict({'a': [1]})",
        "RecordBatch 1 × 1, columns 'a' (int64)",
    ),
    (
        "dask",
        "parts",
        "import dask.dataframe as dd\nparts = dd.from_pandas(pd.DataFrame({'a': [1, 2]}), npartitions=2).assign(b=1.5)",
        "DataFrame, columns 'a' (int64), 'b' (float64)",
    ),
    ("dask", "blocks", "import dask.array as da\nblocks = da.zeros((4, 5))", "Array 4 × 5 float64"),
    (
        "geopandas",
        "places",
        "import geopandas, shapely\nplaces = geopandas.GeoDataFrame({'name': ['x']}, geometry=[shapely.Point(0, 1)])",
        "GeoDataFrame 1 × 2 geometry 'geometry', columns 'name' (str), 'geometry' (geometry)",
    ),
    (
        "xarray",
        "cube",
        "import xarray, numpy as np\ncube = xarray.Dataset({'t': (('x', 'y'), np.zeros((2, 3)))}, "
        "coords={'x': [1, 2]})",
        "Dataset 2 × 3, index 'x' (int64 (x: 2)), columns 't' (float64 (x: 2, y: 3))",
    ),
    (
        "xarray",
        "slab",
        "import xarray, numpy as np\nslab = xarray.DataArray(np.zeros((2, 3)), dims=('x', 'y'))",
        "DataArray 2 × 3 float64 (x, y)",
    ),
    ("numpy", "grid", "import numpy as np\ngrid = np.zeros((2, 3), dtype='f4')", "ndarray 2 × 3 float32"),
    (
        "scipy",
        "thin",
        "import scipy.sparse as sp\nthin = sp.csr_array([[0, 1], [2, 0]])",
        "csr_array 2 × 2 int64, 2 stored",
    ),
    ("scipy", "lists", "import scipy.sparse as sp\nlists = sp.lil_matrix((4, 5))", "lil_matrix 4 × 5 float64"),
    (
        "torch",
        "weights",
        "import torch\nweights = torch.zeros(2, 3, requires_grad=True)",
        "Tensor 2 × 3 float32 cpu requires_grad",
    ),
    (
        "torch",
        "net",
        "import torch\nnet = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())",
        "Sequential (0: Linear, 1: ReLU)",
    ),
    (
        "duckdb",
        "relation",
        "import duckdb\nrelation = duckdb.sql(\"select 1 as a, 'x' as b\")",
        "DuckDBPyRelation, columns 'a' (INTEGER), 'b' (VARCHAR)",
    ),
    ("duckdb", "duck", "import duckdb\nduck = duckdb.connect()", "DuckDBPyConnection"),
    (
        "sqlalchemy",
        "engine",
        "import sqlalchemy\nengine = sqlalchemy.create_engine('sqlite:////nowhere/at/all.db')",
        "Engine sqlite+pysqlite",
    ),
    ("sqlite3", "lite", "import sqlite3\nlite = sqlite3.connect(':memory:')", "Connection"),
    (
        "sklearn",
        "fitted",
        "from sklearn.linear_model import LinearRegression\nfitted = LinearRegression()"
        ".fit(pd.DataFrame({'u': [1, 2], 'v': [3, 5]}), [1, 2])",
        "LinearRegression fitted on 'u', 'v'",
    ),
    (
        "sklearn",
        "raw",
        "from sklearn.linear_model import LinearRegression\nraw = LinearRegression()",
        "LinearRegression not fitted",
    ),
    (
        "sklearn",
        "steps",
        "from sklearn.pipeline import Pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
        "steps = Pipeline([('scale', StandardScaler())])",
        "Pipeline of 'scale'",
    ),
    (
        "matplotlib",
        "drawing",
        "from matplotlib.figure import Figure\ndrawing = Figure()\ndrawing.subplots(1, 2)",
        "Figure 2 axes",
    ),
    ("builtins", "items", "items = [1, 'x', 2]", "list 3 of int or str"),
    ("builtins", "sizes", "sizes = {'a': 1.5}", "dict 1 of str to float"),
    ("builtins", "empty", "empty = ()", "tuple 0"),
    ("builtins", "tally", "import collections\ntally = collections.Counter('abb')", "Counter 2 of str to int"),
    (
        "builtins",
        "join",
        "def join(left, /, right='x', *rest, how=None, by=[], **more): ...",
        "function (left, right='x', *rest, how=None, by=..., **more)",
    ),
    ("builtins", "cached", "import functools\n@functools.cache\ndef cached(a, *, b=1): ...", "function (a, *, b=1)"),
    (
        "builtins",
        "Shape",
        "class Shape:\n    def __init__(self, sides=3): ...\nshape = Shape()\narea = shape.__init__",
        "class (sides=3)",
    ),
    ("builtins", "js", "import json as js", "module json"),
    ("builtins", "n", "n = 3", "int"),
]


@pytest.mark.parametrize(("library", "name", "code", "text"), SCHEMA, ids=[name for _, name, _, _ in SCHEMA])
def test_snapshot_value_is_told_by_its_kind(
    python: "LiveKernel", library: str, name: str, code: str, text: str
) -> None:
    """Types, shapes, columns and dtypes are told; values are not."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    python.run(f"import pandas as pd\n{code}" if "pd." in code else code)

    assert line(python.variable(name)) == f"{name}: {text}"


EXAMPLES = [
    (
        "pandas",
        "mixed",
        MIXED,
        [
            ("'north'", "'south'"),
            ("'2020-01-01 00:00:00+00:00'", "'2021-01-01 00:00:00+00:00'"),
            ("1", "3", "4"),
            ("'x'", "'y'"),
            ("1", "'x'", "object"),
            ("1.5", "2.5", "3.5"),
        ],
    ),
    (
        "polars",
        "few",
        "import polars as pl\nfew = pl.DataFrame({'a': [None, 2], 'l': [[1, 2], None]})",
        [("2",), ("[1, 2]",)],
    ),
    (
        "pyarrow",
        "rows",
        "import pyarrow as pa\nrows = pa.table({'a': [None, 'long' * 20]})",
        [("'" + "long" * 10 + "'...",)],
    ),
]


@pytest.mark.parametrize(("library", "name", "code", "examples"), EXAMPLES, ids=[name for _, name, _, _ in EXAMPLES])
def test_snapshot_with_examples_gives_first_values_of_each_column(
    python: "LiveKernel", library: str, name: str, code: str, examples: list[tuple[str, ...]]
) -> None:
    """Different values, without nulls and cut; of a categorical its levels; only where they are asked for."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    python.run(code)

    assert [column.examples for column in python.variable(name, "schema+examples").columns] == examples
    assert {column.examples for column in python.variable(name).columns} == {()}


def test_info_text_is_what_pandas_prints(python: "LiveKernel") -> None:
    """But for the memory, which tells nothing that code could use."""
    python.run(MIXED + "import io\nprinted = io.StringIO()\nmixed.info(buf=printed, memory_usage=False)")
    ours = info_text(python.variable("mixed")).splitlines()

    theirs = [text.rstrip() for text in str(python.value("printed.getvalue()")).splitlines()]

    assert ours[1:] == theirs[1:]  # the first line names the class as older versions of pandas spelled it


def test_snapshot_frame_keys_are_what_code_writes(python: "LiveKernel") -> None:
    """Every column is there as a value, and those that can stand behind a dot are known."""
    python.run("import pandas as pd\nkeyed = pd.DataFrame([[1] * 6], columns=['a', 'b c', 'class', 3, ('x', 1), 'é'])")

    found = python.variable("keyed")

    assert found.keys == ("a", "b c", "class", 3, ("x", 1), "é")
    assert found.attributes == ("a", "é")
    assert found.has_all_columns
    assert "groupby" in python.look().members_of(found)


def test_snapshot_cells_that_ran_last_are_known(python: "LiveKernel") -> None:
    """A variable knows which cell named it last, and a wide frame's columns named in cells are looked at closely."""
    python.run("import numpy as np, pandas as pd\nwide = pd.DataFrame(np.zeros((2, 3000))).add_prefix('c')")
    python.run("other = 1")
    python.run("total = wide['c2500'].sum()")

    found = python.look()

    frame, other = found.variable("wide"), found.variable("other")
    assert frame is not None
    assert other is not None
    assert frame.touched > other.touched
    assert frame.column_count == len(frame.columns) == 3000
    assert frame.columns[2500].null_share == 0.0
    assert frame.columns[2499].null_share is None


def test_snapshot_long_frame_estimates_nulls_from_bounded_slices(python: "LiveKernel") -> None:
    """Nulls are counted in 300 rows: at the start, in the middle and at the end."""
    python.run(
        "import numpy as np, pandas as pd\n"
        "long = pd.DataFrame({'x': np.zeros(10**5)})\n"
        "long.loc[:50, 'x'] = float('nan')"
    )

    assert python.variable("long").columns[0].null_share == 0.17


def test_snapshot_of_frame_leaves_no_view_behind(python: "LiveKernel") -> None:
    """The next write into a frame copies nothing: no view is left that copy-on-write would count."""
    python.run("import pandas as pd\nlone = pd.DataFrame({'a': [1.0, 2.0], 'b': [3.0, 4.0]})")
    python.look("schema+examples")

    assert python.value("lone._mgr.blocks[0].refs.has_reference()") is False


def test_snapshot_object_dies_when_its_name_does(python: "LiveKernel") -> None:
    """The probe keeps nothing alive."""
    python.run("import weakref\nclass Held: ...\nheld = Held()\ngone = weakref.ref(held)")
    python.look("schema+examples")
    python.run("del held")

    assert python.value("gone() is None") is True


def test_snapshot_leaves_the_kernel_as_it_was(python: "LiveKernel") -> None:
    """No name, no module, no count and no history is added."""
    python.run("import sys")
    state = "(sorted(globals()), sorted(sys.modules), get_ipython().execution_count, len(_ih))"
    before = python.value(state)

    python.look("schema+examples")

    assert python.value(state) == before
