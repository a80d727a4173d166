"""Conversations about a notebook, in a real browser with the fake model."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.ui.browser import context_of
from tests.ui.server import Cell, Server, fake_model, running_server
from tests.ui.sheet import Sheet

if TYPE_CHECKING:
    from tests.ui.conftest import Opener

pytestmark = pytest.mark.browser
ANSWER = """It **adds** them.

```python
total = a + b
```
"""
ASKED = "**/starcoder/chats/*/ask?*"
OPEN_CHAT = "window.jupyterapp.commands.execute('starcoder:open-chat')"
OPEN = """async path => {
  const panel = await window.jupyterapp.commands.execute('docmanager:open', { path });
  await panel.context.ready;
}"""
PATH = "window.jupyterapp.shell.currentWidget.context.path"
CLOSE_ALL = "[...window.jupyterapp.shell.widgets('main')].forEach(panel => panel.dispose())"
# No word of it comes again: an answer that goes round in circles would be ended.
WORDS = " ".join(f"word {n}" for n in range(100))
FEW_WORDS = " ".join(f"word {n}" for n in range(40))
HOSTILE = """Before <script>window.ranByModel = 1</script>
<img src="http://127.0.0.1:9/leak?secret" alt="a picture" onerror="window.ranByModel = 2">
<b style="background-image: url(http://127.0.0.1:9/leak)">bold</b>
<button data-commandlinker-command="notebook:insert-cell-below">Show more</button>
![text](http://127.0.0.1:9/leak2) **after**
"""


@dataclass
class Chat:
    """The chat at the side of a page."""

    sheet: Sheet

    @property
    def page(self) -> Page:
        """Where it stands."""
        return self.sheet.page

    @property
    def panel(self) -> Locator:
        """All of it."""
        return self.page.get_by_role("region", name="StarCoder chat")

    @property
    def question(self) -> Locator:
        """Where the next question is typed."""
        return self.panel.get_by_role("textbox", name="Question")

    @property
    def answers(self) -> Locator:
        """What the model said."""
        return self.panel.get_by_role("article", name="Answer")

    @property
    def questions(self) -> Locator:
        """What the person said."""
        return self.panel.get_by_role("article", name="Question")

    @property
    def chips(self) -> Locator:
        """What goes with the next question."""
        return self.panel.get_by_role("list", name="Goes with the question").get_by_role("listitem")

    @property
    def alert(self) -> Locator:
        """What went wrong."""
        return self.panel.get_by_role("alert")

    @property
    def status(self) -> Locator:
        """What it says of itself."""
        return self.panel.get_by_role("status")

    @property
    def list(self) -> Locator:
        """Which conversations there are."""
        return self.panel.get_by_role("combobox", name="Conversations")

    @property
    def title(self) -> Locator:
        """Which conversation is open."""
        return self.list.locator("option:checked")

    def button(self, name: str) -> Locator:
        """One of its buttons."""
        return self.panel.get_by_role("button", name=name, exact=True)

    def choose(self, button: str, item: str) -> None:
        """Chooses from a menu of its own."""
        self.button(button).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def confirm(self) -> None:
        """Says yes to a dialog."""
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def ask(self, text: str) -> None:
        """Types a question and sends it."""
        self.question.fill(text)
        self.question.press("Enter")

    def expect_ended(self, state: str = "done", count: int = 1) -> None:
        """Waits until the last of so many answers has ended."""
        exchanges = self.panel.locator(".jp-Starcoder-exchange")
        expect(exchanges).to_have_count(count)
        expect(exchanges.last).to_have_attribute("data-state", state)

    def reload(self) -> None:
        """Loads the page anew, and opens the notebook and the chat there."""
        path = self.page.evaluate(PATH)
        load(self.sheet)
        self.page.evaluate(OPEN, path)
        self.page.evaluate(OPEN_CHAT)

    def open(self, name: str, *cells: Cell) -> None:
        """Opens another notebook beside those that are open, and puts the cursor into it."""
        self.sheet.server.write(name, *cells)
        self.page.evaluate(OPEN, name)
        self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .cm-content").first.click()


def load(sheet: Sheet) -> None:
    """Loads JupyterLab with nothing open: a workspace of its own has nothing to restore, early or late."""
    server, workspace = sheet.server, secrets.token_hex(4)
    sheet.page.goto(f"{server.url}/lab/workspaces/{workspace}?token={server.token}")
    expect(sheet.status).to_have_attribute("data-mood", "ready")


@pytest.fixture(scope="module")
def lab(browser: Browser, contexts: dict[str, BrowserContext], fake_server: Server) -> Iterator[Sheet]:
    """JupyterLab with no notebook: each test of a conversation opens its own, and needs no page of its own."""
    page = context_of(browser, contexts, fake_server).new_page()
    sheet = Sheet(page, fake_server)
    fake_server.forget()
    load(sheet)
    yield sheet
    page.close()


@pytest.fixture
def chat(lab: Sheet, server: Server, request: pytest.FixtureRequest) -> Iterator[Chat]:
    """The chat about a notebook of one cell, `x = 1`."""
    errors: list[str] = []
    lab.page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    chat = Chat(lab)
    chat.open(f"{request.node.name}.ipynb", "x = 1")
    lab.page.evaluate(OPEN_CHAT)
    expect(chat.question).to_be_focused()
    yield chat
    lab.page.unroute_all()
    lab.page.evaluate(CLOSE_ALL)
    server.stop_kernels()
    assert not [error for error in errors if "jupyter-starcoder" in error]


def test_a_question_is_answered_in_both_front_ends(open_notebook: "Opener", server: Server) -> None:
    """The chat opens by its key and loads only then; the answer streams in as Markdown, and gives it its title."""
    server.answer({"ending": "", "answer": ANSWER})
    sheet = open_notebook(server, "a, b = 1, 2")
    chat = Chat(sheet)
    at_start = _scripts(sheet)
    sheet.press("Control+Alt+c")
    expect(chat.question).to_be_focused()
    expect(chat.title).to_have_text("New conversation")
    sheet.type("What is the total?")
    sheet.press("Enter")

    expect(chat.questions).to_have_text("What is the total?")
    expect(chat.answers.locator("strong")).to_have_text("adds")
    expect(chat.answers.locator("pre code")).to_have_text("total = a + b\n")
    chat.expect_ended()
    expect(chat.title).to_have_text("What is the total?")
    expect(chat.question).to_have_value("")
    expect(chat.question).to_be_focused()
    assert at_start < _scripts(sheet)


def _scripts(sheet: Sheet) -> set[str]:
    """Parts of our front end that the page has loaded by now."""
    names: list[str] = sheet.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    return {name for name in names if "jupyter-starcoder/static" in name}


def test_stop_keeps_what_came_and_the_next_question_can_be_asked(chat: Chat, server: Server) -> None:
    """Stop, by its button or Escape, ends the answer and keeps its text; the keyboard goes to the next question."""
    server.answer({"ending": "", "answer": WORDS, "delay_s": 0.02})
    chat.ask("Count, please")
    expect(chat.answers).to_contain_text("word 1")
    chat.question.press("Tab")
    chat.page.keyboard.press("Tab")
    expect(chat.button("Stop")).to_be_focused()
    chat.page.keyboard.press("Enter")

    chat.expect_ended("stopped")
    expect(chat.panel.get_by_text("Stopped")).to_be_visible()
    expect(chat.question).to_be_focused()
    chat.ask("Count again")
    expect(chat.answers.nth(1)).to_contain_text("word 1")
    chat.page.keyboard.press("Escape")
    chat.expect_ended("stopped", count=2)


def test_the_last_question_can_be_asked_again(chat: Chat, server: Server) -> None:
    """Another answer takes the place of one that broke or was whole, once it has a word; only the last can be had."""
    server.answer({"ending": "", "answer": "first one"})
    chat.ask("One?")
    chat.expect_ended()
    server.answer({"ending": "", "answer": "some words", "dies_after": 5})
    chat.ask("Two?")
    chat.expect_ended("failed", count=2)
    expect(chat.alert).to_have_text("the fake engine died, as its rule says")
    expect(chat.answers.nth(1)).to_have_text("some")
    expect(chat.button("Answer again")).to_have_count(0)
    server.answer({"ending": "", "answer": "**second** one"})
    chat.button("Send again").press("Enter")
    expect(chat.answers.nth(1).locator("strong")).to_have_text("second")
    chat.expect_ended(count=2)
    expect(chat.alert).to_have_count(0)
    server.answer({"ending": "", "answer": "**third** one"})
    chat.button("Answer again").press("Enter")

    expect(chat.answers.nth(1).locator("strong")).to_have_text("third")
    chat.expect_ended(count=2)
    server.answer({"ending": "", "answer": "no word of this", "dies_after": 0})
    chat.button("Answer again").press("Enter")
    chat.expect_ended("failed", count=2)
    expect(chat.answers.nth(1)).to_have_text("third one")
    expect(chat.questions).to_have_text(["One?", "Two?"])
    chat.reload()
    expect(chat.answers).to_have_text(["first one", "third one"])


def test_a_question_that_gets_no_answer_is_not_lost(chat: Chat, server: Server) -> None:
    """Without a server, without a model, and with an answer that breaks off, the reason stands below the question."""
    server.answer({"ending": "", "answer": "**Here.**"})
    refusal = '{"code": "no_model", "message": "no model is there: get one", "missing": [], "progress": null}'
    beginning = '{"type": "text", "text": "only the begi"}\n'
    chat.page.route(ASKED, lambda route: route.abort())
    chat.ask("Anybody?")
    expect(chat.alert).to_contain_text("check that it is still running")
    chat.page.unroute(ASKED)
    chat.page.route(ASKED, lambda route: route.fulfill(status=503, body=refusal))
    chat.button("Send again").press("Enter")
    expect(chat.alert).to_have_text("no model is there: get one")
    chat.page.unroute(ASKED)
    chat.page.route(ASKED, lambda route: route.fulfill(body=beginning))
    chat.button("Send again").press("Enter")
    expect(chat.alert).to_contain_text("ended before the answer did")
    expect(chat.answers).to_have_text("only the begi")
    chat.page.unroute(ASKED)
    chat.button("Send again").press("Enter")

    expect(chat.answers.locator("strong")).to_have_text("Here.")
    chat.expect_ended()
    expect(chat.questions).to_have_text("Anybody?")


def test_a_question_that_began_no_conversation_is_not_lost(chat: Chat, server: Server) -> None:
    """While the server is gone it stays among the conversations; once the server is back it is asked as ever."""
    server.answer({"ending": "", "answer": "**Here.**"})
    chat.page.route("**/starcoder/chats?*", lambda route: route.abort())
    chat.ask("Anybody?")
    expect(chat.alert).to_contain_text("check that it is still running")
    chat.button("New").press("Enter")
    expect(chat.questions).to_have_count(0)
    expect(chat.title).to_have_text("New conversation")
    chat.list.select_option("Anybody?")
    expect(chat.questions).to_have_text("Anybody?")
    expect(chat.title).to_have_text("Anybody?")
    chat.page.unroute("**/starcoder/chats?*")
    chat.button("Send again").press("Enter")

    expect(chat.answers.locator("strong")).to_have_text("Here.")
    chat.expect_ended()
    expect(chat.list.locator("option")).to_have_text(["Anybody?"])


def test_the_history_of_a_notebook_is_kept_renamed_and_deleted(chat: Chat, server: Server) -> None:
    """A reload shows the last conversation; older ones can be opened, renamed, and deleted once that is confirmed."""
    server.answer({"ending": "", "answer": "an **answer**"})
    for number, question in enumerate(["The first?", "The second?"]):
        if number:
            chat.button("New").press("Enter")
            expect(chat.title).to_have_text("New conversation")
            expect(chat.question).to_be_focused()
        chat.ask(question)
        chat.expect_ended()
        expect(chat.title).to_have_text(question)
    chat.reload()
    expect(chat.title).to_have_text("The second?")
    expect(chat.answers.locator("strong")).to_have_text("answer")

    chat.list.press("ArrowDown")
    expect(chat.questions).to_have_text("The first?")
    chat.choose("More", "Rename…")
    chat.page.locator(".jp-Dialog input").fill("A better name")
    chat.confirm()
    expect(chat.title).to_have_text("A better name")
    chat.choose("More", "Delete…")
    expect(chat.page.locator(".jp-Dialog")).to_contain_text("A better name")
    chat.confirm()
    expect(chat.title).to_have_text("The second?")
    expect(chat.questions).to_have_text("The second?")
    chat.choose("More", "Delete all…")
    chat.page.locator(".jp-Dialog .jp-mod-reject").click()
    expect(chat.questions).to_have_text("The second?")
    chat.choose("More", "Delete all…")
    chat.confirm()
    expect(chat.title).to_have_text("New conversation")
    expect(chat.questions).to_have_count(0)
    expect(chat.question).to_be_focused()


def test_a_history_that_cannot_be_read_says_why_and_can_be_read_later(chat: Chat, server: Server) -> None:
    """The reason stands where the conversation would be, with a button to try again."""
    server.answer({"ending": "", "answer": "an **answer**"})
    chat.ask("The first?")
    chat.expect_ended()
    chat.page.route("**/starcoder/chats?path=*", lambda route: route.abort())
    chat.open("elsewhere.ipynb", "y = 2")
    expect(chat.alert).to_contain_text("check that it is still running")
    chat.page.unroute_all()
    chat.button("Try again").press("Enter")

    expect(chat.panel.get_by_text("Questions are answered by a model on this machine")).to_be_visible()
    expect(chat.alert).to_have_count(0)


def test_code_goes_where_its_button_says(chat: Chat, server: Server) -> None:
    """Code goes into a new cell below the active one, over what is selected and nowhere else, and to the clipboard."""
    server.answer({"ending": "", "answer": "```\n\n```\n\n" + ANSWER})
    chat.ask("How?")
    chat.expect_ended()
    expect(chat.answers.locator("pre")).to_have_count(1)  # a piece without text is none
    code = chat.answers.get_by_role("group", name="Code 1")
    code.get_by_role("button", name="Insert below").press("Enter")
    expect(chat.status).to_have_text("Put into a new cell.")
    chat.sheet.expect_source("total = a + b", 1)

    chat.sheet.cell(0).locator(".cm-content").click()
    for key in ("Control+End", "Control+Shift+ArrowLeft"):
        chat.sheet.press(key)
    code.get_by_role("button", name="Replace selection").press("Enter")
    chat.sheet.expect_source("x = total = a + b", 0)
    chat.sheet.cell(0).locator(".cm-content").click()
    chat.sheet.press("Control+z")
    chat.sheet.expect_source("x = 1", 0)
    chat.sheet.press("Control+Home")
    code.get_by_role("button", name="Replace selection").press("Enter")
    expect(chat.status).to_contain_text("Nothing is selected in the active cell")
    chat.sheet.expect_source("x = 1", 0)

    code.get_by_role("button", name="Copy").press("Enter")
    expect(chat.status).to_have_text("Copied.")
    chat.question.focus()
    chat.sheet.press("Control+v")
    expect(chat.question).to_have_value("total = a + b")


def test_nothing_is_fetched_or_run_that_the_model_wrote(chat: Chat, server: Server) -> None:
    """Scripts and handlers are gone, and no picture is asked for, so that nothing of a notebook leaves with it."""
    server.answer({"ending": "", "answer": HOSTILE})
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.ask("Show me")
    chat.expect_ended()

    expect(chat.answers).to_contain_text("after")
    expect(chat.answers.locator("img, script, [style], [data-commandlinker-command]")).to_have_count(0)
    assert chat.page.evaluate("window.ranByModel") is None
    assert not [url for url in asked if "leak" in url]


def test_context_is_added_shown_and_taken_away(chat: Chat, server: Server) -> None:
    """What the person points at stands above the question by name, goes out with it, and can be taken away before."""
    server.answer({"ending": "", "answer": "**Seen.**"})
    sheet = chat.sheet
    chat.open("trips.ipynb", "import pandas as pd\ntrips = pd.DataFrame({'km': [1]})", "1 / 0")
    cells = chat.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")
    for index in (0, 1):
        cells.nth(index).locator(".cm-content").click()
        sheet.run()
    expect(cells.nth(1)).to_contain_text("ZeroDivisionError", timeout=60_000)
    for key in ("Enter", "Control+a"):
        sheet.press(key)
    chat.question.focus()
    for label in ("The selection", "The error of this cell", "trips · DataFrame 1 × 1"):
        chat.choose("Add context", label)
        expect(chat.question).to_be_focused()
    chat.button("Add context").press("Enter")
    expect(chat.page.get_by_role("menuitem", name="This cell", exact=True)).to_be_visible()
    sheet.press("Escape")
    expect(chat.button("Add context")).to_be_focused()
    sheet.press("Enter")
    expect(chat.page.get_by_role("menuitem", name="This cell", exact=True)).to_be_visible()
    for key in ("ArrowDown", "Enter"):
        sheet.press(key)
    expect(chat.chips).to_contain_text(["selection in cell 2", "error of cell 2", "trips", "cell 2"])
    chat.button("Remove cell 2").press("Enter")
    expect(chat.chips).to_contain_text(["selection in cell 2", "error of cell 2", "trips"])
    expect(chat.question).to_be_focused()
    with chat.page.expect_request(ASKED) as asked:
        chat.ask("Why?")

    attachments = json.loads(asked.value.post_data or "")["attachments"]
    assert [(each["kind"], each["label"]) for each in attachments] == [
        ("selection", "selection in cell 2"),
        ("error", "error of cell 2"),
        ("frame", "trips"),
    ]
    assert attachments[0]["text"] == "1 / 0"
    assert "ZeroDivisionError: division by zero" in attachments[1]["text"]
    chat.expect_ended()
    expect(chat.chips).to_have_count(0)
    expect(chat.questions).to_contain_text("error of cell 2")


def test_the_place_is_marked_up_to_which_the_model_forgot(chat: Chat, server: Server) -> None:
    """Questions that had no room in the last prompt stand above a mark that says so."""
    server.answer({"ending": "", "answer": "yes"})
    long = " ".join(f"w{n}" for n in range(900))
    for number in range(3):
        chat.ask(f"{number} {long}")
        chat.expect_ended(count=number + 1)

    mark = chat.panel.get_by_role("note")
    expect(mark).to_have_text("The model no longer knows what stands above: it had no room.")
    children = chat.panel.locator(".jp-Starcoder-exchanges > *")
    assert children.evaluate_all("nodes => nodes.findIndex(node => node.getAttribute('role') === 'note')") > 0
    chat.reload()
    expect(mark).to_be_visible()


def test_the_chat_follows_the_notebook(chat: Chat, server: Server) -> None:
    """Each notebook has its own conversation and its own begun question; an answer goes on behind the other one."""
    server.answer({"ending": "", "answer": FEW_WORDS, "delay_s": 0.02})
    chat.ask("About the first?")
    expect(chat.answers).to_contain_text("word 1")
    first = chat.page.evaluate(PATH)
    chat.question.fill("begun")
    chat.open("second.ipynb", "y = 2")
    expect(chat.questions).to_have_count(0)
    expect(chat.question).to_have_value("")
    chat.page.evaluate(OPEN, first)

    expect(chat.questions).to_have_text("About the first?")
    expect(chat.question).to_have_value("begun")
    chat.expect_ended()
    expect(chat.answers).to_contain_text("word 39")


def test_without_a_notebook_the_chat_does_not_speak_of_one(chat: Chat, server: Server) -> None:
    """It says what it knows then, answers all the same, and would not delete what is said about notebooks."""
    server.answer({"ending": "", "answer": "an **answer**"})
    expect(chat.question).to_have_attribute("placeholder", "Ask about this notebook")
    chat.page.evaluate(CLOSE_ALL)
    chat.button("New").click()
    expect(chat.panel.get_by_text("No notebook is open: it knows only what is said here.")).to_be_visible()
    expect(chat.panel.get_by_text("this notebook")).to_have_count(0)
    expect(chat.question).to_have_attribute("placeholder", "Ask anything…")
    chat.ask("Anybody?")
    chat.expect_ended()
    chat.choose("More", "Delete all…")
    expect(chat.page.locator(".jp-Dialog")).to_contain_text("that are about no notebook are deleted for good")
    chat.confirm()

    expect(chat.questions).to_have_count(0)


def test_conversations_go_along_with_a_notebook_that_is_renamed(chat: Chat, server: Server) -> None:
    """The open one stays, can be continued while it is renamed, and is found under the new name alone."""
    server.answer({"ending": "", "answer": FEW_WORDS, "delay_s": 0.02})
    chat.ask("Before?")
    expect(chat.answers).to_contain_text("word 1")
    old = chat.page.evaluate(PATH)
    name = f"{secrets.token_hex(4)}.ipynb"
    with chat.page.expect_response(lambda reply: reply.request.method == "PATCH" and "starcoder/chats" in reply.url):
        chat.page.evaluate("name => window.jupyterapp.shell.currentWidget.context.rename(name)", name)
    chat.expect_ended()
    expect(chat.questions).to_have_text("Before?")
    server.answer({"ending": "", "answer": "an **answer**"})
    chat.ask("After?")
    chat.expect_ended(count=2)
    chat.reload()

    expect(chat.questions).to_have_text(["Before?", "After?"])
    chat.open(old, "z = 3")
    expect(chat.questions).to_have_count(0)
    expect(chat.title).to_have_text("New conversation")
    chat.page.route(re.compile(r"/starcoder/chats(\?|$)"), lambda route: route.abort())
    chat.page.evaluate("name => window.jupyterapp.shell.currentWidget.context.rename(name)", f"again-{name}")
    expect(chat.page.get_by_role("alert").filter(has_text="could not go along")).to_be_visible()
    load(chat.sheet)  # it stays until it is closed, over what the next story clicks


def test_conversations_go_along_with_what_is_renamed_while_it_is_closed(chat: Chat, server: Server) -> None:
    """What the file browser moves, a notebook or a folder with it, takes them along; a draft as well."""
    server.answer({"ending": "", "answer": "an **answer**"})
    chat.ask("Before?")
    chat.expect_ended()
    chat.question.fill("begun")
    old, folder, other = chat.page.evaluate(PATH), secrets.token_hex(4), secrets.token_hex(4)
    (server.home / "root" / folder).mkdir()
    chat.page.evaluate(CLOSE_ALL)
    expect(chat.questions).to_have_count(0)
    for path, to in ((old, f"{folder}/moved.ipynb"), (folder, other)):
        with chat.page.expect_response(
            lambda reply: reply.request.method == "PATCH" and "starcoder/chats" in reply.url
        ):
            chat.page.evaluate("([path, to]) => window.jupyterapp.serviceManager.contents.rename(path, to)", [path, to])
    chat.page.evaluate(OPEN, f"{other}/moved.ipynb")

    expect(chat.questions).to_have_text("Before?")
    expect(chat.question).to_have_value("begun")


def test_an_answer_survives_its_notebook_and_its_cell(chat: Chat, server: Server) -> None:
    """It is written to its end when the cell that goes with it, or the notebook, is closed meanwhile."""
    server.answer({"ending": "", "answer": FEW_WORDS, "delay_s": 0.02})
    first = chat.page.evaluate(PATH)
    chat.choose("Add context", "This cell")
    chat.ask("About this cell?")
    expect(chat.answers).to_contain_text("word 1")
    chat.sheet.cell().locator(".jp-InputPrompt").click()
    for key in ("d", "d"):
        chat.sheet.press(key)
    chat.sheet.expect_source("")
    chat.page.evaluate(CLOSE_ALL)
    expect(chat.questions).to_have_count(0)
    chat.page.evaluate(OPEN, first)

    chat.expect_ended()
    expect(chat.answers).to_contain_text("word 39")
    expect(chat.questions).to_contain_text("cell 1")


def test_nothing_that_is_typed_gets_into_the_log(chat: Chat, server: Server) -> None:
    """Asked about a cell by the key for that, the server's log holds no word of question, cell, answer, or title."""
    server.answer({"ending": "", "answer": "answer-kestrel"})
    chat.sheet.cell().locator(".cm-content").click()
    chat.sheet.type("_kestrel = 1")
    chat.sheet.press("Control+Alt+a")
    expect(chat.chips).to_contain_text("cell 1")
    chat.ask("question-kestrel")
    chat.expect_ended()
    chat.choose("More", "Rename…")
    chat.page.locator(".jp-Dialog input").fill("title-kestrel")
    chat.confirm()
    expect(chat.title).to_have_text("title-kestrel")
    server.answer({"ending": "", "answer": "answer-kestrel", "dies_after": 3})
    chat.button("Answer again").click()
    chat.expect_ended("failed")

    assert "kestrel" not in (server.home / "server.log").read_text()


@pytest.mark.parametrize("frontend", ["lab"])
def test_a_chat_that_is_not_kept_says_so_below_the_servers_own_address(open_notebook: "Opener", tmp_path: Path) -> None:
    """All is asked below that address; the panel comes at the second try; and nothing is left on the disk."""
    home = tmp_path / "home"
    options = (*fake_model(home), "--StarcoderConfig.keep_chats=False")
    with running_server(home, *options, base_url="/user/ada") as server:
        server.answer({"ending": "", "answer": "**Here.**"})
        sheet = open_notebook(server, "x = 1")
        chat = Chat(sheet)
        sheet.page.route("**/jupyter-starcoder/static/*", lambda route: route.abort())
        sheet.press("Control+Alt+c")
        expect(chat.alert).to_contain_text("The chat cannot be loaded")
        sheet.page.unroute_all()
        chat.button("Try again").press("Enter")
        expect(chat.panel.get_by_text("Conversations are forgotten when this server ends")).to_be_visible()
        chat.ask("Anybody?")
        expect(chat.answers.locator("strong")).to_have_text("Here.")
        chat.expect_ended()

        assert not list(home.rglob("chats.sqlite*"))


@pytest.mark.parametrize("frontend", ["lab"])
def test_a_chat_that_is_switched_off_can_only_be_read(open_notebook: "Opener", server: Server) -> None:
    """Nothing can be typed, nor is anybody invited; the reason stands above what was said before, and a key says it."""
    server.answer({"ending": "", "answer": "an **answer**"})
    chat = Chat(open_notebook(server, "x = 1"))
    chat.page.evaluate(OPEN_CHAT)
    chat.ask("Anybody?")
    chat.expect_ended()
    chat.page.route("**/starcoder/settings?*", _switched_off)
    chat.reload()

    expect(chat.panel.get_by_text("Chat: switched off by the administrator. Exams are on.")).to_be_visible()
    expect(chat.questions).to_have_text("Anybody?")
    expect(chat.question).to_have_count(0)
    chat.button("New").click()
    expect(chat.questions).to_have_count(0)
    expect(chat.panel.locator(".jp-Starcoder-placeholder")).to_have_text("")
    chat.sheet.begin()
    chat.sheet.press("Control+Alt+a")
    expect(chat.page.get_by_role("dialog")).to_contain_text("Ask about this cell: switched off by the administrator.")


def _switched_off(route: Route) -> None:
    word = route.fetch().json()
    route.fulfill(json={**word, "disabled": ["chat"], "reason": "Exams are on."})
