"""The values: what one kernel holds at one moment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a frame."""

    name: str  # as Python spells it: a string in quotes, a number without
    dtype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One name of the kernel's main namespace."""

    name: str
    type_name: str  # "DataFrame", "int", "module"
    detail: str = ""  # a signature, a module's name, a dtype
    shape: tuple[int, ...] = ()
    columns: tuple[Column, ...] = ()  # of a frame, in its own order; may be cut
    column_count: int = 0  # of a frame, before cutting

    @property
    def is_frame(self) -> bool:
        """It has columns that code can name."""
        return self.column_count > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSnapshot:
    """All variables, sorted by name: the same kernel state gives an equal value."""

    language: str
    variables: tuple[Variable, ...]
    is_cut: bool = False  # the probe met its limit of time or size before the last variable
