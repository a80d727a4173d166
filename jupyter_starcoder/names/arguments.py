"""Which arguments of which calls are keys of a live frame: `.groupby("`, `on=`, `pl.col("`."""

from jupyter_starcoder.names.chains import chain_start, flat, frame_at
from jupyter_starcoder.names.changes import World
from jupyter_starcoder.names.frames import Frame
from jupyter_starcoder.names.lexer import Tokens

# By their place from 0, and by their names. `by` and its kin also take names of index levels.
_EVERY = range(100)
_NONE = range(0)
_PANDAS_CALLS: dict[str, tuple[range, frozenset[str]]] = {
    "groupby": (range(1), frozenset({"by"})),
    "sort_values": (range(1), frozenset({"by"})),
    "drop": (_NONE, frozenset({"columns"})),
    "dropna": (_NONE, frozenset({"subset"})),
    "drop_duplicates": (range(1), frozenset({"subset"})),
    "duplicated": (range(1), frozenset({"subset"})),
    "value_counts": (range(1), frozenset({"subset"})),
    "set_index": (range(1), frozenset({"keys"})),
    "nlargest": (range(1, 2), frozenset({"columns"})),
    "nsmallest": (range(1, 2), frozenset({"columns"})),
    "explode": (range(1), frozenset({"column"})),
    "pivot": (_NONE, frozenset({"index", "columns", "values"})),
    "pivot_table": (_NONE, frozenset({"index", "columns", "values"})),
    "melt": (_NONE, frozenset({"id_vars", "value_vars"})),
    "merge": (_NONE, frozenset({"on", "left_on"})),
    "join": (_NONE, frozenset({"on"})),
    "rolling": (_NONE, frozenset({"on"})),
    "resample": (_NONE, frozenset({"on"})),
    "plot": (_NONE, frozenset({"x", "y"})),
    "hist": (_NONE, frozenset({"column", "by"})),
    "boxplot": (_NONE, frozenset({"column", "by"})),
}
_PLOTS = frozenset(["line", "bar", "barh", "scatter", "area", "hexbin", "pie"])
_POLARS_CALLS: dict[str, tuple[range, frozenset[str]]] = {
    "group_by": (_EVERY, frozenset({"by"})),
    "sort": (_EVERY, frozenset({"by"})),
    "select": (_EVERY, frozenset()),
    "drop": (_EVERY, frozenset()),
    "unique": (range(1), frozenset({"subset"})),
    "drop_nulls": (range(1), frozenset({"subset"})),
    "explode": (_EVERY, frozenset()),
    "join": (_NONE, frozenset({"on", "left_on"})),
    "get_column": (range(1), frozenset({"name"})),
    "partition_by": (_EVERY, frozenset({"by"})),
}
_POLARS = frozenset({"pl", "polars"})
_PANDAS = frozenset({"pd", "pandas"})
_SEABORN = frozenset({"sns", "seaborn"})
_MODULES = _POLARS | _PANDAS | _SEABORN
_SEABORN_KEYS = frozenset({"x", "y", "hue", "style", "size", "row", "col"})
_PATTERNS = ("*", "^")  # what polars takes in place of a name: all columns, and a regular expression

Found = tuple[Frame, tuple[str, ...]]  # the frame, and what may stand there besides its keys


def argument(tokens: Tokens, opener: int, at: int, world: World) -> Found | None:
    """The frame one of whose keys an argument must be; None where it may be anything.

    Args:
        tokens: the code up to the cursor.
        opener: the place of the bracket that the argument stands in.
        at: the place where its value begins.
        world: the live frames.
    """
    commas = [place for place in flat(tokens, opener + 1, at) if tokens.text(place) == ","]
    keyword = tokens.text(at - 2) if tokens.text(at - 1) == "=" and tokens.kind(at - 2) == "name" else ""
    begins = at - 2 if keyword else at
    chain = chain_start(tokens, opener - 2) if tokens.text(opener - 2) == "." else None
    is_call = tokens.text(opener) == "(" and tokens.kind(opener - 1) == "name"
    if not is_call or chain is None or begins - 1 != (commas[-1] if commas else opener):
        return None
    if chain == opener - 3 and tokens.text(chain) in _MODULES:
        return _of_function(tokens, opener, at, keyword, world)
    return _of_method(tokens, chain, opener, at, keyword or len(commas), world)


def _of_function(tokens: Tokens, opener: int, at: int, keyword: str, world: World) -> Found | None:
    """`pl.col("`, `pd.merge(left, right, on="`, `sns.lineplot(data=df, x="`."""
    module, name = tokens.text(opener - 3), tokens.text(opener - 1)
    if module in _POLARS and name == "col" and not keyword:
        return _polars_column(tokens, opener, world)
    if module in _PANDAS and name == "merge":
        return _merged(tokens, opener, at, ("on", "left_on"), keyword, world)
    if module in _SEABORN and keyword in _SEABORN_KEYS:
        return _with_index(_handed(tokens, opener, at, world))
    return None


def _of_method(tokens: Tokens, chain: int, opener: int, at: int, which: str | int, world: World) -> Found | None:
    """`df.groupby("`, `df.plot.scatter(x="`; `which` is the argument's name, or its place."""
    method, end = tokens.text(opener - 1), opener - 2
    if method in _PLOTS and tokens.text(opener - 3) == "plot" and tokens.text(opener - 4) == ".":
        method, end = "plot", opener - 4
    frame = frame_at(tokens, chain, end, world.frame)
    if frame is None or frame.form != "frame":
        return None
    if method == "merge" and which == "right_on":
        return _merged(tokens, opener, at, ("right_on",), "right_on", world)
    calls = _PANDAS_CALLS if frame.family == "pandas" else _POLARS_CALLS
    places, keywords = calls.get(method, (_NONE, frozenset()))
    if which not in keywords and which not in places:
        return None
    return frame.with_keys(frame.keys | frame.index), _PATTERNS if frame.family == "polars" else ()


def _polars_column(tokens: Tokens, opener: int, world: World) -> Found | None:
    """`pl.col("`: a column of the frame whose method is being called around it."""
    for around in reversed([place for place in tokens.open if place < opener]):
        if tokens.text(around) != "(" or tokens.text(around - 2) != ".":
            continue
        chain = chain_start(tokens, around - 2)
        if chain is None:
            return None
        if tokens.text(chain) in _POLARS:
            continue  # `pl.when(pl.col("`
        frame = frame_at(tokens, chain, around - 2, world.frame)
        if frame is None or frame.family != "polars":
            return None
        return frame, _PATTERNS
    return None


def _merged(
    tokens: Tokens, opener: int, at: int, of_first: tuple[str, ...], keyword: str, world: World
) -> Found | None:
    """The keys that a merge joins on, of the first frame that it is handed or of the second."""
    side = 0 if keyword in of_first else 1 if keyword == "right_on" else None
    places = [opener + 1, *(place + 1 for place in flat(tokens, opener + 1, at) if tokens.text(place) == ",")]
    if side is None or side >= len(places) or tokens.text(places[side] + 1) != ",":
        return None
    return _with_index(world.frame(tokens.text(places[side])))


def _handed(tokens: Tokens, opener: int, at: int, world: World) -> Frame | None:
    """The frame that a call is handed before the cursor as `data`, or first."""
    for place in flat(tokens, opener + 1, at):
        if tokens.text(place) == "data" and tokens.text(place + 1) == "=" and tokens.text(place + 3) == ",":
            return world.frame(tokens.text(place + 2))
    return world.frame(tokens.text(opener + 1)) if tokens.text(opener + 2) == "," else None


def _with_index(frame: Frame | None) -> Found | None:
    """What takes the names of index levels as well."""
    return (frame.with_keys(frame.keys | frame.index), ()) if frame else None
