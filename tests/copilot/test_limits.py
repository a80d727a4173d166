"""The road up to the model where a notebook is not as usual: it stays within its budget and is no error."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from jupyter_starcoder.context.cells import CellSource
from jupyter_starcoder.context.kernel import KernelSource
from jupyter_starcoder.context.project import ProjectSource
from jupyter_starcoder.copilot import Copilot, LoadedModel, Options, Question
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import text_of
from jupyter_starcoder.errors import CellTooLong
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.questions import Questions
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.values.conversation import Attachment, Conversation, Mishap, Subject, Turn
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Output
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

NOTEBOOK = ("<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<empty_output>")
MODELS = {
    "plain": (),
    "chatml": ("<|im_start|>", "<|im_end|>"),
    "starcoder": ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<filename>", *NOTEBOOK),
    "starcoder2": ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", "<jupyter_script>", *NOTEBOOK),
}
WIDE = Variable(
    name="wide",
    type_name="DataFrame",
    kind="frame",
    library="pandas",
    shape=(10, 5_000),
    columns=tuple(Column(name=f"'c{number}'", dtype="int64", key=f"c{number}") for number in range(5_000)),
    column_count=5_000,
)
WINDOW_TOKENS = 4096
MEGABYTE = "total = total + 1\n" * 60_000
LINE = "x" * 1_000_000
TEN_MEGABYTES = Output(kind="stream", text="row 1 2 3\n" * 1_000_000)


def code(source: str, *outputs: Output) -> Cell:
    """A code cell."""
    return Cell(kind="code", source=source, outputs=outputs)


CASES: dict[str, tuple[list[Cell], int]] = {
    "a wide frame": ([code("wide.head()"), code("wide['c77']."), code("wide.tail()")], 1),
    "a cell of a megabyte above": ([code(MEGABYTE), code("y = total")], 1),
    "a cell of a megabyte at the cursor": ([code("total = 0"), code(MEGABYTE), code("total")], 1),
    "a line of a megabyte": ([code(LINE), code(LINE), code(LINE)], 1),
    "text of a megabyte": ([Cell(kind="markdown", source=MEGABYTE), code("")], 1),
    "outputs of ten megabytes": ([code("show()", TEN_MEGABYTES), code("y = "), code("show()", TEN_MEGABYTES)], 1),
    "an empty notebook": ([code("")], 0),
    "blank cells": ([code("\n\n"), code("  "), code("\t\n")], 1),
}


async def snapshot_of(_path: str, _timeout_s: float) -> KernelSnapshot:
    """A kernel that holds a wide frame."""
    return KernelSnapshot(language="python", variables=(WIDE,))


def questions(root: Path, model: str) -> Questions:
    """What such a model is asked, with all sources."""
    tokenizer = byte_tokenizer(("<|endoftext|>", *MODELS[model]))
    family = choose_family(tokenizer.markers)
    loaded = LoadedModel(
        name=model, window_tokens=WINDOW_TOKENS, tokenizer=tokenizer, family=family, engine=FakeEngine()
    )
    return Copilot(lambda: loaded, [CellSource(), ProjectSource(root), KernelSource(snapshot_of)]).questions


def asked(root: Path, model: str, case: str, budget_tokens: int, at_end: bool) -> Question:
    """What the model would be given."""
    cells, place = CASES[case]
    options = Options(max_tokens=64, prompt_tokens=budget_tokens, context_deadline_s=10)
    size = len(cells[place].source)
    cursor = Cursor(cell=place, offset=size if at_end else size // 2)
    return asyncio.run(questions(root, model).completion(Notebook(cells=tuple(cells)), cursor, options))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", CASES)
def test_prompt_of_an_unusual_notebook_stays_within_its_budget(tmp_path: Path, model: str, case: str) -> None:
    """Real sizes and tiny ones: at least a token, never one too many."""
    for budget_tokens, at_end in ((1, True), (16, False), (200, True), (2000, False)):
        question = asked(tmp_path, model, case, budget_tokens, at_end)

        assert 1 <= len(question.encoded.ids) <= budget_tokens


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", CASES)
def test_change_of_an_unusual_cell_has_all_of_it_or_is_refused(tmp_path: Path, model: str, case: str) -> None:
    """Edits and fixes: prompt and answer together fit into the window; long wishes and tracebacks are cut."""
    cells, place = CASES[case]
    notebook, ask = Notebook(cells=tuple(cells)), questions(tmp_path, model)
    mishap = Mishap(name="KeyError", message=LINE, traceback=MEGABYTE)
    for budget_tokens in (1, 16, 2000):
        options = Options(max_tokens=64, prompt_tokens=budget_tokens, context_deadline_s=10)
        for road in (
            ask.edit(notebook, place, "make it shorter", None, options),
            ask.edit(notebook, place, LINE, None, options),
            ask.fix(notebook, place, mishap, options),
        ):
            try:
                question = asyncio.run(road)
            except CellTooLong:
                assert len(cells[place].source) > WINDOW_TOKENS
                continue
            assert 1 <= len(question.encoded.ids) <= question.budget_tokens
            assert question.budget_tokens + question.options.max_tokens <= WINDOW_TOKENS
            assert not cells[place].source.strip() or cells[place].source.strip().encode() in text_of(
                question.encoded.ids
            )


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", CASES)
def test_conversation_in_an_unusual_notebook_stays_within_its_budget(tmp_path: Path, model: str, case: str) -> None:
    """However much was said, asked or laid beside the question; and so does an explanation with what is asked since."""
    cells, place = CASES[case]
    notebook, ask = Notebook(cells=tuple(cells)), questions(tmp_path, model)
    turns = (Turn("person", LINE), Turn("assistant", MEGABYTE), Turn("person", "é🎈" * 2_000))
    said = Conversation(
        turns=turns,
        attachments=(
            Attachment(kind="cell", label="cell 1", text=MEGABYTE),
            Attachment(kind="frame", label="wide", text=""),
            Attachment(kind="error", label=LINE, text="\n"),
        ),
    )
    subject = Subject(kind="error", text=MEGABYTE)
    for budget_tokens in (1, 16, 2000):
        options = Options(max_tokens=64, prompt_tokens=budget_tokens, context_deadline_s=10)
        for road in (
            ask.chat(notebook, place, said, options),
            ask.explanation(notebook, place, options, subject, turns),
            ask.explanation(notebook, place, options, subject),
        ):
            question = asyncio.run(road)

            assert 1 <= len(question.encoded.ids) <= budget_tokens
            assert question.prompt.left_out_turns <= len(turns)


@pytest.mark.parametrize("model", MODELS)
def test_chat_second_turn_begins_with_the_first_one_s_prompt(tmp_path: Path, model: str) -> None:
    """So that a turn costs what was said since, and not the notebook again."""
    ask = questions(tmp_path, model)
    notebook = Notebook(cells=tuple(code(f"table_{number} = load({number})") for number in range(100)))
    options = Options(max_tokens=64, prompt_tokens=3000, context_deadline_s=10)
    first = (Turn("person", "What is table_7?"),)
    second = (*first, Turn("assistant", "A table."), Turn("person", "Who loads it?"))

    old, new = (
        asyncio.run(ask.chat(notebook, 50, Conversation(turns=turns), options)).encoded.ids for turns in (first, second)
    )

    assert len(old) > 500
    assert new[: len(old)] == old


@pytest.mark.parametrize("model", MODELS)
def test_prompt_of_a_wide_frame_names_the_column_at_the_cursor(tmp_path: Path, model: str) -> None:
    """Of 5,000 columns the one that is used comes through."""
    question = asked(tmp_path, model, "a wide frame", 2000, at_end=True)
    text = bytes(token for token in question.encoded.ids if token < 256).decode()

    assert text.count("c77") >= 2


@pytest.mark.model
def test_prompt_of_real_tokens_stays_within_its_budget(embedded_model: Path) -> None:
    """Blank lines and indentation cost more together than one by one: the budget holds nevertheless."""
    from jupyter_starcoder.tokenizer.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(embedded_model)
    family = choose_family(tokenizer.markers)
    loaded = LoadedModel(name="real", window_tokens=4096, tokenizer=tokenizer, family=family, engine=FakeEngine())
    sources = ("x = 1", "def f():\n    return 1", "    # left\n    over", "é🎈 = '''\n\n\n   '''", "y\t=  2   \n\n\n")
    cells = tuple(code(sources[number % len(sources)]) for number in range(300))
    copilot = Copilot(lambda: loaded, [CellSource()])

    for budget_tokens in range(1, 400, 7):
        options = Options(max_tokens=64, prompt_tokens=budget_tokens)
        question = asyncio.run(copilot.questions.completion(Notebook(cells=cells), Cursor(cell=250, offset=4), options))

        assert 1 <= len(question.encoded.ids) <= budget_tokens
        assert sum(section.tokens for section in question.prompt.sections) <= budget_tokens


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("below", ["", "\nprint(total)\n"])
def test_prompt_of_a_long_notebook_stays_while_somebody_types(tmp_path: Path, model: str, below: str) -> None:
    """With all sources: but for finished words that other cells know, a keystroke leaves all that stood there."""
    cells = tuple(code(f"table_{number} = load({number})", Output(kind="stream", text="ok")) for number in range(300))
    typed = "total = table_7.merge(table_290, on='a')"
    tokenizer = byte_tokenizer(("<|endoftext|>", *MODELS[model]))
    family = choose_family(tokenizer.markers)
    loaded = LoadedModel(name=model, window_tokens=8192, tokenizer=tokenizer, family=family, engine=FakeEngine())
    copilot = Copilot(lambda: loaded, [CellSource(), ProjectSource(tmp_path), KernelSource(snapshot_of)])
    options = Options(max_tokens=64, prompt_tokens=4000, context_deadline_s=10)

    async def prompts() -> list[tuple[int, ...]]:
        found = []
        for size in range(1, len(typed) + 1):
            notebook = Notebook(cells=(*cells, code(typed[:size] + ")" * (size % 2) + below)))
            question = await copilot.questions.completion(notebook, Cursor(cell=300, offset=size), options)
            found.append(question.encoded.ids)
        return found

    moved = [new[: len(old)] != old for old, new in pairwise(asyncio.run(prompts()))]

    assert sum(moved) <= 2, "table_7 comes out of a far cell, and a coarse step may be due"
