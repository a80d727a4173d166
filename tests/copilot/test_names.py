"""Names that exist, from the kernel's snapshot to the engine's constraint, on an engine that answers by rules."""

import asyncio
from dataclasses import replace

import pytest

from jupyter_starcoder.context.kernel import KernelSource
from jupyter_starcoder.copilot import Copilot, LoadedModel, Options
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import Rule
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.values.answer import Done
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook
from kernels_ctx.errors import KernelSilent
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

OPTIONS = Options(max_tokens=64, prompt_tokens=512)
SALES = Variable(
    name="sales",
    type_name="DataFrame",
    kind="frame",
    library="pandas",
    columns=tuple(Column(name=repr(key), dtype="float64", key=key) for key in ("region", "revenue")),
    column_count=2,
    index_type="RangeIndex",
)
SNAPSHOT = KernelSnapshot(language="python", variables=(SALES,), names=("sales",))


def asked(
    code: str,
    *rules: Rule,
    snapshot: KernelSnapshot | Exception | None = SNAPSHOT,
    options: Options = OPTIONS,
    language: str = "python",
) -> tuple[str, Done, FakeEngine]:
    """The suggestion at the mark `‸`, the end of the answer, and the engine with what it was asked."""
    tokenizer = byte_tokenizer(("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
    engine = FakeEngine(rules)
    model = LoadedModel(
        name="fake",
        window_tokens=2048,
        tokenizer=tokenizer,
        family=choose_family(tokenizer.markers),
        engine=engine,
    )

    async def snapshot_of(path: str, timeout_s: float) -> KernelSnapshot | None:
        if isinstance(snapshot, Exception):
            raise snapshot
        return snapshot

    notebook = Notebook(cells=(Cell(kind="code", source=code.replace("‸", "")),), language=language)

    async def collect() -> tuple[str, Done]:
        text = ""
        async for event in Copilot(lambda: model, [KernelSource(snapshot_of)]).complete(
            notebook, Cursor(cell=0, offset=code.index("‸")), options
        ):
            if isinstance(event, Done):
                return text, event
            text += event.text
        raise AssertionError("no end")

    return *asyncio.run(collect()), engine


INVENTED = Rule(ending="x = sales", answer='["total_revenue"].sum()')
RIGHT = Rule(ending='sales["region"', answer="].count()")


def test_complete_name_that_nobody_defined_is_replaced_by_one_that_exists() -> None:
    """The invented name is refused at its first letter; what was accepted stays, and the cost is that of one answer."""
    text, done, engine = asked("x = sales‸", RIGHT, INVENTED)

    assert text == '["region"].count()'
    assert len(engine.requests) == 2
    assert bytes(engine.requests[1].prompt_ids).decode().endswith('x = sales["')
    assert (done.finish, done.timings.new_tokens) == ("stop", len(text))
    assert done.timings.prompt_tokens == len(engine.requests[0].prompt_ids)


def test_complete_name_that_exists_costs_nothing() -> None:
    """A model that is right is asked once."""
    text, _, engine = asked("x = sales‸", Rule(answer='["revenue"].sum()'))

    assert text == '["revenue"].sum()'
    assert len(engine.requests) == 1
    assert engine.requests[0].opening is None


def test_complete_cursor_in_a_name_begins_under_the_constraint() -> None:
    """What is typed already decides which names are left, and no second request is needed."""
    text, _, engine = asked('x = sales["rev‸', Rule(ending='sales["revenue"', answer="]"), Rule(answer="olution"))

    assert text == 'enue"]'
    assert len(engine.requests) == 1
    assert (opening := engine.requests[0].opening) is not None
    assert opening.margin < 100


def test_complete_cursor_in_a_name_that_is_new_is_free() -> None:
    """Where no name begins like what is typed, the kernel is behind: nothing is forbidden."""
    text, _, _ = asked('x = sales["to‸', Rule(answer='tal"]'))

    assert text == 'tal"]'


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param("x = sales‸", {"options": replace(OPTIONS, constrained_names=False)}, id="turned off"),
        pytest.param("x = sales‸", {"snapshot": None}, id="no kernel"),
        pytest.param("x = sales‸", {"language": "r"}, id="another language"),
        pytest.param("x = sales‸", {"snapshot": KernelSnapshot(language="r", variables=(SALES,))}, id="another kernel"),
        pytest.param("sales‸", {}, id="may be assigned to"),
    ],
)
def test_complete_without_a_reason_to_forbid_is_free(code: str, changes: dict[str, object]) -> None:
    """The model writes what it likes."""
    text, _, engine = asked(code, Rule(answer='["total_revenue"]'), **changes)  # type: ignore[arg-type]

    assert text == '["total_revenue"]'
    assert len(engine.requests) == 1


def test_complete_line_that_reads_an_unknown_name_is_withheld() -> None:
    """What stands before it is shown, and the engine is stopped."""
    rule = Rule(answer="sales.head()\ny = profits.sum()\nz = 1\nw = 2")

    text, done, _ = asked("x = ‸", rule)

    assert text == "sales.head()"
    assert done.finish == "stop"
    assert done.timings.new_tokens < len(rule.answer)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"options": replace(OPTIONS, unknown_names="allow")}, id="allowed"),
        pytest.param({"snapshot": None}, id="no kernel"),
        pytest.param({"language": "r"}, id="another language"),
        pytest.param({"snapshot": replace(SNAPSHOT, names=("sales", "profits"))}, id="in the kernel"),
    ],
)
def test_complete_line_that_may_be_right_is_shown(changes: dict[str, object]) -> None:
    """Nothing is withheld where it was not asked for, or where nobody can know."""
    text, _, _ = asked("x = ‸", Rule(answer="profits.sum()"), **changes)  # type: ignore[arg-type]

    assert text == "profits.sum()"


@pytest.mark.parametrize("error", [KernelSilent("busy"), OSError("gone")])
def test_complete_survives_a_kernel_that_fails(error: Exception) -> None:
    """Whatever goes wrong there costs the names and nothing else."""
    text, _, _ = asked("x = ‸", Rule(answer="profits.sum()"), snapshot=error)

    assert text == "profits.sum()"


def test_complete_several_names_are_kept_each() -> None:
    """A list of columns is one place after the other."""
    text, _, engine = asked(
        "x = sales‸",
        Rule(ending='[["region"', answer=', "profit"]]'),
        Rule(ending='[["region", "region"', answer="]]"),
        Rule(ending="x = sales", answer='[["area", "profit"]]'),
    )

    assert text == '[["region", "region"]]'
    assert len(engine.requests) == 3
