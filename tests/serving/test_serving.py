"""Which model is served, and how it gets there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from jupyter_starcoder.copilot import LoadedModel
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.errors import BadRequest, ModelDamaged, ModelNotReady, UnknownModel
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.serving import Serving, Watch, Workshop
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.values.model import EngineFacts, Progress, ServingStatus
from jupyter_starcoder.values.stock import KnownModel, Machine


class ClosableEngine(FakeEngine):
    """A fake engine that remembers that it was closed."""

    is_closed = False
    is_down = False
    may_close: asyncio.Event | None = None
    fault = ""

    async def facts(self) -> EngineFacts:
        """Says nothing of its device while its process is down."""
        facts = await super().facts()
        return replace(facts, device="", is_loaded=False, fault=self.fault) if self.is_down else facts

    async def close(self) -> None:
        """Remembers it."""
        if self.may_close is not None:
            await self.may_close.wait()
        self.is_closed = True


@dataclass
class Bench:
    """A workshop whose work takes until the test says so."""

    prepared: set[str]
    known: Iterable[str] = ("small", "large")
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    failure: Exception | None = None
    edition: str = "first"
    engines: dict[str, ClosableEngine] = field(default_factory=dict)
    loads: list[str] = field(default_factory=list)

    def workshop(self) -> Workshop:
        """As serving sees it."""
        return Workshop(
            models=self.models,
            machine=lambda: Machine(kind="cpu", name="", cores=1, memory_bytes=0, free_bytes=0),
            is_prepared=self.is_prepared,
            edition=lambda name: self.edition if name in self.prepared else "",
            prepare=self.prepare,
            discard=self.prepared.discard,
            remove=self.prepared.discard,
            load=self.load,
        )

    def models(self) -> tuple[KnownModel, ...]:
        """What there is."""
        return tuple(
            KnownModel(
                name=name,
                title=name,
                licence="",
                precision="int8",
                download_bytes=0,
                is_prepared=name in self.prepared,
            )
            for name in self.known
        )

    def is_prepared(self, name: str) -> bool:
        """Whether it is in the store."""
        return name in self.prepared

    async def prepare(self, name: str, watch: Watch) -> None:
        """Stands at one half until it may go on."""
        watch(Progress(step="downloading", done=1, total=2))
        await self.go_on.wait()
        self.prepared.add(name)

    async def load(self, name: str, watch: Watch) -> LoadedModel:
        """Waits until it may go on."""
        self.loads.append(name)
        await self.go_on.wait()
        if self.failure:
            raise self.failure
        self.engines[name] = ClosableEngine(model=name)
        return LoadedModel(
            name=name,
            window_tokens=100,
            tokenizer=byte_tokenizer(()),
            family=cast("PromptFamily", None),
            engine=self.engines[name],
        )


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Runs a test's story in an event loop of its own."""

    async def main() -> None:
        await asyncio.wait_for(story(), 10)

    asyncio.run(main())


def state(serving: Serving) -> str:
    """Its state now."""
    return serving.latest.state


def closed(bench: Bench) -> set[str]:
    """The models whose engines were closed."""
    return {name for name, engine in bench.engines.items() if engine.is_closed}


async def settled(serving: Serving) -> None:
    """Waits for the background task."""
    while serving.latest.state in {"preparing", "loading"}:
        await asyncio.sleep(0)


def test_start_of_a_prepared_model_loads_it_without_waiting() -> None:
    """Starting returns at once; the model is there when it has been loaded."""

    async def story() -> None:
        bench = Bench({"small"})
        serving = Serving("small", bench.workshop())

        serving.start()
        assert state(serving) == "loading"

        bench.go_on.set()
        await settled(serving)
        assert state(serving) == "ready"
        assert serving.current().name == "small"
        assert (await serving.status()).device == "CPU"

    run(story)


def test_current_before_the_model_is_there_starts_it_and_says_so() -> None:
    """The first request begins to load a prepared model, once, and hears that it has to come again."""

    async def story() -> None:
        bench = Bench({"small"})
        serving = Serving("small", bench.workshop())

        for _ in range(3):
            with pytest.raises(ModelNotReady, match="small is being loaded"):
                serving.current()
            await asyncio.sleep(0)

        assert bench.loads == ["small"]
        await serving.close()

    run(story)


def test_current_without_a_prepared_model_says_what_to_do() -> None:
    """A model that is not in the store is never fetched unasked."""

    async def story() -> None:
        serving = Serving("small", Bench(set()).workshop())

        serving.start()

        assert (await serving.status()).state == "absent"
        with pytest.raises(ModelNotReady, match="jupyter starcoder models get small"):
            serving.current()

    run(story)


def test_status_of_a_model_that_was_prepared_elsewhere_begins_to_load_it() -> None:
    """A person who follows the advice in a terminal need not come back to the front end and ask."""

    async def story() -> None:
        bench = Bench(set())
        serving = Serving("small", bench.workshop())
        serving.start()
        assert (await serving.status()).state == "absent"

        bench.prepared.add("small")

        assert (await serving.status()).state == "loading"
        await serving.close()

    run(story)


def test_load_of_an_unprepared_model_shows_progress_and_then_serves_it() -> None:
    """Preparing comes first, and how far it is can be asked."""

    async def story() -> None:
        bench = Bench(set())
        serving = Serving("small", bench.workshop())

        await serving.load("large")
        await asyncio.sleep(0)
        assert state(serving) == "preparing"
        assert serving.latest.progress == Progress(step="downloading", done=1, total=2)
        with pytest.raises(ModelNotReady, match="downloading, 50 %"):
            serving.current()

        bench.go_on.set()
        await settled(serving)
        assert serving.current().name == "large"

    run(story)


def test_load_of_another_model_serves_the_old_one_until_the_new_one_is_ready() -> None:
    """Nobody is left without completions by a switch, and the old engine is closed after it."""

    async def story() -> None:
        bench = Bench({"small", "large"})
        serving = Serving("small", bench.workshop())
        bench.go_on.set()
        serving.start()
        await settled(serving)
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

    run(story)


def test_load_back_to_the_model_that_answers_gives_up_the_other() -> None:
    """Changing one's mind costs nothing."""

    async def story() -> None:
        bench = Bench({"small", "large"})
        serving = Serving("small", bench.workshop())
        bench.go_on.set()
        serving.start()
        await settled(serving)
        bench.go_on.clear()

        await serving.load("large")
        await serving.load("small")

        assert state(serving) == "ready"
        assert serving.latest.model == "small"
        assert bench.loads.count("small") == 1

    run(story)


def test_loads_close_together_leave_one_model_on_its_way() -> None:
    """While the first is still being given up, two more are asked for: the last one wins, and no other is begun."""

    class SlowToStop(Bench):
        async def prepare(self, name: str, watch: Watch) -> None:
            try:
                await super().prepare(name, watch)
            finally:
                await asyncio.sleep(0.01)  # as a process does that takes its files away

    async def story() -> None:
        bench = SlowToStop(set(), known=("first", "second", "third"))
        serving = Serving("first", bench.workshop())
        await serving.load("first")
        await asyncio.sleep(0)

        await asyncio.gather(serving.load("second"), serving.load("third"))
        bench.go_on.set()
        await settled(serving)

        assert serving.latest.model == "third"
        assert bench.loads == ["third"]
        assert len([task for task in asyncio.all_tasks() if "_bring" in repr(task)]) <= 1

    run(story)


def test_load_of_the_model_that_answers_fetches_it_again_where_its_folder_is_gone() -> None:
    """An engine that has lost its files cannot be started again: the button that loads it must help."""

    async def story() -> None:
        bench = Bench({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)
        first = bench.engines["small"]
        bench.prepared.clear()

        await serving.load("small")
        await settled(serving)
        await asyncio.sleep(0)

        assert bench.prepared == {"small"}
        assert first.is_closed
        assert serving.current().engine is bench.engines["small"]
        assert bench.engines["small"] is not first

    run(story)


def test_load_that_is_given_up_just_after_its_start_closes_its_engine() -> None:
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

    async def story() -> None:
        bench = Bad({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        while not bench.engines:
            await asyncio.sleep(0)
        await asyncio.sleep(0)

        await serving.close()

        assert closed(bench) == {"small"}

    run(story)


def test_absent_model_says_what_can_really_be_done() -> None:
    """The message names the front end's own item and the command."""

    async def story() -> None:
        status = await Serving("small", Bench(set()).workshop()).status()

        assert "StarCoder's item in the status bar" in status.message
        assert "`jupyter starcoder models get small`" in status.message

    run(story)


def test_load_of_an_unknown_model_is_refused() -> None:
    """Only names of the catalogue and the store go further."""

    async def story() -> None:
        with pytest.raises(UnknownModel, match="nonsense"):
            await Serving("small", Bench(set()).workshop()).load("nonsense")

    run(story)


def test_failure_while_loading_is_told_and_not_tried_again_at_once() -> None:
    """A damaged model does not cost a load with every keystroke; asking for it again does load it."""

    async def story() -> None:
        bench = Bench({"small"}, failure=ModelDamaged("the folder is half there"))
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)

        with pytest.raises(ModelNotReady, match="half there"):
            serving.current()
        assert (await serving.status()).state == "failed"
        assert bench.loads == ["small"]

        bench.failure = None
        await serving.load("small")
        await settled(serving)
        assert serving.current().name == "small"

    run(story)


def test_failure_of_another_kind_does_not_leave_the_state_loading() -> None:
    """What nobody foresaw is a failure too."""

    async def story() -> None:
        bench = Bench({"small"}, failure=ZeroDivisionError("oops"))
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)

        assert state(serving) == "failed"
        assert "ZeroDivisionError" in serving.latest.message

    run(story)


def test_status_of_an_engine_that_is_down_keeps_its_device() -> None:
    """A process that died a moment ago is started again by the next request: nothing flickers."""

    async def story() -> None:
        bench = Bench({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)

        bench.engines["small"].is_down = True

        assert (await serving.status()).device == "CPU"

    run(story)


def test_engine_that_keeps_not_starting_is_a_failure_until_it_starts() -> None:
    """Nobody is told that a model is ready which cannot answer; loading it again begins with a new engine."""

    async def story() -> None:
        bench = Bench({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)
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

    run(story)


def test_close_ends_the_engine_and_what_is_on_its_way() -> None:
    """Nothing is left running, and nothing begins afterwards."""

    async def story() -> None:
        bench = Bench({"small", "large"})
        serving = Serving("small", bench.workshop())
        bench.go_on.set()
        serving.start()
        await settled(serving)
        bench.go_on.clear()
        await serving.load("large")

        await serving.close()

        assert bench.engines["small"].is_closed
        with pytest.raises(ModelNotReady):
            serving.current()
        assert not [task for task in asyncio.all_tasks() if "_bring" in repr(task)]

    run(story)


def test_model_that_is_being_taken_away_is_not_loaded_again() -> None:
    """Neither while its engine ends nor while its files go, however many ask meanwhile."""

    async def story() -> None:
        bench = Bench({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)
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

    run(story)


def test_model_that_answers_is_taken_away_only_where_that_is_meant() -> None:
    """It goes on answering; and one that is on its way goes on, too."""

    async def story() -> None:
        bench = Bench({"small"})
        serving = Serving("small", bench.workshop())
        serving.start()

        for _ in range(2):
            with pytest.raises(BadRequest, match="small is the model that answers"):
                async with serving.without("small", unload=False):
                    raise AssertionError("it is taken away")
            bench.go_on.set()
            await settled(serving)

        assert serving.current().name == "small"
        await serving.close()

    run(story)


def test_status_of_a_dead_engine_whose_folder_is_gone_is_absent() -> None:
    """Nothing is called ready that the next request could not be answered by."""

    async def story() -> None:
        bench = Bench({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)
        bench.prepared.clear()
        assert (await serving.status()).state == "ready"

        bench.engines["small"].is_down = True
        status = await serving.status()

        assert (status.state, status.answering) == ("absent", "")
        assert "jupyter starcoder models get small" in status.message

    run(story)


def test_model_that_was_exported_again_is_loaded_again() -> None:
    """No restart of the server is needed, and the old engine answers until the new one does."""

    async def story() -> None:
        bench = Bench({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)
        first = bench.engines["small"]
        bench.edition = "second"

        status = await serving.status()
        assert (status.state, status.answering) == ("loading", "small")
        await settled(serving)
        await asyncio.sleep(0)

        assert first.is_closed
        assert serving.current().engine is bench.engines["small"]
        assert (await serving.status()).state == "ready"

    run(story)


def test_failure_of_a_switch_says_who_goes_on_answering() -> None:
    """A model that could not be loaded does not look as if nothing worked."""

    async def story() -> None:
        bench = Bench({"small", "large"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)
        bench.failure = ModelDamaged("half there")

        await serving.load("large")
        await settled(serving)
        status = await serving.status()

        assert (status.state, status.model, status.answering) == ("failed", "large", "small")
        assert "small goes on answering" in status.message

    run(story)


def test_preparation_that_somebody_stopped_is_no_failure() -> None:
    """What answered before is ready as before; without one, the model is absent and says why."""

    class Stopped(Bench):
        async def prepare(self, name: str, watch: Watch) -> None:
            raise ModelNotReady("it was paused")

    async def story() -> None:
        bench = Stopped({"small"})
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        await serving.load("large")
        await settled(serving)
        assert (state(serving), serving.latest.message) == ("absent", "it was paused")

        await serving.load("small")
        await settled(serving)
        await serving.load("large")
        await settled(serving)

        assert (state(serving), serving.latest.model) == ("ready", "small")

    run(story)


class Thoughtful(ClosableEngine):
    """An engine that says how it is when the test lets it."""

    may_say: asyncio.Event | None = None
    is_asked = False

    async def facts(self) -> EngineFacts:
        """Waits until it may, each time."""
        if self.may_say is not None:
            self.is_asked = True
            await self.may_say.wait()
        return await super().facts()


@dataclass
class ThoughtfulBench(Bench):
    """A workshop of such engines."""

    thoughtful: dict[str, Thoughtful] = field(default_factory=dict)

    async def load(self, name: str, watch: Watch) -> LoadedModel:
        """With another engine."""
        loaded = await super().load(name, watch)
        self.engines[name] = self.thoughtful[name] = Thoughtful(model=name)
        return replace(loaded, engine=self.engines[name])

    async def asked_while_ready(self, serving: Serving) -> tuple[Thoughtful, "asyncio.Task[ServingStatus]"]:
        """The engine of `small`, and a poll that waits for its word."""
        self.go_on.set()
        serving.start()
        await settled(serving)
        self.go_on.clear()
        engine = self.thoughtful["small"]
        engine.may_say = asyncio.Event()
        asked = asyncio.ensure_future(serving.status())
        while not engine.is_asked:
            await asyncio.sleep(0)
        return engine, asked


def test_status_whose_engine_has_ended_meanwhile_leaves_a_new_load_alone() -> None:
    """A poll never gives up the model that somebody has just chosen."""

    async def story() -> None:
        bench = ThoughtfulBench({"small", "large"})
        serving = Serving("small", bench.workshop())
        engine, asked = await bench.asked_while_ready(serving)
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

    run(story)


def test_status_never_tells_the_fault_of_the_engine_before() -> None:
    """The model that is on its way is not said to have failed because the old one had."""

    async def story() -> None:
        bench = ThoughtfulBench({"small", "large"})
        serving = Serving("small", bench.workshop())
        engine, asked = await bench.asked_while_ready(serving)
        assert engine.may_say is not None
        may_say, engine.may_say = engine.may_say, None  # whoever asks after the poll hears at once
        engine.is_down, engine.fault = True, "it keeps dying"

        await serving.load("large")
        may_say.set()
        status = await asked

        assert "it keeps dying" not in status.message
        assert (status.state, status.model) == ("loading", "large")
        await serving.close()

    run(story)


def test_failure_tells_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """What a library quotes of a header comes neither into the log nor before people's eyes."""

    async def story() -> None:
        bench = Bench({"small"}, failure=ValueError("403 for {'Authorization': 'Bearer abc123'}"))
        bench.go_on.set()
        serving = Serving("small", bench.workshop())
        serving.start()
        await settled(serving)

        assert "Bearer …" in serving.latest.message
        assert "abc123" not in serving.latest.message

    with caplog.at_level(logging.WARNING):
        run(story)
    assert "403" in caplog.text
    assert "abc123" not in caplog.text
