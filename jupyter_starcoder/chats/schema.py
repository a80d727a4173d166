"""The tables, and how a file of an older version becomes one of this."""

import sqlite3

from jupyter_starcoder.errors import HistoryError

# What leads from each version to the next; a new file takes the whole road. Once released, a step never changes.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE chats (id TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL, changed_s REAL NOT NULL)",
        """CREATE TABLE exchanges (
            number INTEGER PRIMARY KEY,
            chat TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
            key TEXT NOT NULL,
            question TEXT NOT NULL,
            asked_s REAL NOT NULL,
            answer TEXT,
            ending TEXT,
            UNIQUE (chat, key)
        )""",
    ),
    (
        "ALTER TABLE exchanges ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE exchanges ADD COLUMN model TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE exchanges ADD COLUMN left_out_turns INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX chats_of_notebook ON chats (path, changed_s)",
    ),
)
VERSION = len(STEPS)


class NewerHistory(HistoryError):
    """A newer version of this package wrote the file."""


class ForeignFile(HistoryError):
    """The file is a database of something else."""


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Makes the tables, or mends those of an older version; all or nothing.

    Raises:
        NewerHistory: the file is of a version that is not known here.
        ForeignFile: it holds tables, and is not ours.
        sqlite3.Error: it cannot be read or written.
    """
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another server may have been quicker
        _refuse_what_is_not_ours(connection, version)
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _refuse_what_is_not_ours(connection: sqlite3.Connection, version: int) -> None:
    if version > VERSION:
        raise NewerHistory(
            f"it was written by a newer version of jupyter-starcoder (its format is {version}, and {VERSION} is "
            "the newest known here): update jupyter-starcoder"
        )
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise ForeignFile("it is a database of another program: set StarcoderConfig.chats_file to another file")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
