"""Conversations by notebook: made, read, continued, renamed and deleted."""

import sqlite3
import time
from collections.abc import Callable
from uuid import uuid4

import msgspec

from jupyter_starcoder.chats.database import Database
from jupyter_starcoder.errors import BadRequest, UnknownChat
from jupyter_starcoder.values.chat import Chat, Exchange, Reply
from jupyter_starcoder.values.conversation import Attachment

TITLE_CHARACTERS = 80
MOST_CHATS = 500  # of a list: nobody reads on
_CHAT = "id, path, title, changed_s"
_EXCHANGE = "key, question, asked_s, attachments, answer, ending, model, left_out_turns"


class ChatStore:
    """All conversations of one user. Every method may wait for the disk: call it in a thread."""

    def __init__(self, database: Database, now_s: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now_s = now_s

    @property
    def notice(self) -> str:
        """What the user should know about the history; empty where all is well."""
        return self._database.notice

    def chats(self, path: str | None = None) -> tuple[Chat, ...]:
        """Conversations about the notebook at `path`, or all; what changed last comes first."""
        where, values = _of_notebook(path)
        query = f"SELECT {_CHAT} FROM chats{where} ORDER BY changed_s DESC, rowid DESC LIMIT {MOST_CHATS}"  # noqa: S608 - no value
        return self._database.read(lambda connection: tuple(map(_chat, connection.execute(query, values))))

    def create(self, path: str) -> Chat:
        """A new conversation about the notebook at `path`, without a title."""
        chat = Chat(id=uuid4().hex, path=path, title="", changed_s=self._now_s())
        row = (chat.id, chat.path, chat.title, chat.changed_s)
        self._database.write(lambda connection: connection.execute("INSERT INTO chats VALUES (?, ?, ?, ?)", row))
        return chat

    def read(self, chat: str) -> tuple[Chat, tuple[Exchange, ...]]:
        """A conversation with all that was said.

        Raises:
            UnknownChat: it is not there (any more).
        """
        return self._database.read(lambda connection: (_found(connection, chat), _exchanges(connection, chat)))

    def rename(self, chat: str, title: str) -> Chat:
        """The conversation under another title.

        Raises:
            BadRequest: the title is blank.
            UnknownChat: it is not there.
        """
        if not (line := _line(title)):
            raise BadRequest("the title is empty: give the conversation a name")

        def change(connection: sqlite3.Connection) -> Chat:
            connection.execute("UPDATE chats SET title = ? WHERE id = ?", (line, chat))
            return _found(connection, chat)

        return self._database.write(change)

    def move(self, path: str, to: str) -> None:
        """Conversations about the notebook at `path`, or below that folder, are about the one at `to` from now on."""
        below = f"{path}/"
        query = "UPDATE chats SET path = ? || substr(path, ?) WHERE path = ? OR substr(path, 1, ?) = ?"
        values = (to, len(path) + 1, path, len(below), below)
        self._database.write(lambda connection: connection.execute(query, values))

    def delete(self, chat: str) -> None:
        """Forgets a conversation; one that is gone already is no error: another page may have been quicker.

        Raises:
            HistoryError: it is gone here, and would be back after the server's end, or may be.
        """
        if not self._forget(" WHERE id = ?", (chat,)):
            self._database.require_read()

    def clear(self, path: str | None = None) -> None:
        """Forgets all conversations, those in files that were set aside as well, or those about the notebook at `path`.

        Raises:
            HistoryError: not all of them could be.
        """
        try:
            self._forget(*_of_notebook(path))
            self._database.require_read()
        finally:
            if path is None:
                self._database.remove_damaged()

    def _forget(self, where: str, values: tuple[str, ...]) -> set[str]:
        def change(connection: sqlite3.Connection) -> set[str]:
            found = {str(row[0]) for row in connection.execute(f"SELECT id FROM chats{where}", values)}  # noqa: S608 - no value
            connection.execute(f"DELETE FROM chats{where}", values)  # noqa: S608 - no value
            return found

        forgotten = self._database.write(change)
        self._database.require_gone(forgotten)
        return forgotten

    def ask(self, chat: str, key: str, question: str, attachments: tuple[Attachment, ...]) -> tuple[Exchange, ...]:
        """Writes a question down, and gives the conversation up to it.

        The last question asked again under its key takes its own place. The answer that it had stands until another
        has come.

        Raises:
            BadRequest: the question is blank, or the key is that of an older one.
            UnknownChat: the conversation is not there.
        """
        if not question.strip():
            raise BadRequest("the question is empty: type one")
        told = msgspec.json.encode(attachments).decode()

        def change(connection: sqlite3.Connection) -> tuple[Exchange, ...]:
            found, asked_s = _found(connection, chat), self._now_s()
            _make_room(connection, chat, key, question)
            connection.execute(
                "INSERT INTO exchanges (chat, key, question, asked_s, attachments) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (chat, key) DO UPDATE SET asked_s = excluded.asked_s, attachments = excluded.attachments",
                (chat, key, question, asked_s, told),
            )
            title = found.title or _line(question)
            connection.execute("UPDATE chats SET title = ?, changed_s = ? WHERE id = ?", (title, asked_s, chat))
            return _exchanges(connection, chat)

        return self._database.write(change)

    def answer(self, chat: str, asked: Exchange, reply: Reply) -> None:
        """Writes down what was answered to a question; nothing where that is gone, or was asked again since.

        An answer without a word takes the place of none that has one.
        """
        has_word = bool(reply.text.strip())
        values = (reply.text, reply.ending, reply.model, reply.left_out_turns, chat, asked.key, asked.asked_s, has_word)
        query = (
            "UPDATE exchanges SET answer = ?, ending = ?, model = ?, left_out_turns = ? "
            "WHERE chat = ? AND key = ? AND asked_s = ? AND (? OR coalesce(answer, '') = '')"
        )
        self._database.write(lambda connection: connection.execute(query, values))

    def close(self) -> None:
        """Lets go what was only in memory."""
        self._database.close()


def _of_notebook(path: str | None) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if path is None else (" WHERE path = ?", (path,))


def _found(connection: sqlite3.Connection, chat: str) -> Chat:
    row = connection.execute(f"SELECT {_CHAT} FROM chats WHERE id = ?", (chat,)).fetchone()  # noqa: S608 - no value
    if row is None:
        raise UnknownChat("this conversation is not there any more: begin a new one")
    return _chat(row)


def _exchanges(connection: sqlite3.Connection, chat: str) -> tuple[Exchange, ...]:
    query = f"SELECT {_EXCHANGE} FROM exchanges WHERE chat = ? ORDER BY number"  # noqa: S608 - no value
    return tuple(map(_exchange, connection.execute(query, (chat,))))


def _make_room(connection: sqlite3.Connection, chat: str, key: str, question: str) -> None:
    """Takes the last question away, with its answer, where it is the one that is asked again in other words."""
    keys = [row[0] for row in connection.execute("SELECT key FROM exchanges WHERE chat = ? ORDER BY number", (chat,))]
    if key in keys[:-1]:
        raise BadRequest("something else was asked in this conversation since: ask below it")
    connection.execute("DELETE FROM exchanges WHERE chat = ? AND key = ? AND question <> ?", (chat, key, question))


def _chat(row: tuple[str, str, str, float]) -> Chat:
    chat, path, title, changed_s = row
    return Chat(id=chat, path=path, title=title, changed_s=changed_s)


def _exchange(row: tuple[object, ...]) -> Exchange:
    key, question, asked_s, attachments, answer, ending, model, left_out_turns = row
    kept = {
        "key": key,
        "question": question,
        "asked_s": asked_s,
        "attachments": msgspec.json.decode(str(attachments)),
        "reply": None
        if ending is None
        else {"text": answer, "ending": ending, "model": model, "left_out_turns": left_out_turns},
    }
    return msgspec.convert(kept, Exchange)


def _line(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"
