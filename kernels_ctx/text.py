"""The text forms of a snapshot: sorted and stable, so that the same kernel state gives the same bytes."""

from collections import Counter
from collections.abc import Sequence

from kernels_ctx.ranking import Near
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

# Scalars and modules are left out: the cells show them well enough. Other values have nothing to tell but a type.
WORTH_A_LINE = frozenset(
    {"frame", "series", "array", "container", "function", "class", "connection", "estimator", "figure"}
)
MOST_VARIABLES = 40
MOST_COLUMNS = 30
CLASSES = {("pandas", "DataFrame"): "pandas.core.frame.DataFrame"}  # as `info` spelled it when models were trained


def render(snapshot: KernelSnapshot, ranked_by: Sequence[str] = (), *, most_variables: int = MOST_VARIABLES) -> str:
    """One line a variable, frames first.

    Args:
        snapshot: what the kernel holds.
        ranked_by: texts around the cursor, nearest first: what they name is kept where not all can be shown. The
            order of the lines does not depend on it.
        most_variables: the most lines.
    """
    near = Near.of(ranked_by)
    worth = [variable for variable in snapshot.variables if variable.is_frame or variable.kind in WORTH_A_LINE]
    shown = near.variables([*filter(_is_frame, worth), *(v for v in worth if not v.is_frame)], most_variables)
    return "\n".join(line(variable, near) for variable in shown)


def line(variable: Variable, near: Near | None = None, most_columns: int = MOST_COLUMNS) -> str:
    """`df: DataFrame 120 × 2, columns 'region' (object), 'revenue' (float64)`."""
    size = " " + " × ".join(str(size) for size in variable.shape) if variable.shape else ""
    text = f"{variable.name}: {variable.type_name}{size}"
    if variable.detail:
        text += f" {variable.detail}"
    if variable.examples:
        text += " e.g. " + ", ".join(variable.examples)
    if not variable.is_frame:
        return text
    if variable.index and variable.index_type != "RangeIndex":
        text += ", index " + ", ".join(_column(level) for level in variable.index)
    columns = (near or Near({})).columns(variable, most_columns)
    hidden = variable.column_count - len(columns)
    return f"{text}, columns {', '.join(map(_column, columns))}" + (f" and {hidden} more" if hidden else "")


def info_text(variable: Variable, ranked_by: Sequence[str] = (), *, most_columns: int = MOST_COLUMNS) -> str:
    """What `DataFrame.info()` prints, for a frame of any library; counts of a sampled column are estimates."""
    columns = Near.of(ranked_by).columns(variable, most_columns)
    head = [f"<class '{CLASSES.get((variable.library, variable.type_name), _class(variable))}'>", *_index(variable)]
    hidden = variable.column_count - len(columns)
    total = f"Data columns (total {variable.column_count} columns):"
    rows = [(" #", "Column", "Non-Null Count", "Dtype"), ("---", "------", "--------------", "-----")]
    places = {id(column): place for place, column in enumerate(variable.columns)}
    rows += [(f" {places[id(column)]}", _plain(column), _count(variable, column), column.dtype) for column in columns]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    table = [
        f"{number:<{widths[0]}}  {name:<{widths[1]}}  {count:<{widths[2]}}  {dtype}"
        for number, name, count, dtype in rows
    ]
    counts = Counter(column.dtype for column in variable.columns)
    dtypes = "dtypes: " + ", ".join(f"{dtype}({count})" for dtype, count in sorted(counts.items()))
    return "\n".join([*head, total, *table, *([f" ... and {hidden} more columns"] if hidden else []), dtypes])


def _is_frame(variable: Variable) -> bool:
    return variable.is_frame


def _class(variable: Variable) -> str:
    return f"{variable.library}.{variable.type_name}" if variable.library else variable.type_name


def _index(variable: Variable) -> list[str]:
    """The line about the rows; nothing where their number is not known."""
    if not variable.shape:
        return []
    count = variable.shape[0]
    span = f", 0 to {count - 1}" if variable.index_type == "RangeIndex" and count else ""
    return [f"{variable.index_type or 'Rows'}: {count} entries{span}"]


def _count(variable: Variable, column: Column) -> str:
    if column.null_share is None or not variable.shape:
        return ""
    return f"{round(variable.shape[0] * (1 - column.null_share))} non-null"


def _plain(column: Column) -> str:
    return column.key if isinstance(column.key, str) else column.name


def _column(column: Column) -> str:
    """`'region' (category, 4 levels, 12 % null, e.g. 'north', 'south')`."""
    facts = [column.dtype]
    if column.levels is not None:
        facts.append(f"{column.levels} levels")
    if column.null_share:
        facts.append(f"{max(1, round(100 * column.null_share))} % null")
    if column.examples:
        facts.append("e.g. " + ", ".join(column.examples))
    return f"{column.name} ({', '.join(facts)})"
