"""Where only the name of something live can stand."""

import ast
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_starcoder.names.changes import World
from jupyter_starcoder.names.frames import Frame
from jupyter_starcoder.names.places import NamePlace, place_at_end

PlaceAtMark = Callable[[str], NamePlace | None]

DF = "bridge cyclists it's temperature"
BY = "bridge cyclists it's station temperature"  # with the index

FREE = frozenset("*^0123456789")

PLACES = [
    # Subscripts
    ('x = df["‸', DF),
    ("x = df['‸", DF),
    ('x = df[ "‸', DF),
    ('x = df["cyc‸', DF),
    ("print(df['‸", DF),
    ('df["bridge"] = df["‸', DF),
    ('df["a"], b = 1, df["‸', DF),
    ('if df["‸', DF),
    ('return df["‸', DF),
    ('del df["‸', DF),
    ('x = df[["‸', DF),
    ('x = df[["bridge", "‸', DF),
    ("x = df[['bridge',\n        '‸", DF),
    ('x = df.loc[:, "‸', DF),
    ('x = df.loc[df["‸', DF),
    ('x = df.loc[df.cyclists > 3, "‸', DF),
    ('x = df.loc[:, ["bridge", "‸', DF),
    ('x = df.at[3, "‸', DF),
    ('x = df[df["‸', DF),
    ('x = df[(df["bridge"] == "A") & (df["‸', DF),
    ('x = [df["‸', DF),
    ('x = {"total": df["‸', DF),
    ('x = f(a, df["‸', DF),
    ('x = df[df.cyclists > 3]["‸', DF),
    ('x = df[["bridge", "cyclists"]]["‸', "bridge cyclists"),
    ('x = df[["bridge", "cyclists"]].sort_values("‸', "bridge cyclists station"),
    ('x = days["‸', "0 1 2 3 4 5 6 7 8 9 rain wind"),
    ('x = wide["‸', "max min rain"),
    ('x = polar["‸', "x y"),
    # Groups
    ('df.groupby("‸', BY),
    ('df.groupby(["‸', BY),
    ('df.groupby(["bridge", "‸', BY),
    ('df.groupby(by="‸', BY),
    ('df.groupby("bridge")["‸', DF),
    ('df.groupby("bridge")[["cyclists", "‸', DF),
    ('x = df.query("cyclists > 3").groupby("‸', BY),
    ('x = df[df.cyclists > 3].groupby("‸', BY),
    ('x = df[df["bridge"].isin(["A"])].groupby("bridge")["‸', DF),
    ('x = (\n    df.dropna()\n    .groupby("bridge")\n    ["‸', DF),
    ('df.rolling(7)["‸', DF),
    # Arguments
    ('df.sort_values("‸', BY),
    ('df.sort_values(by="‸', BY),
    ('df.sort_values(["bridge", "‸', BY),
    ('df.sort_values(ascending=False, by="‸', BY),
    ('df.drop(columns=["‸', BY),
    ('df.dropna(subset=["bridge", "‸', BY),
    ('df.drop_duplicates("‸', BY),
    ('df.set_index("‸', BY),
    ('df.nlargest(3, "‸', BY),
    ('df.pivot_table(index="bridge", values="‸', BY),
    ('df.merge(other, on="‸', BY),
    ('df.merge(other, left_on="‸', BY),
    ('df.merge(other, left_on="bridge", right_on="‸', "bridge length"),
    ('pd.merge(df, other, on="‸', BY),
    ('pd.merge(df, other, left_on="bridge", right_on="‸', "bridge length"),
    ('df.plot(x="‸', BY),
    ('df.plot.scatter(x="bridge", y="‸', BY),
    ('sns.lineplot(data=df, x="‸', BY),
    ('sns.lineplot(df, x="bridge", hue="‸', BY),
    # polars
    ('polar.select("‸', "* ^ x y"),
    ('polar.select(pl.col("‸', "* ^ x y"),
    ('polar.filter(pl.col("x") > 3).with_columns(total=pl.col("‸', "* ^ x y"),
    ('polar.group_by("‸', "* ^ x y"),
    ('polar.with_columns(pl.when(pl.col("‸', "* ^ x y"),
    # What the cell did before
    ('df["total"] = 1\nx = df["‸', "bridge cyclists it's temperature total"),
    ('df.loc[:, "total"] = 1\nx = df["‸', "bridge cyclists it's temperature total"),
    ('df.insert(0, "total", 1)\nx = df["‸', "bridge cyclists it's temperature total"),
    ('busy = df[df.cyclists > 3]\nx = busy["‸', DF),
    ('busy = df.copy()\nbusy["total"] = 1\nx = busy["‸', "bridge cyclists it's temperature total"),
    ("print(df)\nx = df['‸", DF),
    ("%%time\nx = df['‸", DF),
    ("%matplotlib inline\nx = df['‸", DF),
    ("x = 'it''s'  # df = \"\ny = df['‸", DF),
    # Behind a dot
    ("x = df.‸", "bridge cyclists groupby head loc plot temperature"),
    ("x = df.gr‸", "bridge cyclists groupby head loc plot temperature"),
    ("df.‸", "bridge cyclists groupby head loc plot temperature"),
    ("x = df[df.‸", "bridge cyclists groupby head loc plot temperature"),
    ("x = df.query('a').‸", "bridge cyclists groupby head loc plot temperature"),
]

NO_PLACES = [
    # A new name is valid there
    'df["‸',
    'if x:\n    df["‸',
    'if x: df["‸',
    'df["a"], df["‸',
    'df[["a", "‸',
    'df.loc[:, "‸',
    'df.loc[df.cyclists > 3, "‸',
    'df.rename(columns={"‸',
    'df.rename(columns={"bridge": "‸',
    'df.agg({"‸',
    'df.groupby("bridge").agg({"‸',
    'df.groupby("bridge").agg(total=("‸',
    'df.assign(**{"‸',
    'x = {"‸',
    'df.to_csv("‸',
    'df.get("‸',
    'df.filter(items=["‸',
    'df.query("‸',
    'polar.with_columns(pl.lit("‸',
    'polar.select(pl.col("x").alias("‸',
    # No key
    'x = "‸',
    'print("‸',
    'x = df.loc["‸',
    'x = df.iloc["‸',
    'x = df[df.bridge == "‸',
    'x = df["bridge" + "‸',
    'x = df["bridge", "‸',
    'x = df[f"‸',
    'x = df[b"‸',
    'x = df["""‸',
    'x = df.sort_values("bridge", "‸',
    'x = df["bridge"]["‸',
    'x = df[0]["‸',
    'x = df[name]["‸',
    "x = df['bridge'‸",
    "x = df[‸",
    "# df['‸",
    "x = 3.‸",
    "x = df. ‸",
    "x = df.bridge.‸",
    "x = 'df.‸",
    # Nobody knows the columns
    'x = unknown["‸',
    'x = cut["‸',
    'x = pd.read_csv("a")["‸',
    'x = df.merge(other)["‸',
    'x = df.reset_index()["‸',
    'x = df.T["‸',
    'x = df.assign(a=1)["‸',
    'x = df.groupby("bridge").sum()["‸',
    'polar.group_by("x").agg(y=1).select("‸',
    'pl.col("‸',
    'polar.join(unknown.filter(pl.col("‸',
    'other.merge(df, right_on="bridge", left_on=f("‸',
    # The cell changed them
    'df = load()\nx = df["‸',
    'df, y = load()\nx = df["‸',
    'for df in frames:\n    x = df["‸',
    'with open(a) as df:\n    x = df["‸',
    'import a as df\nx = df["‸',
    'def f(df):\n    x = df["‸',
    'x = lambda df: df["‸',
    'df.columns = ["a"]\nx = df["‸',
    'df[name] = 1\nx = df["‸',
    'df.rename(columns=str.upper, inplace=True)\nx = df["‸',
    'prepare(df)\nx = df["‸',
    'exec(code)\nx = df["‸',
    '%%sql\nx = df["‸',
]


@pytest.mark.parametrize(("code", "names"), PLACES)
def test_place_of_a_key_tells_the_names(code: str, names: str, place_at_mark: PlaceAtMark) -> None:
    """Only these names can stand there."""
    place = place_at_mark(code)

    assert place is not None
    quote = "" if place.choice.is_word else next(sign for sign in reversed(code) if sign in "'\"")
    expected = {spelled(name, quote) for name in names.split()}
    assert set(place.choice.texts) == expected
    assert code[: code.index("‸")].endswith(place.typed)


def spelled(name: str, quote: str) -> str:
    """A name as code spells it up to the closing quote; what stands for many names has none."""
    return name if name in FREE else name.replace(quote, "\\" + quote) + quote if quote else name


@pytest.mark.parametrize("code", NO_PLACES)
def test_place_where_anything_may_stand_is_none(code: str, place_at_mark: PlaceAtMark) -> None:
    """What is valid is never forbidden."""
    assert place_at_mark(code) is None


FORBIDDEN_THOUGH_VALID = [
    ('x = df["‸', 'a":"c"]'),  # rows by the text of a plain index
    ('x = df["‸', 'new"] = 3'),  # the second of several targets
    ('[df["‸', 'new"], x] = 1, 2'),  # a target between brackets
    ('x = df["‸', '\\x62ridge"]'),  # a name that is there, spelled otherwise
]


@pytest.mark.parametrize(("code", "rest"), FORBIDDEN_THOUGH_VALID)
def test_place_forbids_few_things_that_are_valid(code: str, rest: str, place_at_mark: PlaceAtMark) -> None:
    """These are known; whatever leaves this list is good news."""
    ast.parse(code.replace("‸", rest))
    place = place_at_mark(code)

    assert place is not None
    assert place.choice.progress(rest.encode()) == "off"


WORDS = 'df [ ] ( ) { } " \' """ \\ . , : = loc groupby for in lambda % ! # 0 1e f é ; := pl col merge on class'
PIECES = st.sampled_from([*WORDS.split(" "), " ", "\n", "\x00"])


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_scanner_takes_any_text(code: str) -> None:
    """Half-written code, broken code and no code at all give a place or none, never an error."""
    frame = Frame("df", "pandas", frozenset({"a"}), members=("groupby",))
    polar = Frame("pl", "polars", frozenset({"a"}))
    for ending in ("", '"', ".", '["', '("'):
        place_at_end(code + ending, World({"df": frame, "pl": polar}))


def test_place_in_a_cell_of_a_megabyte_is_not_looked_for(place_at_mark: Callable[[str], NamePlace | None]) -> None:
    """Nothing is forbidden there: reading all of it at each place would hold up everybody."""
    assert place_at_mark('x = df["‸') is not None
    assert place_at_mark("a = 1\n" * 200_000 + 'x = df["‸') is None
