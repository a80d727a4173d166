"""Models that are closed, given up or taken away."""

import asyncio
from dataclasses import replace

import pytest

from jupyter_starcoder.copilot import LoadedModel
from jupyter_starcoder.errors import BadRequest, ModelNotReady
from jupyter_starcoder.serving import Serving
from jupyter_starcoder.values.model import EngineFacts
from jupyter_starcoder.workshop import Watch
from tests.serving.bench import Bench, ClosableEngine, closed, in_loop, settled, turns


class Mute(ClosableEngine):
    """An engine that never says how it is."""

    async def facts(self) -> EngineFacts:
        """Waits for ever."""
        await asyncio.Event().wait()
        raise AssertionError


class MuteBench(Bench):
    """A workshop whose engine of `small` is one."""

    async def load(self, name: str, watch: Watch) -> LoadedModel:
        """With another engine."""
        loaded = await super().load(name, watch)
        if name != "small":
            return loaded
        self.engines[name] = Mute(model=name)
        return replace(loaded, engine=self.engines[name])

    async def begun(self) -> Serving:
        """What is served once the engine of `small` is started, and before anybody has used it."""
        self.go_on.set()
        serving = self.serving()
        serving.start()
        while not self.engines:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        return serving


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
    bench = MuteBench({"small"})
    serving = await bench.begun()

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
    await turns()
    first.may_close.set()
    await settled(serving)
    await turns()

    assert first.is_closed
    assert bench.engines["large"].is_closed
    assert serving.current().engine is bench.engines["small"]


@in_loop
async def test_load_begins_once_the_engine_that_was_relieved_before_is_gone() -> None:
    """What memory is free is measured without it; the one that answers goes on answering meanwhile."""
    bench = Bench({"small", "large", "third"}, known=("small", "large", "third"))
    serving = await bench.started()
    may_close = bench.engines["small"].may_close = asyncio.Event()
    await serving.load("large")
    await settled(serving)

    await serving.load("third")
    await turns()
    assert bench.loads == ["small", "large"]
    assert serving.current().name == "large"
    assert serving.latest.state == "loading"
    may_close.set()
    await settled(serving)

    assert bench.loads == ["small", "large", "third"]
    assert serving.current().name == "third"
    await serving.close()


@in_loop
async def test_load_begins_once_the_engine_of_one_that_was_given_up_is_gone() -> None:
    """It was started already, though nobody has used it, and holds its memory until its end."""
    bench = MuteBench({"small", "large"})
    serving = await bench.begun()
    may_close = bench.engines["small"].may_close = asyncio.Event()

    await serving.load("large")
    await turns()
    assert bench.loads == ["small"]
    may_close.set()
    await settled(serving)

    assert bench.loads == ["small", "large"]
    assert closed(bench) == {"small"}
    await serving.close()


@in_loop
async def test_model_is_taken_away_once_the_engine_of_it_that_was_relieved_is_gone() -> None:
    """Files that a process has open cannot be removed everywhere."""
    bench = Bench({"small", "large"})
    serving = await bench.started()
    may_close = bench.engines["small"].may_close = asyncio.Event()
    await serving.load("large")
    await settled(serving)
    engines_gone: list[set[str]] = []

    async def take_away() -> None:
        async with serving.without("small", unload=False):
            engines_gone.append(closed(bench))

    taking = asyncio.ensure_future(take_away())
    await turns()
    may_close.set()
    await taking

    assert engines_gone == [{"small"}]
    assert serving.current().name == "large"
    await serving.close()


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
