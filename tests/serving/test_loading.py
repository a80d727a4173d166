"""The first model of a server: from nothing to one that answers."""

import asyncio
from pathlib import Path

import pytest

from jupyter_starcoder.errors import ModelNotReady, UnknownModel
from jupyter_starcoder.values.model import Progress
from tests.serving.bench import Bench, in_loop, settled, state

FRONT_END = Path(__file__).parents[2] / "labextension" / "src"


@in_loop
async def test_start_of_a_prepared_model_loads_it_without_waiting() -> None:
    """Starting returns at once; the model is there when it has been loaded."""
    bench = Bench({"small"})
    serving = bench.serving()

    serving.start()
    assert state(serving) == "loading"

    bench.go_on.set()
    await settled(serving)
    assert state(serving) == "ready"
    assert serving.current().name == "small"
    assert (await serving.status()).device == "CPU"


@in_loop
async def test_current_before_the_model_is_there_starts_it_and_says_so() -> None:
    """The first request begins to load a prepared model, once, and hears that it has to come again."""
    bench = Bench({"small"})
    serving = bench.serving()

    for _ in range(3):
        with pytest.raises(ModelNotReady, match="small is being loaded"):
            serving.current()
        await asyncio.sleep(0)

    assert bench.loads == ["small"]
    await serving.close()


@in_loop
async def test_current_without_a_prepared_model_says_what_to_do() -> None:
    """A model that is not in the store is never fetched unasked."""
    serving = Bench(set()).serving()

    serving.start()

    assert (await serving.status()).state == "absent"
    with pytest.raises(ModelNotReady, match="jupyter starcoder models get small"):
        serving.current()


@in_loop
async def test_status_of_a_model_that_was_prepared_elsewhere_begins_to_load_it() -> None:
    """A person who follows the advice in a terminal need not come back to the front end and ask."""
    bench = Bench(set())
    serving = bench.serving()
    serving.start()
    assert (await serving.status()).state == "absent"

    bench.prepared.add("small")

    assert (await serving.status()).state == "loading"
    await serving.close()


@in_loop
async def test_load_of_an_unprepared_model_shows_progress_and_then_serves_it() -> None:
    """Preparing comes first, and how far it is can be asked."""
    bench = Bench(set())
    serving = bench.serving()

    await serving.load("large")
    await asyncio.sleep(0)
    assert state(serving) == "preparing"
    assert serving.latest.progress == Progress(step="downloading", done=1, total=2)
    with pytest.raises(ModelNotReady, match="downloading, 50 %"):
        serving.current()

    bench.go_on.set()
    await settled(serving)
    assert serving.current().name == "large"


@in_loop
async def test_absent_model_says_what_can_really_be_done() -> None:
    """Wherever it is read, by a button's name, a command's that every page has, and a terminal's."""
    status = await Bench(set()).serving().status()

    assert status.message == (
        "small is not on this machine: press “Get the model”, open “StarCoder models” in the command palette, or run "
        "`jupyter starcoder models get small` in a terminal"
    )


@pytest.mark.parametrize("words", ["Get the model", "StarCoder models"])
def test_words_that_say_what_to_do_without_a_model_are_in_the_page(words: str) -> None:
    """Button and command have these names there."""
    sources = (path.read_text(encoding="utf-8") for path in FRONT_END.rglob("*.ts"))

    assert any(f"trans.__('{words}')" in source for source in sources)


@in_loop
async def test_load_of_an_unknown_model_is_refused() -> None:
    """Only names of the catalogue and the store go further."""
    with pytest.raises(UnknownModel, match="nonsense"):
        await Bench(set()).serving().load("nonsense")
