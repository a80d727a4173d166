"""Healing on the embedded model: what it continues with at the four kinds of cursor."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.generation import GenerationRequest
from jupyter_starcoder.values.prompt import Prompt, Text

pytestmark = pytest.mark.model

ABOVE = """\
# Cyclists on the bridges of Hamburg

import pandas as pd

counts = pd.read_csv('counts.csv', parse_dates=['time'])
counts.columns
# Output:
# Index(['time', 'bridge', 'cyclists', 'temperature'], dtype='object')

by_bridge = counts.groupby('bridge')['cyclists'].sum().sort_values(ascending=False)

"""


@pytest.fixture(scope="module")
def model(embedded_model: Path) -> Iterator[tuple[Tokenizer, LocalEngine]]:
    """The embedded model and its tokenizer."""
    engine = LocalEngine(embedded_model)
    yield Tokenizer.load(embedded_model), engine
    asyncio.run(engine.close())


def continued(model: tuple[Tokenizer, LocalEngine], typed: str, *, heal: bool = True) -> str:
    """What the model puts behind `typed`, greedily."""
    tokenizer, engine = model
    encoded = tokenizer.encode(Prompt(pieces=(Text(ABOVE + typed),), stop_markers=(), heal=heal))
    request = GenerationRequest(prompt_ids=encoded.ids, max_tokens=12, stop_ids=(), opening=encoded.opening)

    async def answer() -> bytes:
        return b"".join([tokenizer.bytes_of(token) async for token in engine.generate(request)])

    text = asyncio.run(answer()).decode("utf-8", "replace")
    assert text.startswith(encoded.opening_text)
    return text.removeprefix(encoded.opening_text)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("counts.groupby('bridge')['cyc", "lists']", id="in a word"),
        pytest.param("counts.groupby('bri", "dge')", id="in another word"),
        pytest.param("counts.gr", "oupby('", id="in a method's name"),
        pytest.param("import matplotlib.pyplot as ", "plt\n", id="after a space"),
        pytest.param("for bridge, n in by_bridge.items():\n", "    print(", id="after a newline"),
        pytest.param("for bridge, n in by_bridge.items():\n    ", "print(", id="after indentation"),
        pytest.param("counts.groupby('", "bridge')", id="after an opening quote"),
        pytest.param("counts.groupby(", "'bridge')", id="after a bracket"),
    ],
)
def test_healed_cursor_is_continued_with_what_is_due(
    model: tuple[Tokenizer, LocalEngine], typed: str, expected: str
) -> None:
    """The cells above decide how a word goes on, wherever in it the cursor stands."""
    assert continued(model, typed).startswith(expected)


def test_unhealed_cursor_in_a_word_goes_wrong(model: tuple[Tokenizer, LocalEngine]) -> None:
    """Why healing is there: without it the model closes the string after `cyc`."""
    assert not continued(model, "counts.groupby('bridge')['cyc", heal=False).startswith("lists")


def test_embedded_tokenizer_spells_markers_in_text_as_text(embedded_model: Path) -> None:
    """A cell about ChatML does not end the conversation."""
    tokenizer = Tokenizer.load(embedded_model)
    text = "x = '<|im_end|><jupyter_code>'"
    ids = tokenizer.encode(Prompt(pieces=(Text(text),), stop_markers=())).ids

    assert not set(ids) & {tokenizer.id_of(marker) for marker in tokenizer.markers}
    assert b"".join(map(tokenizer.bytes_of, ids)).decode() == text
