"""Conversations in their file: kept, changed and deleted, and what becomes of a file that is not as it should be."""

import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import get_args

import pytest

from jupyter_starcoder.chats.database import Database, opened
from jupyter_starcoder.chats.schema import STEPS, VERSION
from jupyter_starcoder.chats.store import ChatStore
from jupyter_starcoder.errors import BadRequest, HistoryError, UnknownChat
from jupyter_starcoder.values.chat import MOST_ATTACHED, Ending, Exchange, Reply, conversation_of
from jupyter_starcoder.values.conversation import Attachment, Turn

FRAME = Attachment(kind="frame", label="trips", text="")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the conversations are kept."""
    return tmp_path / "data" / "chats.sqlite"


@pytest.fixture
def store(file: Path) -> ChatStore:
    """A store on an empty place."""
    return ChatStore(Database(file))


def titles(store: ChatStore, path: str | None = None) -> list[str]:
    """Titles of conversations in the order of the list."""
    return [chat.title for chat in store.chats(path)]


def told(store: ChatStore, path: str, question: str) -> str:
    """A conversation with one question."""
    chat = store.create(path).id
    store.ask(chat, "key", question, ())
    return chat


def last(store: ChatStore, chat: str) -> Exchange:
    """The last question of a conversation."""
    return store.read(chat)[1][-1]


def test_answer_is_there_for_the_next_server(store: ChatStore, file: Path) -> None:
    """A question with what lay beside it and its answer outlive the server."""
    chat = store.create("a.ipynb").id
    store.ask(chat, "k", "what is in\n trips?", (FRAME,))
    store.answer(chat, last(store, chat), Reply(text="Trips.", ending="cut", model="fake", left_out_turns=2))

    found, (exchange,) = ChatStore(Database(file)).read(chat)

    assert (found.path, found.title) == ("a.ipynb", "what is in trips?")
    assert (exchange.question, exchange.attachments) == ("what is in\n trips?", (FRAME,))
    assert exchange.reply == Reply(text="Trips.", ending="cut", model="fake", left_out_turns=2)


def test_file_is_for_its_owner_alone(store: ChatStore, file: Path) -> None:
    """Nobody else on the machine can read what was said."""
    store.create("")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_chats_of_a_notebook_are_listed_newest_first(store: ChatStore) -> None:
    """A notebook has its own conversations; the list of all has those of every notebook."""
    first = told(store, "a.ipynb", "one")
    told(store, "b.ipynb", "two")
    told(store, "a.ipynb", "three")
    store.ask(first, "later", "more", ())

    assert titles(store, "a.ipynb") == ["one", "three"]
    assert titles(store) == ["one", "three", "two"]


def test_question_asked_again_takes_its_own_place(store: ChatStore) -> None:
    """Under its key the last question is there once, and the conversation that is read for it goes up to it."""
    chat = told(store, "", "one")
    store.answer(chat, last(store, chat), Reply(text="1", ending="done"))
    store.ask(chat, "k2", "two", ())
    store.answer(chat, last(store, chat), Reply(text="2", ending="done"))

    exchanges = store.ask(chat, "k2", "two", ())

    assert conversation_of(exchanges).turns == (Turn("person", "one"), Turn("assistant", "1"), Turn("person", "two"))


@pytest.mark.parametrize("ending", get_args(Ending))
def test_answer_stands_until_another_has_come(store: ChatStore, ending: Ending) -> None:
    """However one without a word ended, it takes no answer's place; one with a word does."""
    chat = told(store, "", "one")
    first, second = Reply(text="1", ending="cut", model="m"), Reply(text="2", ending=ending)
    for reply, standing in ((first, first), (Reply(text="\n", ending=ending), first), (second, second)):
        store.answer(chat, store.ask(chat, "key", "one", ())[-1], reply)
        assert last(store, chat).reply == standing


def test_answer_to_another_question_does_not_stand(store: ChatStore) -> None:
    """What is asked under the same key in other words has nothing of the answer to the first ones."""
    chat = told(store, "", "one")
    store.answer(chat, last(store, chat), Reply(text="1", ending="done"))
    store.ask(chat, "key", "two", ())

    assert (last(store, chat).question, last(store, chat).reply) == ("two", None)


def test_answer_to_a_question_that_was_asked_again_is_not_kept(store: ChatStore) -> None:
    """An answer that was stopped may end later than the next one begins, or even ends."""
    chat = told(store, "", "one")
    before = last(store, chat)
    store.ask(chat, "key", "one", ())
    store.answer(chat, last(store, chat), Reply(text="the new one", ending="done"))

    store.answer(chat, before, Reply(text="half", ending="stopped"))

    assert last(store, chat).reply == Reply(text="the new one", ending="done")


def test_what_lay_beside_an_older_question_lies_there_still(store: ChatStore) -> None:
    """Each thing once, as it was last and where it stood; of very many the newest."""
    cell, new = (Attachment(kind="cell", label="cell 1", text=text) for text in ("x = 1", "x = 2"))
    chat = store.create("").id
    store.ask(chat, "k1", "what is this?", (cell, FRAME))
    store.answer(chat, last(store, chat), Reply(text="A cell.", ending="done"))

    assert conversation_of(store.ask(chat, "k2", "and then?", ())).attachments == (cell, FRAME)
    assert conversation_of(store.ask(chat, "k2", "and then?", (new,))).attachments == (new, FRAME)
    many = tuple(Attachment(kind="cell", label=f"cell {n}", text="y") for n in range(2, 12))
    assert conversation_of(store.ask(chat, "k2", "and then?", many)).attachments == many[-MOST_ATTACHED:]


def test_older_question_cannot_be_asked_again(store: ChatStore) -> None:
    """What was said after it would hang in the air."""
    chat = told(store, "", "one")
    store.ask(chat, "k2", "two", ())

    with pytest.raises(BadRequest, match="something else was asked"):
        store.ask(chat, "key", "one", ())


def test_question_without_answer_is_passed_over(store: ChatStore) -> None:
    """A conversation whose answer never came goes on without that question."""
    chat = told(store, "", "one")

    assert conversation_of(store.ask(chat, "k2", "two", ())).turns == (Turn("person", "two"),)


def test_chats_go_along_with_a_renamed_notebook(store: ChatStore) -> None:
    """Those about the old name are listed under the new one, beside what was said there; others stay."""
    told(store, "old.ipynb", "one")
    told(store, "new.ipynb", "two")
    told(store, "other.ipynb", "three")
    store.move("old.ipynb", "new.ipynb")

    assert {chat.title for chat in store.chats("new.ipynb")} == {"one", "two"}
    assert store.chats("old.ipynb") == ()
    assert [chat.title for chat in store.chats("other.ipynb")] == ["three"]


def test_moved_folder_takes_along_what_is_below_it(store: ChatStore) -> None:
    """Every conversation in it goes, however deep; a name that only begins alike stays; no character is a pattern."""
    for path in ("a_b%/x.ipynb", "a_b%/c/y.ipynb", "a_b%c/z.ipynb", "aXb%/v.ipynb", "d/a_b%/w.ipynb"):
        told(store, path, path)
    store.move("a_b%", "näw/er")

    assert {chat.title: chat.path for chat in store.chats()} == {
        "a_b%/x.ipynb": "näw/er/x.ipynb",
        "a_b%/c/y.ipynb": "näw/er/c/y.ipynb",
        "a_b%c/z.ipynb": "a_b%c/z.ipynb",
        "aXb%/v.ipynb": "aXb%/v.ipynb",
        "d/a_b%/w.ipynb": "d/a_b%/w.ipynb",
    }


def test_renamed_chat_keeps_its_title(store: ChatStore) -> None:
    """A title that a person gave is not taken away by a question."""
    chat = store.create("").id
    store.rename(chat, "  Trips \n and more ")
    store.ask(chat, "k", "why?", ())

    assert titles(store) == ["Trips and more"]


def test_deleted_chat_is_gone_with_its_words(store: ChatStore, file: Path) -> None:
    """Nothing of it is left in the file, and an answer that comes too late brings nothing back."""
    chat = told(store, "", "how secret is elderberry")
    asked = last(store, chat)
    store.delete(chat)
    store.answer(chat, asked, Reply(text="very", ending="done"))

    with pytest.raises(UnknownChat):
        store.read(chat)
    assert not any(b"elderberry" in each.read_bytes() for each in file.parent.iterdir())


def test_clear_of_a_notebook_leaves_the_others(store: ChatStore) -> None:
    """One notebook's conversations can be forgotten alone, and then all."""
    told(store, "a.ipynb", "one")
    told(store, "b.ipynb", "two")

    store.clear("a.ipynb")
    assert titles(store) == ["two"]
    store.clear()
    assert titles(store) == []


def test_several_servers_write_at_once(file: Path) -> None:
    """Nothing is lost where servers and threads of one user share the file, which none of them has made yet."""
    stores = [ChatStore(Database(file)) for _ in range(4)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: told(stores[n % 4], "", f"question {n}"), range(40)))

    assert sorted(titles(stores[0])) == sorted(f"question {n}" for n in range(40))
    assert [store.notice for store in stores] == [""] * 4


def test_busy_file_is_said_to_be_busy(file: Path) -> None:
    """A server that holds the file too long does not send others to memory."""
    store = ChatStore(Database(file, lambda address: _impatient(opened(address))))
    told(store, "", "one")
    with closing(opened(file.as_uri())) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(HistoryError, match="try again"):
            store.create("")
    assert titles(store) == ["one"]
    assert store.notice == ""


def test_file_of_version_1_is_brought_up_to_date(file: Path) -> None:
    """Conversations of the first format are read, and go on with what this one adds."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as old, old:
        for statement in STEPS[0]:
            old.execute(statement)
        old.execute("INSERT INTO chats VALUES ('c', 'a.ipynb', 'Old', 1.0)")
        old.execute("INSERT INTO exchanges VALUES (1, 'c', 'k', 'why?', 1.0, 'Because.', 'done')")
        old.execute("PRAGMA user_version = 1")

    store = ChatStore(Database(file))
    store.ask("c", "k2", "and trips?", (FRAME,))

    _, (first, second) = store.read("c")
    assert first.reply == Reply(text="Because.", ending="done", model="", left_out_turns=0)
    assert second.attachments == (FRAME,)
    with closing(sqlite3.connect(file)) as now:
        assert now.execute("PRAGMA user_version").fetchone() == (VERSION,)


@pytest.mark.parametrize("offset", [0, 4096])
def test_damaged_file_is_set_aside(store: ChatStore, file: Path, offset: int) -> None:
    """Its bytes are kept under another name, the user is told which, and a new history begins."""
    told(store, "", "one")
    damaged = bytearray(file.read_bytes())
    damaged[offset : offset + 2000] = b"\xff" * 2000
    file.write_bytes(damaged)

    again = ChatStore(Database(file))
    told(again, "", "two")

    (aside,) = file.parent.glob("chats.sqlite.damaged-*")
    assert aside.read_bytes() == damaged
    assert aside.name in again.notice
    assert titles(ChatStore(Database(file))) == ["two"]


def test_clear_of_all_takes_what_was_set_aside_along(store: ChatStore, file: Path) -> None:
    """What a person wants deleted for good lies in no damaged file either, whoever has come upon the damage."""
    for question in ("how secret is elderberry", "one"):
        told(store, "a.ipynb", question)
        file.write_bytes(b"\xff" * 100 + file.read_bytes()[100:])
        again = ChatStore(Database(file))
        if question == "one":
            again.chats()
            again.clear("a.ipynb")
            assert len(list(file.parent.glob("*damaged*"))) == 1
            assert "damaged" in again.notice

        again.clear()

        assert not any(question.encode() in each.read_bytes() for each in file.parent.iterdir())
        assert again.notice == ""


def test_file_of_a_newer_version_is_left_alone(store: ChatStore, file: Path) -> None:
    """It is said to be newer, nothing in it changes or is called deleted, and conversations go on in memory."""
    kept = told(store, "", "one")
    with closing(sqlite3.connect(file)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = file.read_bytes()

    older = ChatStore(Database(file))
    passing = told(older, "", "one and a half")
    told(older, "", "two")
    older.delete(passing)

    assert titles(older) == ["two"]
    assert "newer version" in older.notice
    for forget in (partial(older.delete, kept), partial(older.clear, "a.ipynb"), older.clear):
        with pytest.raises(HistoryError, match=r"chats\.sqlite could not be read.*newer version"):
            forget()
    assert titles(older) == []
    assert file.read_bytes() == before


@pytest.mark.parametrize(("pragma", "reason"), [("query_only = ON", "readonly"), ("max_page_count = 1", "full")])
def test_file_that_cannot_be_written_is_copied_to_memory(file: Path, pragma: str, reason: str) -> None:
    """On a full disk or without rights, what was said before can be read and the conversation goes on."""
    chat = told(ChatStore(Database(file)), "", "one")
    store = ChatStore(Database(file, lambda address: _restricted(opened(address), pragma)))

    store.answer(chat, last(store, chat), Reply(text="1" * 100_000, ending="done"))

    (exchange,) = store.read(chat)[1]
    assert exchange.reply
    assert reason in store.notice
    assert ChatStore(Database(file)).read(chat)[1][0].reply is None


@pytest.mark.parametrize("clear", [lambda store, _: store.clear(), lambda store, chat: store.delete(chat)])
def test_what_cannot_be_deleted_from_the_file_is_not_called_deleted(
    file: Path, clear: Callable[[ChatStore, str], None]
) -> None:
    """It is gone until the server ends, and back afterwards; what never came into the file is gone for good."""
    chat = told(ChatStore(Database(file)), "", "one")
    store = ChatStore(Database(file, lambda address: _restricted(opened(address), "query_only = ON")))
    passing = told(store, "", "two")
    store.delete(passing)

    with pytest.raises(HistoryError, match=r"chats\.sqlite still has what was deleted"):
        clear(store, chat)

    assert titles(store) == []
    assert titles(ChatStore(Database(file))) == ["one"]


def test_place_that_cannot_be_makes_a_history_in_memory(tmp_path: Path) -> None:
    """A folder's name that is a file's does not keep anybody from talking, or from deleting what was said."""
    (tmp_path / "data").write_text("a file")
    store = ChatStore(Database(tmp_path / "data" / "chats.sqlite"))
    told(store, "", "one")

    assert titles(store) == ["one"]
    assert "not kept" in store.notice
    store.clear()
    assert titles(store) == []


def test_database_of_another_program_is_left_alone(file: Path) -> None:
    """Whoever names the wrong file loses nothing of it, and deletes all conversations: it holds none."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE birds (name TEXT)")
    before = file.read_bytes()
    store = ChatStore(Database(file))
    told(store, "", "one")

    assert "another program" in store.notice
    store.clear()
    assert titles(store) == []
    assert file.read_bytes() == before


def test_history_that_nobody_wants_is_in_memory_alone() -> None:
    """Without a file conversations last as long as the server, and the notice says so."""
    store = ChatStore(Database(None))
    told(store, "", "one")

    assert titles(store) == ["one"]
    assert "forgotten when this server ends" in store.notice
    store.close()
    assert titles(store) == []


def _restricted(connection: sqlite3.Connection, pragma: str) -> sqlite3.Connection:
    connection.execute(f"PRAGMA {pragma}")
    return connection


def _impatient(connection: sqlite3.Connection) -> sqlite3.Connection:
    return _restricted(connection, "busy_timeout = 1")
