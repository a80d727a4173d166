"""Another model, or the same one anew, while one answers."""

import asyncio

from jupyter_starcoder.errors import ModelDamaged, ModelNotReady
from jupyter_starcoder.workshop import Watch
from tests.serving.bench import Bench, closed, in_loop, settled, state


@in_loop
async def test_load_of_another_model_serves_the_old_one_until_the_new_one_is_ready() -> None:
    """Nobody is left without completions by a switch, and the old engine is closed after it."""
    bench = Bench({"small", "large"})
    serving = await bench.started()
    bench.go_on.clear()

    await serving.load("large")
    await asyncio.sleep(0)
    assert serving.current().name == "small"
    assert closed(bench) == set()

    bench.go_on.set()
    await settled(serving)
    await asyncio.sleep(0)
    assert serving.current().name == "large"
    assert closed(bench) == {"small"}


@in_loop
async def test_load_back_to_the_model_that_answers_gives_up_the_other() -> None:
    """Changing one's mind costs nothing."""
    bench = Bench({"small", "large"})
    serving = await bench.started()
    bench.go_on.clear()

    await serving.load("large")
    await serving.load("small")

    assert state(serving) == "ready"
    assert serving.latest.model == "small"
    assert bench.loads.count("small") == 1


@in_loop
async def test_loads_close_together_leave_one_model_on_its_way() -> None:
    """While the first is still being given up, two more are asked for: the last one wins, and no other is begun."""

    class SlowToStop(Bench):
        async def prepare(self, name: str, watch: Watch) -> None:
            try:
                await super().prepare(name, watch)
            finally:
                await asyncio.sleep(0.01)  # as a process does that takes its files away

    bench = SlowToStop(set(), known=("first", "second", "third"))
    serving = bench.serving("first")
    await serving.load("first")
    await asyncio.sleep(0)

    await asyncio.gather(serving.load("second"), serving.load("third"))
    bench.go_on.set()
    await settled(serving)

    assert serving.latest.model == "third"
    assert bench.loads == ["third"]
    assert len([task for task in asyncio.all_tasks() if "_bring" in repr(task)]) <= 1


@in_loop
async def test_load_of_the_model_that_answers_fetches_it_again_where_its_folder_is_gone() -> None:
    """An engine that has lost its files cannot be started again: the button that loads it must help."""
    bench = Bench({"small"})
    serving = await bench.started()
    first = bench.engines["small"]
    bench.prepared.clear()

    await serving.load("small")
    await settled(serving)
    await asyncio.sleep(0)

    assert bench.prepared == {"small"}
    assert first.is_closed
    assert serving.current().engine is bench.engines["small"]
    assert bench.engines["small"] is not first


@in_loop
async def test_model_that_was_exported_again_is_loaded_again() -> None:
    """No restart of the server is needed, and the old engine answers until the new one does."""
    bench = Bench({"small"})
    serving = await bench.started()
    first = bench.engines["small"]
    bench.edition = "second"

    status = await serving.status()
    assert (status.state, status.answering) == ("loading", "small")
    await settled(serving)
    await asyncio.sleep(0)

    assert first.is_closed
    assert serving.current().engine is bench.engines["small"]
    assert (await serving.status()).state == "ready"


@in_loop
async def test_preparation_that_somebody_stopped_is_no_failure() -> None:
    """What answered before is ready as before; without one, the model is absent and says why."""

    class Stopped(Bench):
        async def prepare(self, name: str, watch: Watch) -> None:
            raise ModelNotReady("it was paused")

    bench = Stopped({"small"})
    bench.go_on.set()
    serving = bench.serving()
    await serving.load("large")
    await settled(serving)
    assert (state(serving), serving.latest.message) == ("absent", "it was paused")

    await serving.load("small")
    await settled(serving)
    await serving.load("large")
    await settled(serving)

    assert (state(serving), serving.latest.model) == ("ready", "small")


@in_loop
async def test_failure_of_a_switch_says_who_goes_on_answering() -> None:
    """A model that could not be loaded does not look as if nothing worked."""
    bench = Bench({"small", "large"})
    serving = await bench.started()
    bench.failure = ModelDamaged("half there")

    await serving.load("large")
    await settled(serving)
    status = await serving.status()

    assert (status.state, status.model, status.answering) == ("failed", "large", "small")
    assert "small goes on answering" in status.message
