"""Which model is served, and how it gets there.

absent → preparing → loading → ready | failed

Nobody waits here: a model is prepared and loaded in the background, `latest` says how far it is, and `current` gives
it as soon as it can answer. While another model is on its way, the one that is there goes on answering.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_starcoder.errors import BadRequest, ModelNotReady, StarcoderError, UnknownModel
from jupyter_starcoder.values.model import Progress, ServingState, ServingStatus
from jupyter_starcoder.values.secrets import without_secrets
from jupyter_starcoder.values.stock import KnownModel
from jupyter_starcoder.workshop import Workshop

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import LoadedModel

log = logging.getLogger(__name__)

FACTS_DEADLINE_S = 1.0  # for the engine to say how busy it is
RETRY_S = 30.0  # after a failure, a request tries again no sooner than this


class Serving:
    """The model that is served, and the task that brings the next one."""

    def __init__(self, model: str, workshop: Workshop) -> None:
        """Serves nothing yet: `start`, or the first `current`, begins to load `model`."""
        self._workshop = workshop
        self._latest = ServingStatus(state="absent", model=model)
        self._loaded: LoadedModel | None = None
        self._edition = ""  # of what is loaded, or was last tried to be
        self._device = ""
        self._task: asyncio.Task[None] | None = None
        self._endings: set[asyncio.Task[None]] = set()  # of engines that were let go, which nobody gives up
        self._failed_at_s = 0.0
        self._is_closed = False
        self._changing = asyncio.Lock()  # giving up what is on its way takes a while: two loads must not both begin

    @property
    def latest(self) -> ServingStatus:
        """The state without asking the engine how busy it is."""
        return self._latest

    async def status(self) -> ServingStatus:
        """The state, with the engine's own word on how busy it is."""
        if self._latest.state == "absent":
            self._look_again()
        elif self._latest.state == "ready":
            self._notice_edition()
        loaded = self._loaded
        if loaded is None or self._latest.state != "ready":
            return self._latest
        facts, trouble = None, ""
        try:
            facts = await asyncio.wait_for(loaded.engine.facts(), FACTS_DEADLINE_S)
        except (TimeoutError, StarcoderError) as error:
            trouble = str(error)
        if not self._is_served(loaded):
            return self._latest  # another model was chosen meanwhile: this engine's word is not about it
        if facts is None:
            # It is being started again, or busy beyond answering: requests wait for it or say so themselves.
            return replace(self._latest, is_busy=True, message=trouble)
        if not facts.is_loaded and not self._workshop.is_prepared(loaded.name):
            async with self._changing:
                if self._is_served(loaded):  # still, now that a `load` which came first has had its turn
                    await self._end()  # its process has ended, and no other can be started
                    self._notice_absence()
            return self._latest
        if facts.fault:
            return replace(self._latest, state="failed", message=facts.fault, answering="")
        device = facts.device or self._latest.device  # a process that has just died says nothing of its device
        return replace(self._latest, device=device, is_busy=facts.is_busy, waiting=facts.waiting)

    @property
    def answering(self) -> str:
        """The model that answers now; empty where none does."""
        return self._loaded.name if self._loaded is not None else ""

    @property
    def coming(self) -> str:
        """The model that is being prepared or loaded; empty where none is."""
        return self._latest.model if self._is_working() else ""

    async def models(self) -> tuple[KnownModel, ...]:
        """The catalogue, and what the store holds besides."""
        return await asyncio.to_thread(self._workshop.models)

    def current(self) -> "LoadedModel":
        """The model that answers now.

        Raises:
            ModelNotReady: none does; if the store has it, it is being loaded from now on at the latest.
        """
        if self._loaded is not None:
            return self._loaded
        self.start()
        latest = self._latest
        if latest.message:
            raise ModelNotReady(latest.message)
        raise ModelNotReady(f"{latest.model} is being {_doing(latest)}: try again in a moment")

    def start(self) -> None:
        """Begins to load the model in the background, if it is prepared and not on its way."""
        if self._loaded is not None or self._is_closed or self._is_working() or self._changing.locked():
            return
        if self._latest.state == "failed" and time.monotonic() - self._failed_at_s < RETRY_S:
            return
        if self._workshop.is_prepared(self._latest.model):
            self._begin(self._latest.model, is_prepared=True)
        else:
            self._notice_absence()

    async def load(self, name: str) -> None:
        """Begins to serve another model, fetching and preparing it if need be; returns at once.

        Raises:
            UnknownModel: neither the catalogue nor the store has it.
        """
        if not any(model.name == name for model in await self.models()):
            raise UnknownModel(f"no model is called {name!r}: GET starcoder/models lists what there is")
        async with self._changing:
            if self._is_working() and self._latest.model == name:
                return
            await self._give_up()
            if self._is_closed:
                return
            await self._drop_broken()
            is_prepared = self._workshop.is_prepared(name)
            # An engine whose folder is gone answers until its process ends, and never again.
            is_new = self._workshop.edition(name) != self._edition
            if self._loaded is not None and self._loaded.name == name and is_prepared and not is_new:
                self._latest = self._ready(self._loaded)
                return
            self._begin(name, is_prepared=is_prepared)

    async def unload(self) -> None:
        """Ends what is on its way and the engine that is there; a request or `load` begins anew."""
        async with self._changing:
            await self._end()

    @asynccontextmanager
    async def without(self, name: str, *, unload: bool) -> AsyncIterator[None]:
        """A time in which a model is neither served nor on its way, and nothing begins to be loaded.

        Raises:
            BadRequest: it is served or on its way, and `unload` does not allow to end it.
        """
        async with self._changing:
            if name in {self.answering, self.coming}:
                if not unload:
                    raise BadRequest(
                        f"{name} is the model that answers here: use another one first, or end it with this one"
                    )
                await self._end()
            await self._ended()  # one that another relieved a moment ago may still have its files open
            yield

    async def close(self) -> None:
        """Ends what is on its way and the engine that is there."""
        self._is_closed = True
        await self.unload()

    async def _end(self) -> None:
        await self._give_up()
        loaded, self._loaded = self._loaded, None
        self._latest = ServingStatus(state="absent", model=self._latest.model)
        if loaded is not None:
            self._let_go(loaded)
        await self._ended()

    def _let_go(self, loaded: "LoadedModel") -> None:
        ending = asyncio.get_running_loop().create_task(loaded.engine.close())
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _ended(self) -> None:
        """Waits until every engine that was let go is gone."""
        if self._endings:
            await asyncio.wait(self._endings)

    async def _drop_broken(self) -> None:
        """Lets go an engine that keeps not running, so that it is not taken for one that answers."""
        loaded = self._loaded
        if loaded is None:
            return
        try:
            facts = await asyncio.wait_for(loaded.engine.facts(), FACTS_DEADLINE_S)
        except (TimeoutError, StarcoderError):
            return
        if facts.fault:
            self._loaded = None
            self._let_go(loaded)
            await self._ended()

    def _begin(self, name: str, *, is_prepared: bool) -> None:
        state: ServingState = "loading" if is_prepared else "preparing"
        self._latest = ServingStatus(state=state, model=name, answering=self.answering)
        self._task = asyncio.get_running_loop().create_task(self._bring(name, is_prepared=is_prepared))

    async def _bring(self, name: str, *, is_prepared: bool) -> None:
        try:
            if not is_prepared:
                await self._workshop.prepare(name, self._show)
                self._latest = ServingStatus(state="loading", model=name, answering=self.answering)
            await self._ended()  # what is free is measured without engines that were let go
            self._edition = self._workshop.edition(name)
            loaded = await self._workshop.load(name, self._show)
        except ModelNotReady as error:  # somebody stopped its preparation: that is no failure
            self._latest = (
                self._ready(self._loaded)
                if self._loaded is not None
                else ServingStatus(state="absent", model=name, message=error.message)
            )
            return
        except StarcoderError as error:
            self._fail(name, error.message)
            return
        except Exception as error:  # noqa: BLE001 - the border of the background task: its state must not stay "loading"
            self._fail(name, f"{name} could not be loaded ({type(error).__name__}: {error})")
            return
        try:
            self._device = await _device(loaded)
        except asyncio.CancelledError:
            self._let_go(loaded)  # given up between its start and its first use: nobody else knows it yet
            raise
        old, self._loaded = self._loaded, loaded
        self._latest = self._ready(loaded)
        if old is not None:
            self._let_go(old)

    def _show(self, progress: Progress) -> None:
        self._latest = replace(self._latest, progress=progress)

    def _ready(self, loaded: "LoadedModel") -> ServingStatus:
        return ServingStatus(state="ready", model=loaded.name, device=self._device, answering=loaded.name)

    def _fail(self, name: str, reason: str) -> None:
        self._failed_at_s = time.monotonic()
        message = without_secrets(reason)
        if self.answering:
            told = f"{message} (until then {self.answering} goes on answering, as it was loaded before)"
        else:
            told = message
        self._latest = ServingStatus(state="failed", model=name, message=told, answering=self.answering)
        log.warning("the model %s could not be loaded: %s", name, message)

    def _look_again(self) -> None:
        """A model that was missing may have been prepared in a terminal since."""
        was_missing = bool(self._latest.message)
        if was_missing and self._workshop.is_prepared(self._latest.model):
            self.start()
        elif not was_missing:
            self._notice_absence()

    def _notice_edition(self) -> None:
        """A model that was exported again is loaded again; the old one answers until it is there."""
        edition = self._workshop.edition(self._latest.model)
        is_free = not (self._is_working() or self._is_closed or self._changing.locked())
        if edition and edition != self._edition and is_free:
            self._begin(self._latest.model, is_prepared=True)

    def _notice_absence(self) -> None:
        """Says what to do about a model that is not in the store."""
        name = self._latest.model
        if not self._workshop.is_prepared(name):
            message = (
                f"{name} is not on this machine: press “Get the model”, open “StarCoder models” in the command "
                f"palette, or run `jupyter starcoder models get {name}` in a terminal"
            )
            self._latest = ServingStatus(state="absent", model=name, message=message)

    def _is_served(self, loaded: "LoadedModel") -> bool:
        """Whether it is the one that answers, and no other is on its way or has failed."""
        return self._loaded is loaded and self._latest.state == "ready"

    def _is_working(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _give_up(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])  # it may be over already; and whoever waits here may be cancelled as well
            self._task = None


async def _device(loaded: "LoadedModel") -> str:
    try:
        return (await loaded.engine.facts()).device
    except StarcoderError:
        return ""  # it has died already: the next request starts it again


def _doing(status: ServingStatus) -> str:
    if status.state != "preparing":
        return "loaded"
    progress = status.progress
    if progress is None or not progress.total:
        return "prepared"
    return f"prepared ({progress.step}, {100 * progress.done // progress.total} %)"
