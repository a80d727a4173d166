"""What goes wrong with a model, and what is said of it."""

import asyncio
import logging

import pytest

from jupyter_starcoder.errors import ModelDamaged, ModelNotReady
from tests.serving.bench import Bench, ThoughtfulBench, in_loop, settled, state


@in_loop
async def test_failure_while_loading_is_told_and_not_tried_again_at_once() -> None:
    """A damaged model does not cost a load with every keystroke; asking for it again does load it."""
    bench = Bench({"small"}, failure=ModelDamaged("the folder is half there"))
    serving = await bench.started()

    with pytest.raises(ModelNotReady, match="half there"):
        serving.current()
    assert (await serving.status()).state == "failed"
    assert bench.loads == ["small"]

    bench.failure = None
    await serving.load("small")
    await settled(serving)
    assert serving.current().name == "small"


@in_loop
async def test_failure_of_another_kind_does_not_leave_the_state_loading() -> None:
    """What nobody foresaw is a failure too."""
    bench = Bench({"small"}, failure=ZeroDivisionError("oops"))
    serving = await bench.started()

    assert state(serving) == "failed"
    assert "ZeroDivisionError" in serving.latest.message


@in_loop
async def test_status_of_an_engine_that_is_down_keeps_its_device() -> None:
    """A process that died a moment ago is started again by the next request: nothing flickers."""
    bench = Bench({"small"})
    serving = await bench.started()

    bench.engines["small"].is_down = True

    assert (await serving.status()).device == "CPU"


@in_loop
async def test_engine_that_keeps_not_starting_is_a_failure_until_it_starts() -> None:
    """Nobody is told that a model is ready which cannot answer; loading it again begins with a new engine."""
    bench = Bench({"small"})
    serving = await bench.started()
    engine = bench.engines["small"]

    engine.is_down, engine.fault = True, "no memory is left"
    status = await serving.status()
    assert (status.state, status.message, status.answering) == ("failed", "no memory is left", "")
    engine.is_down = False
    assert (await serving.status()).state == "ready"

    engine.is_down = True
    await serving.load("small")
    await settled(serving)
    assert engine.is_closed
    assert bench.engines["small"] is not engine
    assert (await serving.status()).state == "ready"


@in_loop
async def test_status_of_a_dead_engine_whose_folder_is_gone_is_absent() -> None:
    """Nothing is called ready that the next request could not be answered by."""
    bench = Bench({"small"})
    serving = await bench.started()
    bench.prepared.clear()
    assert (await serving.status()).state == "ready"

    bench.engines["small"].is_down = True
    status = await serving.status()

    assert (status.state, status.answering) == ("absent", "")
    assert "jupyter starcoder models get small" in status.message


@in_loop
async def test_failure_tells_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """What a library quotes of a header comes neither into the log nor before people's eyes."""
    bench = Bench({"small"}, failure=ValueError("403 for {'Authorization': 'Bearer abc123'}"))
    with caplog.at_level(logging.WARNING):
        serving = await bench.started()

    assert "Bearer …" in serving.latest.message
    assert "abc123" not in serving.latest.message
    assert "403" in caplog.text
    assert "abc123" not in caplog.text


@in_loop
async def test_status_whose_engine_has_ended_meanwhile_leaves_a_new_load_alone() -> None:
    """A poll never gives up the model that somebody has just chosen."""
    bench = ThoughtfulBench({"small", "large"})
    serving, engine, asked = await bench.asked()
    assert engine.may_say is not None
    bench.prepared.discard("small")
    engine.is_down = True

    chosen = asyncio.ensure_future(serving.load("large"))  # it asks the engine as well, and holds the lock
    for _ in range(20):
        await asyncio.sleep(0)
    engine.may_say.set()
    await chosen

    await asked
    assert (state(serving), serving.latest.model) == ("loading", "large")
    bench.go_on.set()
    await settled(serving)
    assert serving.current().name == "large"


@in_loop
async def test_status_never_tells_the_fault_of_the_engine_before() -> None:
    """The model that is on its way is not said to have failed because the old one had."""
    bench = ThoughtfulBench({"small", "large"})
    serving, engine, asked = await bench.asked()
    assert engine.may_say is not None
    may_say, engine.may_say = engine.may_say, None  # whoever asks after the poll hears at once
    engine.is_down, engine.fault = True, "it keeps dying"

    await serving.load("large")
    may_say.set()
    status = await asked

    assert "it keeps dying" not in status.message
    assert (status.state, status.model) == ("loading", "large")
    await serving.close()
