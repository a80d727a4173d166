"""A workshop whose work takes until a test says so, and what is served out of it."""

import asyncio
import functools
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import ParamSpec, cast

from jupyter_starcoder.copilot import LoadedModel
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.serving import Serving
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.values.model import EngineFacts, Progress, ServingStatus
from jupyter_starcoder.values.stock import KnownModel, Machine
from jupyter_starcoder.workshop import Watch, Workshop

Args = ParamSpec("Args")


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

    def serving(self, model: str = "small") -> Serving:
        """What is served out of it, before anything is loaded."""
        return Serving(model, self.workshop())

    async def started(self) -> Serving:
        """The same once the first model is loaded, or has failed, and the next may be without a wait."""
        self.go_on.set()
        serving = self.serving()
        serving.start()
        await settled(serving)
        return serving

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


def in_loop(test: Callable[Args, Coroutine[None, None, None]]) -> Callable[Args, None]:
    """Runs a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: Args.args, **fixtures: Args.kwargs) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **fixtures), 10))

    return run


def state(serving: Serving) -> str:
    """Its state now."""
    return serving.latest.state


def closed(bench: Bench) -> set[str]:
    """The models whose engines were closed."""
    return {name for name, engine in bench.engines.items() if engine.is_closed}


async def turns() -> None:
    """Lets tasks run until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def settled(serving: Serving) -> None:
    """Waits for the background task."""
    while serving.latest.state in {"preparing", "loading"}:
        await asyncio.sleep(0)


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

    async def asked(self) -> tuple[Serving, Thoughtful, "asyncio.Task[ServingStatus]"]:
        """What is served, the engine of `small`, and a poll that waits for its word."""
        serving = await self.started()
        self.go_on.clear()
        engine = self.thoughtful["small"]
        engine.may_say = asyncio.Event()
        asked = asyncio.ensure_future(serving.status())
        while not engine.is_asked:
            await asyncio.sleep(0)
        return serving, engine, asked
