"""Names that are like one that an error misses."""

import pytest

from jupyter_starcoder.names.nearest import MOST_NAMES, mended_beginning, nearest_names
from jupyter_starcoder.values.conversation import Mishap
from kernels_ctx.snapshot import Column, KernelSnapshot, Members, Variable


def frame(name: str, *columns: str, library: str = "pandas") -> Variable:
    """A frame with these columns."""
    return Variable(
        name=name,
        type_name="DataFrame",
        kind="frame",
        library=library,
        columns=tuple(Column(name=repr(column), dtype="float64", key=column) for column in columns),
        column_count=len(columns),
    )


SNAPSHOT = KernelSnapshot(
    language="python",
    variables=(
        Variable(name="options", type_name="dict", kind="container", examples=("'path'", "'limit'")),
        frame("sales", "revenue", "unit price", "Region", "a1", "a2", "a3", "a4"),
        frame("trips", "revenues", "fare_eur"),
    ),
    names=("options", "sales", "trips", "total_by_region"),
    members=(Members(type_name="DataFrame", library="pandas", names=("groupby", "head", "rename")),),
)
# An error, the code that failed, and the names that it may have meant.
CASES = [
    ("KeyError", "'revnue'", "sales['revnue']", ("'revenue'",)),
    ("KeyError", "'revnue'", "trips['revnue']", ("'revenues'",)),
    ("KeyError", "'fare_euro'", "sales['fare_euro']", ("'fare_eur'",)),
    ("KeyError", "'unit_price'", "sales['unit_price']", ("'unit price'",)),
    ("KeyError", "'region'", "sales.groupby('region')", ("'Region'",)),
    ("KeyError", '''"['revnue', 'x'] not in index"''', "sales[['revnue', 'x']]", ("'revenue'",)),
    ("KeyError", '''"None of [Index(['revnue'], dtype='object')] are in the [columns]"''', "sales", ("'revenue'",)),
    ("KeyError", "'Column not found: revnue'", "sales.groupby('Region')['revnue']", ("'revenue'",)),
    ("KeyError", "'limt'", "options['limt']", ("'limit'",)),
    ("KeyError", "'nothing of the kind'", "sales['nothing of the kind']", ()),
    ("KeyError", "'%'", "sales['%']", ()),
    ("KeyError", "7", "sales[7]", ()),
    ("KeyError", "('revnue', 'sum')", "sales", ()),
    ("ColumnNotFoundError", 'unable to find column "revnue"; valid columns: ["revenue"]', "sales", ("'revenue'",)),
    ("ColumnNotFoundError", "revnue\n\nResolved plan until failure:", "sales", ("'revenue'",)),
    ("AttributeError", "'DataFrame' object has no attribute 'group_by'", "sales.group_by", ("groupby",)),
    ("AttributeError", "'DataFrame' object has no attribute 'fare_eru'", "trips.fare_eru", ("fare_eur",)),
    ("AttributeError", "'NoneType' object has no attribute 'head'", "sales.head", ()),
    ("NameError", "name 'total_by_regoin' is not defined", "total_by_regoin", ("total_by_region",)),
    ("NameError", "name 'pritn' is not defined", "pritn(1)", ("print",)),
    ("NameError", "name 'sale' is not defined. Did you mean: 'sales'?", "sale", ()),
    ("NameError", "name 'plt' is not defined", "plot(1)\nplt.show()", ()),
    ("NameError", "name 'math' is not defined", "path = 1\nmath.sqrt(path)", ()),
    ("NameError", "name 'Path' is not defined", "path = 1\nPath(path)", ()),
    ("NameError", "name 'np' is not defined", "np.mean", ()),
    ("ValueError", "'revnue'", "sales", ()),
]


@pytest.mark.parametrize(("name", "message", "code", "names"), CASES)
def test_nearest_names_are_those_that_the_code_may_have_meant(
    name: str, message: str, code: str, names: tuple[str, ...]
) -> None:
    """Frames that the code names come before all others."""
    assert nearest_names(Mishap(name=name, message=message), code, SNAPSHOT) == names


def test_nearest_names_are_few_and_in_an_order_that_stays() -> None:
    """Of equals the alphabet decides."""
    missed = Mishap(name="KeyError", message="'a5'")
    crowd = frame("crowd", *(f"column_{n}" for n in range(20)))
    snapshot = KernelSnapshot(language="python", variables=(crowd,))

    assert nearest_names(missed, "sales['a5']", SNAPSHOT) == ()
    assert nearest_names(Mishap(name="KeyError", message="'column_x'"), "crowd", snapshot) == tuple(
        f"'column_{n}'" for n in range(MOST_NAMES)
    )


@pytest.mark.parametrize(
    ("name", "message", "code", "beginning"),
    [
        ("KeyError", "'revnue'", "x = 1\nsales['revnue'] + 1", "x = 1\nsales['revenue'"),
        ("KeyError", "'revnue'", 'sales["revnue"]', 'sales["revenue"'),
        ("KeyError", "'revnue'", "column = 1\nsales[column]", ""),
        ("KeyError", "'a5'", "sales['a5']", ""),
        (
            "AttributeError",
            "'DataFrame' object has no attribute 'group_by'",
            "group_by = sales.group_by('x')",
            "group_by = sales.groupby(",
        ),
        ("NameError", "name 'sles' is not defined", "'sles'\nx.sles = sles.head()", "'sles'\nx.sles = sales."),
        ("NameError", "name 'totl' is not defined", "total = 1\nprint(totl)", "total = 1\nprint(total)"),
        ("NameError", "name 'totl' is not defined", "total = totl", "total = total"),
        ("ValueError", "no", "x", ""),
    ],
)
def test_mended_beginning_ends_with_the_only_likely_name(name: str, message: str, code: str, beginning: str) -> None:
    """Where the code spells the missed one first, and not where that is another thing."""
    missed = Mishap(name=name, message=message)

    assert mended_beginning(missed, code, nearest_names(missed, code, SNAPSHOT)) == beginning


def test_nearest_names_without_a_kernel_are_none() -> None:
    """A fix goes without them."""
    assert nearest_names(Mishap(name="KeyError", message="'revnue'"), "sales['revnue']", None) == ()
