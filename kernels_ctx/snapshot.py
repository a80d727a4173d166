"""The values: what one kernel holds at one moment."""

from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Literal

# What code can write between the brackets of a frame. A tuple is one key of several levels.
Key = str | int | float | bool | tuple["Key", ...]

Detail = Literal["schema", "schema+examples"]  # values leave the kernel with the second alone
Kind = Literal[
    "frame",  # has columns that code can name, eager or lazy
    "series",
    "array",
    "container",
    "function",
    "class",
    "module",
    "connection",
    "estimator",
    "figure",
    "scalar",
    "value",  # anything else
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a frame, or one level of its index."""

    name: str  # as code spells it: a string in quotes, a number without
    dtype: str
    key: Key | None = None  # its name as a Python value; None where no literal spells it
    null_share: float | None = None  # 0 to 1; of rows at its start, middle and end where there are many
    levels: int | None = None  # how many a categorical has
    examples: tuple[str, ...] = ()  # as code spells them: a categorical's levels, first values of others

    @property
    def is_attribute(self) -> bool:
        """Code can write it behind a dot."""
        return isinstance(self.key, str) and self.key.isidentifier() and not iskeyword(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One name of the kernel's main namespace."""

    name: str
    type_name: str  # "DataFrame", "int", "module"
    kind: Kind = "value"
    library: str = ""  # whose type it is: "pandas"; empty for Python's own and the user's
    detail: str = ""  # a signature, a module's name, a dtype
    shape: tuple[int, ...] = ()  # empty where it is not known without work, as for a lazy frame
    columns: tuple[Column, ...] = ()  # of a frame, in its own order; all of them unless they are very many
    column_count: int = 0  # of a frame, before cutting
    index: tuple[Column, ...] = ()  # of a frame: the levels of its index
    index_type: str = ""  # "RangeIndex", "MultiIndex"; empty for a frame without an index
    examples: tuple[str, ...] = ()  # of a series: its first values; of a dict: its first keys
    touched: int = 0  # number of the last executed cell that names it; 0 for none

    @property
    def is_frame(self) -> bool:
        """It has columns that code can name."""
        return self.column_count > 0

    @property
    def keys(self) -> tuple[Key, ...]:
        """The names of its columns as Python values. Not all where `has_all_columns` is false."""
        return tuple(column.key for column in self.columns if column.key is not None)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The columns that code can write behind a dot."""
        return tuple(str(column.key) for column in self.columns if column.is_attribute)

    @property
    def has_all_columns(self) -> bool:
        """Every column is in `columns`, with a key."""
        return len(self.keys) == self.column_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What stands behind a dot on every value of a type: its methods and properties."""

    type_name: str  # as in `Variable.type_name`
    library: str
    names: tuple[str, ...]  # sorted, public


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSnapshot:
    """All variables, sorted by name: the same kernel state gives an equal value."""

    language: str
    variables: tuple[Variable, ...]
    is_cut: bool = False  # the probe met its limit of time or size before the last variable
    names: tuple[str, ...] = ()  # every public name of the main namespace, sorted, also of variables that were cut
    members: tuple[Members, ...] = ()  # of the types of the frames
    age_s: float = field(default=0.0, compare=False)  # since it was taken, where a running cell forbids a new one

    def variable(self, name: str) -> Variable | None:
        """The variable of this name."""
        return next((variable for variable in self.variables if variable.name == name), None)

    def members_of(self, variable: Variable) -> tuple[str, ...]:
        """Methods and properties of the variable's type; empty where they are not known."""
        kind = (variable.type_name, variable.library)
        return next((found.names for found in self.members if (found.type_name, found.library) == kind), ())
