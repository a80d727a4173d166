"""The way of models into the store: waiting → fetching → exporting → there, or paused, or failed.

One model is worked on at a time, since the network and the processor are what they need. Nobody waits here: `latest`
says how far each is, and a page that comes later finds the same.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from jupyter_starcoder.downloads.pace import Pace
from jupyter_starcoder.errors import BadRequest, ModelError, ModelNotReady, StarcoderError
from jupyter_starcoder.values.model import Progress
from jupyter_starcoder.values.secrets import without_secrets
from jupyter_starcoder.values.stock import Download, DownloadState

log = logging.getLogger(__name__)

Watch = Callable[[Progress], None]
Prepare = Callable[[str, Watch], Awaitable[None]]
Discard = Callable[[str], None]


@dataclass(slots=True)
class _Way:
    """One model on its way."""

    state: DownloadState = "waiting"
    progress: Progress | None = None
    message: str = ""
    pace: Pace = field(default_factory=Pace)
    watchers: list[Watch] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None

    @property
    def is_running(self) -> bool:
        return self.task is not None and not self.task.done()

    def show(self, progress: Progress) -> None:
        self.progress = progress
        self.state = progress.phase or "waiting"  # another process prepares the same model, or none has begun
        self.pace.note(progress, time.monotonic())
        for watch in self.watchers:
            watch(progress)

    def fail(self, reason: str) -> None:
        self.state, self.message = "failed", without_secrets(reason)

    def told(self) -> Download:
        now_s = time.monotonic()
        is_bytes = self.is_running and self.progress is not None and self.progress.unit == "bytes"
        return Download(
            state=self.state,
            progress=self.progress,
            bytes_per_s=self.pace.per_s(now_s) if is_bytes else 0.0,
            left_s=self.pace.left_s(now_s) if self.is_running else None,
            message=self.message,
        )


class Downloads:
    """Models on their way into the store. Belongs to the event loop that first uses it."""

    def __init__(self, prepare: Prepare, discard: Discard) -> None:
        """Fetches nothing yet.

        Args:
            prepare: brings one model into the store; cancelling it keeps what can be used when it is begun again.
            discard: takes away what an unfinished `prepare` left; called in a thread.
        """
        self._prepare = prepare
        self._discard = discard
        self._ways: dict[str, _Way] = {}
        self._turn = asyncio.Lock()
        self._changing = asyncio.Lock()  # ending takes a while: nothing must begin meanwhile and lose its files
        self._is_closed = False

    @property
    def latest(self) -> Mapping[str, Download]:
        """What is under way, paused or failed, in the order in which it was asked for."""
        return {name: way.told() for name, way in self._ways.items()}

    async def get(self, name: str) -> None:
        """Begins to fetch and prepare a model, or goes on with it; nothing happens where it is under way."""
        async with self._changing:
            self._begin(name)

    async def pause(self, name: str) -> None:
        """Stops the work on a model and keeps what came.

        Raises:
            BadRequest: it is not under way.
        """
        async with self._changing:
            way = self._ways.get(name)
            if way is None:
                raise BadRequest(f"{name} is not being fetched: there is nothing to pause")
            await _end(way)

    async def cancel(self, name: str) -> None:
        """Stops the work on a model and takes away what came; clears a failure as well.

        Raises:
            BadRequest: it is neither under way nor paused nor failed.
            ModelError: its files could not be taken away.
        """
        async with self._changing:
            way = self._ways.get(name)
            if way is None:
                raise BadRequest(f"{name} is not being fetched: there is nothing to cancel")
            await _end(way)
            await asyncio.to_thread(self._discard, name)
            self._ways.pop(name, None)

    async def bring(self, name: str, watch: Watch) -> None:
        """Gets a model, or joins those who wait for it, until it is there.

        Cancelling leaves it where it was under way already, and pauses it where it began here.

        Raises:
            ModelNotReady: it was paused or cancelled.
            ModelError: it could not be prepared; the message says why.
        """
        async with self._changing:
            is_mine, way = self._begin(name)
        task = way.task
        if task is None:
            raise ModelNotReady(f"{name} is not fetched any more: the server is being stopped")
        way.watchers.append(watch)
        if way.progress is not None:
            watch(way.progress)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            if is_mine:
                async with self._changing:
                    await _end(way)
            raise
        finally:
            way.watchers.remove(watch)
        if way.state == "failed":
            raise ModelError(way.message)
        if task.cancelled():
            raise ModelNotReady(f"{name} is not on this machine yet: fetching it was stopped; go on with it to use it")

    @asynccontextmanager
    async def without(self, name: str) -> AsyncIterator[None]:
        """A time in which a model is not on its way, and nothing begins to be fetched.

        Raises:
            BadRequest: it is under way.
        """
        async with self._changing:
            self.require_still(name)
            yield

    def require_still(self, name: str) -> None:
        """Does nothing where a model is not under way. Raises BadRequest where it is."""
        way = self._ways.get(name)
        if way is not None and way.is_running:
            raise BadRequest(f"{name} is on its way into the store: cancel that first")

    async def close(self) -> None:
        """Stops everything and keeps what came."""
        self._is_closed = True
        async with self._changing:
            for way in [*self._ways.values()]:
                await _end(way)

    def _begin(self, name: str) -> tuple[bool, _Way]:
        """A model's way, and whether it begins now."""
        old = self._ways.get(name)
        if old is not None and old.is_running:
            return False, old
        way = _Way(progress=old.progress if old is not None and old.state == "paused" else None)
        if not self._is_closed:
            self._ways[name] = way
            way.task = asyncio.get_running_loop().create_task(self._bring(name, way))
        return True, way

    async def _bring(self, name: str, way: _Way) -> None:
        try:
            async with self._turn:
                await self._prepare(name, way.show)
        except asyncio.CancelledError:
            way.state = "paused"
            raise
        except StarcoderError as error:
            way.fail(error.message)
        except Exception as error:  # noqa: BLE001 - the border of the background task: it must not seem under way
            way.fail(f"{name} could not be prepared ({type(error).__name__}: {error})")
        else:
            del self._ways[name]
            return
        log.warning("the model %s could not be prepared: %s", name, way.message)


async def _end(way: _Way) -> None:
    """Pauses it, unless it is over. Whoever waits here may be cancelled as well: then the work ends by itself."""
    if not way.is_running:
        return
    assert way.task is not None  # noqa: S101 - it runs
    way.task.cancel()
    way.state = "paused"  # here as well: what has not begun yet never hears of it
    await asyncio.wait([way.task])
