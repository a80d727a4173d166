"""What a model is told of a notebook: one table. All of it is switched as a user would."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.values.notebook import Notebook
from jupyter_starcoder.values.settings import KernelContext, Settings, UnknownNames
from kernels_ctx.snapshot import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One way to ask."""

    name: str
    base: str | None  # the condition that it adds one thing to
    title: str
    cells: bool = True  # those above the cursor's
    outputs: bool = True  # of these
    kernel: KernelContext = "schema"
    constrained_names: bool = False
    unknown_names: UnknownNames = "allow"

    @property
    def detail(self) -> Detail:
        """How closely the kernel is looked at, where it is."""
        return "schema" if self.kernel == "none" else self.kernel

    def settings(self, settings: Settings) -> Settings:
        """The user's settings with those of this condition."""
        return replace(
            settings,
            kernel_context=self.kernel,
            constrained_names=self.constrained_names,
            unknown_names=self.unknown_names,
        )

    def notebook(self, notebook: Notebook) -> Notebook:
        """The notebook as the model may know it; its last cell is the one with the cursor."""
        *above, current = notebook.cells
        if not self.cells:
            above = []
        elif not self.outputs:
            above = [replace(cell, outputs=()) for cell in above]
        return replace(notebook, cells=(*above, current))


CONDITIONS = (
    Condition(name="none", base=None, title="the cell alone", cells=False, kernel="none"),
    Condition(name="cells", base="none", title="+ cells above", outputs=False, kernel="none"),
    Condition(name="outputs", base="cells", title="+ their outputs", kernel="none"),
    Condition(name="schema", base="outputs", title="+ kernel schema"),
    Condition(name="examples", base="schema", title="+ example values", kernel="schema+examples"),
    Condition(
        name="examples-names",
        base="examples",
        title="+ example values + constrained names",
        kernel="schema+examples",
        constrained_names=True,
    ),
    Condition(name="names", base="schema", title="schema + constrained names", constrained_names=True),
    Condition(
        name="known",
        base="names",
        title="schema + constrained names + unknown names withheld",
        constrained_names=True,
        unknown_names="withhold",
    ),
    Condition(name="kernel", base="none", title="kernel schema without cells", cells=False),
)


def conditions_of(names: Sequence[str]) -> tuple[Condition, ...]:
    """The conditions of these names, in the table's order; all for none.

    Raises:
        EvaluationError: there is no such condition.
    """
    known = [condition.name for condition in CONDITIONS]
    if unknown := [name for name in names if name not in known]:
        raise EvaluationError(f"there is no condition {', '.join(unknown)}: choose of {', '.join(known)}")
    return tuple(condition for condition in CONDITIONS if not names or condition.name in names)
