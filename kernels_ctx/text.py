"""The text form of a snapshot: sorted and stable, so that the same kernel state gives the same bytes."""

from kernels_ctx.snapshot import KernelSnapshot, Variable

WORTH_A_LINE = frozenset({"Series", "ndarray", "function", "class", "dict", "list"})
MOST_VARIABLES = 40


def render(snapshot: KernelSnapshot) -> str:
    """One line a variable, frames first. Modules and scalars are left out: the cells show them well enough."""
    frames = [variable for variable in snapshot.variables if variable.is_frame]
    others = [variable for variable in snapshot.variables if variable.type_name in WORTH_A_LINE]
    return "\n".join(line(variable) for variable in [*frames, *others][:MOST_VARIABLES])


def line(variable: Variable) -> str:
    """`df: DataFrame 120 × 2, columns 'region' (object), 'revenue' (float64)`."""
    size = " " + " × ".join(str(size) for size in variable.shape) if variable.shape else ""
    text = f"{variable.name}: {variable.type_name}{size}"
    if variable.detail:
        text += f" {variable.detail}"
    if not variable.is_frame:
        return text
    columns = ", ".join(f"{column.name} ({column.dtype})" for column in variable.columns)
    hidden = variable.column_count - len(variable.columns)
    return f"{text}, columns {columns}" + (f" and {hidden} more" if hidden else "")
