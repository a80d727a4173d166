"""The file of the conversations, and memory in its place where it cannot be used.

Each operation opens the file anew: several servers of one user work with it at once, and each sees what another made
of it. A file that is damaged is set aside under another name. Where a file cannot be read or written at all (a full
disk, no rights, a newer version), what could be read of it is copied to memory, and the server goes on there until it
ends; `notice` tells the user.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from glob import escape
from pathlib import Path
from threading import Lock
from typing import TypeVar

from jupyter_starcoder.chats.schema import ForeignFile, NewerHistory, bring_up_to_date
from jupyter_starcoder.errors import HistoryError

Result = TypeVar("Result")
Operation = Callable[[sqlite3.Connection], Result]
Opener = Callable[[str], sqlite3.Connection]

BUSY_S = 5.0  # another server's transactions take milliseconds
MEMORY = ":memory:"
DAMAGED = ".damaged-"  # behind the file's name, before the time
SIDE_FILES = ("", "-wal", "-shm")
SET_ASIDE = "The conversations in {file} could not be read, since the file is damaged. It is kept as {aside}."
FORGOTTEN = "Conversations are forgotten when this server ends, as it is set to (keep_chats)."
NOT_KEPT = "Conversations are not kept beyond this server's end. {file} cannot be used: {reason}."

_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def default_file() -> Path:
    """Where conversations are kept unless a user says otherwise: beside the models."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "starcoder" / "chats.sqlite"


def opened(address: str) -> sqlite3.Connection:
    """A connection whose transactions are begun by hand, and which any thread may use, one at a time."""
    return sqlite3.connect(address, timeout=BUSY_S, isolation_level=None, check_same_thread=False, uri=True)


class Database:
    """Runs operations in transactions, on the file or in memory."""

    def __init__(self, path: Path | None, opener: Opener = opened) -> None:
        """Args: path: of the file; None keeps everything in memory, as a user may want it."""
        self._path = path
        self._opener = opener
        self._lock = Lock()
        self._memory: sqlite3.Connection | None = None
        self._is_checked = False
        self._left: frozenset[str] = frozenset()  # conversations of a file that cannot be changed
        self._is_unread = False  # there is a file of ours, and nobody knows what is in it
        self.notice = "" if path else FORGOTTEN  # what a user should know about the history; empty where all is well

    def read(self, operation: Operation[Result]) -> Result:
        """What an operation that changes nothing finds. Raises as `write` does."""
        return self._run(operation, "BEGIN")

    def write(self, operation: Operation[Result]) -> Result:
        """What an operation that may change something gives.

        Raises:
            HistoryError: another server holds the file, or the operation itself is refused.
        """
        return self._run(operation, "BEGIN IMMEDIATE")

    def require_gone(self, chats: set[str]) -> None:
        """Does nothing where conversations that were deleted are in no file any more.

        Raises:
            HistoryError: they are, as the file cannot be changed.
        """
        if chats & self._left:
            raise HistoryError(f"{self._path} still has what was deleted, and brings it back. {self.notice}")

    def require_read(self) -> None:
        """Does nothing where it is known which conversations are in the file.

        Raises:
            HistoryError: it is not, and nothing in it can be deleted.
        """
        if self._is_unread:
            raise HistoryError(f"{self._path} could not be read, and keeps the conversations in it. {self.notice}")

    def remove_damaged(self) -> None:
        """Deletes every file that was set aside.

        Raises:
            HistoryError: one cannot be deleted.
        """
        if self._path is None:
            return
        with self._lock:
            for aside in self._path.parent.glob(f"{escape(self._path.name)}{DAMAGED}*"):
                try:
                    aside.unlink(missing_ok=True)  # another server may be quicker
                except OSError as error:
                    raise HistoryError(
                        f"{aside} could not be deleted ({error.strerror}): delete it yourself"
                    ) from error
            if self._memory is None:
                self.notice = ""

    def close(self) -> None:
        """Lets go what was in memory."""
        with self._lock:
            if self._memory is not None:
                self._memory.close()
                self._memory = None

    def _run(self, operation: Operation[Result], begin: str) -> Result:
        with self._lock:
            if self._memory is None and self._path is not None:
                try:
                    return self._on_file(self._path, operation, begin)
                except (sqlite3.Error, OSError, NewerHistory, ForeignFile) as error:
                    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
                        raise HistoryError(
                            f"another server has been writing to {self._path} for {BUSY_S:g} s: try again"
                        ) from error
                    copy = self._copy(self._path)
                    self._is_unread = copy is None and not isinstance(error, ForeignFile) and _is_there(self._path)
                    self._memory = copy or _in_memory()
                    self._left = frozenset(row[0] for row in self._memory.execute("SELECT id FROM chats"))
                    self.notice = NOT_KEPT.format(file=self._path, reason=str(error).rstrip("."))
            if self._memory is None:
                self._memory = _in_memory()
            return _within(self._memory, operation, begin)

    def _on_file(self, path: Path, operation: Operation[Result], begin: str) -> Result:
        _make(path)
        before = path.stat().st_ino
        try:
            return self._once(path, operation, begin)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                raise
        if path.exists() and path.stat().st_ino == before:  # else another server has set it aside
            self.notice = SET_ASIDE.format(file=path, aside=_set_aside(path).name)
        _make(path)
        return self._once(path, operation, begin)

    def _once(self, path: Path, operation: Operation[Result], begin: str) -> Result:
        with closing(self._opener(_address(path))) as connection:
            bring_up_to_date(connection)
            if not self._is_checked:
                _check(connection)
                self._is_checked = True
            connection.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
            connection.execute("PRAGMA synchronous = NORMAL")
            return _within(connection, operation, begin)

    def _copy(self, path: Path) -> sqlite3.Connection | None:
        """What can be read of the file, in memory; None where that is nothing."""
        for query in ("?mode=ro", "?immutable=1"):  # the second where no side file can be made
            copy = opened(MEMORY)
            try:
                with closing(opened(_address(path, query))) as source:
                    source.backup(copy)
                bring_up_to_date(copy)
            except (sqlite3.Error, HistoryError):
                copy.close()
            else:
                return copy
        return None


def _in_memory() -> sqlite3.Connection:
    connection = opened(MEMORY)
    bring_up_to_date(connection)
    return connection


def _within(connection: sqlite3.Connection, operation: Operation[Result], begin: str) -> Result:
    """The operation's result, all or nothing."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what a person deletes is not left lying in the file
    connection.execute(begin)
    try:
        result = operation(connection)
    except BaseException:
        _roll_back(connection)
        raise
    try:
        connection.execute("COMMIT")
    except sqlite3.Error:
        _roll_back(connection)
        raise
    return result


def _roll_back(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):  # a full disk has already rolled back
        connection.execute("ROLLBACK")


def _make(path: Path) -> None:
    """An empty file that only its owner can read; SQLite gives its side files the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))


def _is_there(path: Path) -> bool:
    """Whether there may be a file: also where nobody may look."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _check(connection: sqlite3.Connection) -> None:
    """Raises: sqlite3.DatabaseError: pages of the file are not what they should be."""
    if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        damaged = sqlite3.DatabaseError(str(found))
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged


def _set_aside(path: Path) -> Path:
    """Moves the damaged file, with what stands beside it, out of the way."""
    aside = path.with_name(f"{path.name}{DAMAGED}{time.strftime('%Y%m%d-%H%M%S')}")
    for side in SIDE_FILES:
        with suppress(FileNotFoundError):  # another server was quicker, or there is none
            path.with_name(path.name + side).rename(aside.with_name(aside.name + side))
    return aside


def _address(path: Path, query: str = "") -> str:
    return path.absolute().as_uri() + query
