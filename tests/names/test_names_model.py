"""Names that exist, on the embedded model."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_starcoder.context.source import Found
from jupyter_starcoder.copilot import Copilot, LoadedModel, Options
from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.answer import TextPiece
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Place
from kernels_ctx.snapshot import Column, KernelSnapshot, Members, Variable

pytestmark = pytest.mark.model

OPTIONS = Options(max_tokens=16, prompt_tokens=512)
ABOVE = "import pandas as pd\n\nsales = pd.read_csv('sales.csv')\ncounts = pd.read_csv('counts.csv')"


def frame(name: str, *keys: str) -> Variable:
    """A frame with these columns."""
    columns = tuple(Column(name=repr(key), dtype="float64", key=key) for key in keys)
    return Variable(name=name, type_name="DataFrame", library="pandas", columns=columns, column_count=len(keys))


SNAPSHOT = KernelSnapshot(
    language="python",
    variables=(frame("counts", "time", "bridge", "cyclists"), frame("sales", "region", "revenue", "units")),
    members=(Members(type_name="DataFrame", library="pandas", names=("groupby", "head", "isnull", "loc", "to_csv")),),
)


@pytest.fixture(scope="module")
def model(embedded_model: Path) -> Iterator[LoadedModel]:
    """The embedded model in this process."""
    tokenizer, engine = Tokenizer.load(embedded_model), LocalEngine(embedded_model)
    family = choose_family(tokenizer.markers)
    yield LoadedModel(name="embedded", window_tokens=2048, tokenizer=tokenizer, family=family, engine=engine)
    asyncio.run(engine.close())


def suggested(model: LoadedModel, code: str, options: Options = OPTIONS) -> str:
    """What is suggested at the end of a cell. The kernel is no part of the prompt: the model can only guess."""

    class Names:
        name = "names"

        async def find(self, place: Place, deadline_s: float) -> Found:
            return Found(snapshot=SNAPSHOT)

    async def collect() -> str:
        notebook = Notebook(cells=(Cell(kind="code", source=ABOVE), Cell(kind="code", source=code)))
        pilot = Copilot(lambda: model, [Names()])
        events = [event async for event in pilot.complete(notebook, Cursor(cell=1, offset=len(code)), options)]
        return "".join(event.text for event in events if isinstance(event, TextPiece))

    return asyncio.run(collect())


@pytest.mark.parametrize(
    ("code", "invented", "held"),
    [
        pytest.param("counts.groupby('bridge')['cyc", "le_id']", "lists']", id="in a key"),
        pytest.param("# total revenue\nx = sales[", "'total_revenue']", "'revenue']", id="after a bracket"),
        pytest.param("# total revenue\nx = sales", ".groupby('Sales_id')", ".groupby('re", id="within the answer"),
        pytest.param("print(sales.", "describe_stats()", "to_csv(", id="behind a dot"),
    ],
)
def test_invented_name_becomes_one_that_exists(model: LoadedModel, code: str, invented: str, held: str) -> None:
    """The kernel knows better than the model, at the cursor and within an answer."""
    free = suggested(model, code, replace(OPTIONS, constrained_names=False))

    assert free.startswith(invented)
    assert suggested(model, code).startswith(held)


def test_sampled_answer_is_the_same_for_the_same_seed(model: LoadedModel) -> None:
    """A refusal on the way changes nothing about that."""
    options = replace(OPTIONS, sampling=replace(OPTIONS.sampling, temperature=0.8, seed=7))
    code = "# total revenue\nx = sales"

    assert suggested(model, code, options) == suggested(model, code, options)
