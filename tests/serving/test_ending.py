"""Models that are closed, given up or taken away."""

import asyncio
from dataclasses import replace

import pytest

from jupyter_starcoder.copilot import LoadedModel
from jupyter_starcoder.errors import BadRequest, ModelNotReady
from jupyter_starcoder.values.model import EngineFacts
from jupyter_starcoder.workshop import Watch
from tests.serving.bench import Bench, ClosableEngine, closed, in_loop, settled, turns


@in_loop
async def test_close_ends_the_engine_and_what_is_on_its_way() -> None:
    """Nothing is left running, and nothing begins afterwards."""
    bench = Bench({"small", "large"})
    serving = await bench.started()
    bench.go_on.clear()
    await serving.load("large")

    await serving.close()

    assert bench.engines["small"].is_closed
    with pytest.raises(ModelNotReady):
        serving.current()
    assert not [task for task in asyncio.all_tasks() if "_bring" in repr(task)]


@in_loop
async def test_load_that_is_given_up_just_after_its_start_closes_its_engine() -> None:
    """An engine that nobody uses yet is not forgotten."""

    class NeverSays(ClosableEngine):
        async def facts(self) -> EngineFacts:
            await asyncio.Event().wait()
            raise AssertionError

    class Bad(Bench):
        async def load(self, name: str, watch: Watch) -> LoadedModel:
            loaded = await super().load(name, watch)
            self.engines[name] = NeverSays(model=name)
            return replace(loaded, engine=self.engines[name])

    bench = Bad({"small"})
    bench.go_on.set()
    serving = bench.serving()
    serving.start()
    while not bench.engines:
        await asyncio.sleep(0)
    await asyncio.sleep(0)

    await serving.close()

    assert closed(bench) == {"small"}


@in_loop
async def test_model_that_is_being_taken_away_is_not_loaded_again() -> None:
    """Neither while its engine ends nor while its files go, however many ask meanwhile."""
    bench = Bench({"small"})
    serving = await bench.started()
    bench.engines["small"].may_close = asyncio.Event()

    async def take_away() -> None:
        async with serving.without("small", unload=True):
            await ask()
            bench.prepared.discard("small")

    async def ask() -> None:
        for _ in range(5):
            await asyncio.sleep(0)
            await serving.status()
            with pytest.raises(ModelNotReady):
                serving.current()

    taking = asyncio.ensure_future(take_away())
    await ask()
    assert not taking.done()
    bench.engines["small"].may_close.set()
    await taking

    assert bench.loads == ["small"]
    assert "jupyter starcoder models get small" in (await serving.status()).message


@in_loop
async def test_model_that_answers_is_taken_away_only_where_that_is_meant() -> None:
    """It goes on answering; and one that is on its way goes on, too."""
    bench = Bench({"small"})
    serving = bench.serving()
    serving.start()

    for _ in range(2):
        with pytest.raises(BadRequest, match="small is the model that answers"):
            async with serving.without("small", unload=False):
                raise AssertionError("it is taken away")
        bench.go_on.set()
        await settled(serving)

    assert serving.current().name == "small"
    await serving.close()


@in_loop
async def test_engine_that_is_still_being_closed_ends_whatever_is_chosen_meanwhile() -> None:
    """A switch that follows at once gives up the one before, and not the end of the engine that this one relieved."""
    bench = Bench({"small", "large"})
    serving = await bench.started()
    first = bench.engines["small"]
    first.may_close = asyncio.Event()
    await serving.load("large")
    await settled(serving)
    await turns()

    await serving.load("small")
    await settled(serving)
    first.may_close.set()
    await turns()

    assert first.is_closed
    assert bench.engines["large"].is_closed
    assert serving.current().engine is bench.engines["small"]


@in_loop
async def test_close_waits_for_an_engine_that_was_relieved_before() -> None:
    """No process of ours outlives the server."""
    bench = Bench({"small", "large"})
    serving = await bench.started()
    bench.engines["small"].may_close = asyncio.Event()
    await serving.load("large")
    await settled(serving)
    await turns()

    closing = asyncio.ensure_future(serving.close())
    await turns()
    assert not closing.done()
    bench.engines["small"].may_close.set()
    await closing

    assert closed(bench) == {"small", "large"}
