"""An engine whose process is started, watched, and started again."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from jupyter_starcoder.engine.generation import ReadOnce, nothing_done
from jupyter_starcoder.engine.idle import IdleClock
from jupyter_starcoder.engine.process import COMMAND, EngineProcess
from jupyter_starcoder.engine.protocol import Generation
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import EngineDied, StarcoderError
from jupyter_starcoder.values.generation import GenerationRequest
from jupyter_starcoder.values.model import EngineFacts, Progress

PAUSES_S = (0.0, 2.0, 10.0, 30.0, 60.0)  # before the start that follows so many deaths in a row, less one

RESTING = "not in memory, as nobody used it: the next request loads it"


def ignore_progress(_: Progress) -> None:
    """Where nobody wants to know."""


class Pauses:
    """When a process that died may be started again."""

    def __init__(self, pauses_s: Sequence[float] = PAUSES_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._pauses_s = tuple(pauses_s)
        self._clock = clock
        self._not_before_s = 0.0
        self.deaths = 0  # in a row

    def died(self) -> None:
        """Notes a death, or a start that failed."""
        self._not_before_s = self._clock() + self._pauses_s[min(self.deaths, len(self._pauses_s) - 1)]
        self.deaths += 1

    def went_well(self) -> None:
        """Notes an answer that came to its end."""
        self.deaths = 0
        self._not_before_s = 0.0

    @property
    def left_s(self) -> float:
        """How long no start is to be tried."""
        return max(0.0, self._not_before_s - self._clock()) if self.deaths else 0.0


class SupervisedEngine:
    """A model in a process of its own. Belongs to the event loop that first uses it."""

    def __init__(
        self,
        folder: Path,
        settings: EngineSettings | None = None,
        *,
        pauses: Pauses | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Nothing is started yet.

        Args:
            folder: the exported model.
            settings: how to run it.
            pauses: between starts of a process that keeps dying.
            command: what to start; tests start hosts of their own.
        """
        self._folder = folder
        self._settings = settings or EngineSettings()
        self._pauses = pauses or Pauses()
        self._command = tuple(command)
        self._process: EngineProcess | None = None
        self._starting: asyncio.Task[EngineProcess] | None = None
        self._failure: StarcoderError | None = None  # of the last start
        self._is_closed = False
        self._resting = ""  # what is said of the device while the process is ended for idleness
        self._idle = IdleClock(self._settings.idle_minutes * 60.0, self._unload)

    async def start(self, progress: Callable[[Progress], None] = ignore_progress) -> None:
        """Starts the process and waits until the model is loaded; nothing happens where it runs already.

        Raises:
            StarcoderError: the model cannot be loaded, or the process ended while it was.
        """
        with self._idle.busy():
            await self.running(progress)

    def generate(self, request: GenerationRequest) -> "SupervisedGeneration":
        """An answer; the process is started when it is first read and does not run. EngineBusy comes from there."""
        return SupervisedGeneration(self, request)

    async def facts(self) -> EngineFacts:
        """What the engine says of itself now; without a process, that nothing is loaded."""
        process = self._process
        if process is not None and process.client is not None and process.is_alive:
            with contextlib.suppress(EngineDied):  # it died while it was asked, which the next request is told
                return await process.client.facts()
        self._revive()
        return EngineFacts(
            model=self._folder.name,
            device=self._resting,
            process_id=0,
            waiting=0,
            is_busy=self._starting is not None,
            is_loaded=False,
            fault=self._fault(),
        )

    async def close(self) -> None:
        """Ends the process, for sure; answers that are being made end as cancelled."""
        self._is_closed = True
        await self._idle.close()
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        process, self._process = self._process, None
        if process is not None:
            await process.close()

    async def running(self, progress: Callable[[Progress], None] = ignore_progress) -> EngineProcess:
        """The process, started if need be; several callers wait for the same start.

        Raises:
            EngineDied: it died several times in a row, and the pause is not over.
            StarcoderError: it cannot be started.
        """
        if self._is_closed:
            raise EngineDied("the engine was closed: load the model again")
        if self._process is not None and self._process.is_alive:
            return self._process
        if self._starting is None:
            self._check_pause()
            self._starting = asyncio.create_task(self._start(progress))
        # One caller that is cancelled must not take the start from the others.
        return await asyncio.shield(self._starting)

    async def lost(self, process: EngineProcess) -> str:
        """Notes that a process has died; gives how, for a person."""
        how = await process.how_it_ended()
        if self._process is process:
            self._process = None
            self._pauses.died()
            await process.close()
        return how or "closed its connection"

    def went_well(self) -> None:
        """Notes an answer that came to its end."""
        self._pauses.went_well()

    def busy(self) -> AbstractContextManager[None]:
        """While it is open, the process is not ended for idleness."""
        return self._idle.busy()

    async def _unload(self) -> None:
        """Ends the process, and its memory comes back; the next request starts another."""
        process, self._process = self._process, None
        if process is not None:
            self._resting = RESTING
            await process.close()

    @property
    def is_closed(self) -> bool:
        """Whether it was closed from this side."""
        return self._is_closed

    async def _start(self, progress: Callable[[Progress], None]) -> EngineProcess:
        try:
            if self._process is not None:  # died while nobody was asking
                await self.lost(self._process)
            await self._idle.settle()  # two at a time would take the model's memory twice
            self._process = await EngineProcess.start(self._folder, self._settings, progress, self._command)
        except StarcoderError as error:
            self._failure = error
            self._pauses.died()
            raise
        finally:
            self._starting = None
        self._failure, self._resting = None, ""
        return self._process

    def _revive(self) -> None:
        """Starts a process anew that ended while nobody asked; once, so that whoever looks learns whether it can be."""
        is_dead = self._process is not None and not self._process.is_alive
        if is_dead and self._starting is None and not self._is_closed and not self._pauses.deaths:
            self._starting = asyncio.create_task(self._start(ignore_progress))
            self._starting.add_done_callback(_forget)

    def _fault(self) -> str:
        """What keeps it from running; empty where nothing is known to."""
        if self._starting is not None:
            return ""
        if self._failure is not None:
            return self._failure.message
        return self._died_often() if self._pauses.deaths > 1 else ""

    def _check_pause(self) -> None:
        if self._pauses.left_s <= 0.0:
            return
        if self._failure is not None:
            raise self._failure
        raise EngineDied(self._died_often())

    def _died_often(self) -> str:
        left_s = self._pauses.left_s
        pause = f" after {left_s:.0f} s" if left_s else ""
        return (
            f"the engine's process died {self._pauses.deaths} times in a row: it is started again on the next "
            f"request{pause}, or choose another model"
        )


def _forget(task: "asyncio.Task[EngineProcess]") -> None:
    """Takes note of how a start ended that nobody waits for; the next who asks is told."""
    if not task.cancelled():
        task.exception()


class SupervisedGeneration(ReadOnce):
    """One answer of a supervised engine."""

    def __init__(self, engine: SupervisedEngine, request: GenerationRequest) -> None:
        super().__init__()
        self._engine = engine
        self._request = request
        self._inner: Generation | None = None
        self._is_cancelled = False

    def cancel(self) -> None:
        """Ends it soon; one that waits for the process to start, when that has happened."""
        self._is_cancelled = True
        if self._inner is not None:
            self._inner.cancel()

    def _gave_up(self) -> bool:
        """Whether it was cancelled, which can happen while it waits."""
        return self._is_cancelled

    async def _tokens(self) -> AsyncIterator[int]:
        if self._gave_up():
            self._usage = nothing_done("cancelled", prompt_tokens=len(self._request.prompt_ids))
            return
        with self._engine.busy():
            process = await self._engine.running()
            if process.client is None:
                raise EngineDied("the engine's process has no connection: ask again")
            self._inner = inner = process.client.generate(self._request)
            if self._gave_up():
                inner.cancel()
            try:
                async for token in inner:
                    yield token
                self._usage = inner.usage
                self._engine.went_well()
            except EngineDied as error:
                if self._engine.is_closed:
                    self._usage = nothing_done("cancelled", prompt_tokens=len(self._request.prompt_ids))
                    return
                how = await self._engine.lost(process)
                raise EngineDied(f"the engine's process {how} in the middle of an answer: ask again") from error
            finally:
                inner.cancel()
