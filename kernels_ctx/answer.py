"""What a probe answers, read into values."""

import json
from collections.abc import Iterable
from typing import Any, cast, get_args

from kernels_ctx.errors import ProbeFailed
from kernels_ctx.snapshot import Column, KernelSnapshot, Key, Kind, Members, Variable

KINDS = frozenset(get_args(Kind))


def read_answer(language: str, text: str) -> KernelSnapshot:
    """The snapshot that a probe's JSON tells.

    Raises:
        ProbeFailed: it is no snapshot.
    """
    try:
        data = json.loads(text)
        return KernelSnapshot(
            language=language,
            variables=tuple(_variable(entry) for entry in data["variables"]),
            is_cut=bool(data["is_cut"]),
            names=tuple(str(name) for name in data["names"]),
            members=tuple(_members(*entry) for entry in data["members"]),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ProbeFailed(f"the kernel's answer is no snapshot ({type(error).__name__})") from error


def _variable(entry: dict[str, Any]) -> Variable:
    kind = entry.get("kind", "value")
    columns = tuple(_column(*column) for column in entry.get("columns", ()))
    return Variable(
        name=str(entry["name"]),
        type_name=str(entry["type"]),
        kind=cast("Kind", kind) if kind in KINDS else "value",
        library=str(entry.get("library", "")),
        detail=str(entry.get("detail", "")),
        shape=tuple(int(size) for size in entry.get("shape", ())),
        columns=columns,
        column_count=int(entry.get("column_count", len(columns))),
        index=tuple(_column(*level) for level in entry.get("index", ())),
        index_type=str(entry.get("index_type", "")),
        examples=_texts(entry.get("examples", ())),
        touched=int(entry.get("touched", 0)),
    )


def _column(
    key: Any,  # noqa: ANN401 - JSON
    dtype: str,
    null_share: float | None = None,
    levels: int | None = None,
    examples: Iterable[str] | None = None,
    spelling: str | None = None,
) -> Column:
    value = _key(key)
    return Column(
        name=str(spelling) if spelling is not None else repr(value),
        dtype=str(dtype),
        key=value,
        null_share=None if null_share is None else float(null_share),
        levels=None if levels is None else int(levels),
        examples=_texts(examples or ()),
    )


def _key(found: Any) -> Key | None:  # noqa: ANN401 - JSON
    if isinstance(found, list):
        return cast("Key", tuple(_key(part) for part in found))
    if found is None or isinstance(found, str | int | float):
        return found
    raise TypeError


def _members(type_name: str, library: str, names: Iterable[str]) -> Members:
    return Members(type_name=str(type_name), library=str(library), names=_texts(names))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)
