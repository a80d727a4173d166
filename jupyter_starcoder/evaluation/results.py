"""Results as JSON lines: the record of how they were made, then one line a program. A killed run goes on from them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Self, TypeVar

import msgspec

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.problem import Outcome

RESULTS_FILE = "results.jsonl"
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that decides a score, to be made again from.

    `conditions` must be the same for a run to go on; `circumstances` may change between two parts of it.
    """

    conditions: dict[str, object]
    circumstances: dict[str, object]

    def differing(self, older: "Record") -> list[str]:
        """The conditions that are not those of a record that was read."""
        names = older.conditions.keys() | self.conditions.keys()
        return sorted(name for name in names if older.conditions.get(name) != _plain(self.conditions.get(name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One program."""

    problem: str
    sample: int
    group: str
    outcome: Outcome
    message: str
    seconds: float  # that the program took
    answer: str
    prompt_tokens: int = 0
    new_tokens: int = 0
    finish: str = ""  # why the model ended
    answer_s: float = 0.0  # that the model took

    @property
    def passed(self) -> bool:
        """Every check held."""
        return self.outcome == "passed"


class Lines(Generic[Line]):
    """The file of one run with its lines of one kind, open for more. Close it, or use it in a `with`."""

    kind: type[Line]

    def __init__(self, folder: Path, file: BinaryIO, record: Record, known: Sequence[Line]) -> None:
        self.folder = folder
        self.record = record
        self.known = list(known)
        self._file = file

    @classmethod
    def begin(cls, folder: Path, record: Record) -> Self:
        """A new run.

        Raises:
            EvaluationError: the folder holds one already.
        """
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / RESULTS_FILE
        try:
            file = path.open("xb")
        except FileExistsError as error:
            raise EvaluationError(f"{folder} holds results already: add --resume, or give another --output") from error
        _write(file, record)
        return cls(folder, file, record, [])

    @classmethod
    def resume(cls, folder: Path, record: Record) -> Self:
        """A run that goes on; a line that was being written when it was killed is dropped.

        Raises:
            EvaluationError: it was made under other conditions.
        """
        older, known, size_bytes = cls.read(folder)
        if differing := record.differing(older):
            raise EvaluationError(
                f"{folder} was made with another {', '.join(differing)}: give these again, or another --output"
            )
        path = folder / RESULTS_FILE
        os.truncate(path, size_bytes)
        return cls(folder, path.open("ab"), record, known)

    @classmethod
    def read(cls, folder: Path) -> tuple[Record, list[Line], int]:
        """The record and results of a folder, and the bytes of its file that are whole lines.

        Raises:
            EvaluationError: there are none.
        """
        path = folder / RESULTS_FILE
        try:
            data = path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            first, *others = whole.splitlines()
            record = msgspec.json.decode(first, type=Record)
            return record, [msgspec.json.decode(line, type=cls.kind) for line in others], len(whole)
        except (OSError, ValueError) as error:
            raise EvaluationError(f"{path} cannot be read ({error}): run it again without --resume") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._file.close()

    def add(self, result: Line) -> None:
        """Keeps a result; it is on the disk when this comes back."""
        _write(self._file, result)
        self.known.append(result)


class Results(Lines[Result]):
    """The programs of one run."""

    kind = Result


def _write(file: BinaryIO, line: object) -> None:
    file.write(msgspec.json.encode(line) + b"\n")
    file.flush()
    os.fsync(file.fileno())


def _plain(value: object) -> object:
    """The value as it comes back out of JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))


def read_results(folder: Path) -> tuple[Record, list[Result], int]:
    """As `Lines.read`, of programs."""
    return Results.read(folder)


def read_record(folder: Path) -> Record:
    """The record of a folder, whatever its lines are.

    Raises:
        EvaluationError: there is none.
    """
    path = folder / RESULTS_FILE
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.readline(), type=Record)
    except (OSError, msgspec.DecodeError) as error:
        raise EvaluationError(f"{path} cannot be read ({error}): run it again without --resume") from error
