"""Does something once nothing has been asked for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


class IdleClock:
    """Counts what is being done, and acts when that has been nothing for long enough."""

    def __init__(self, after_s: float, act: Callable[[], Awaitable[None]]) -> None:
        """Nothing runs yet.

        Args:
            after_s: how long nothing has to be done; 0 means that it never acts.
            act: what is done then, in the event loop of the last use.
        """
        self._after_s = after_s
        self._act = act
        self._running = 0
        self._timer: asyncio.TimerHandle | None = None
        self._acting: asyncio.Task[None] | None = None

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Something is being done while this is open. Enter it in an event loop."""
        self._running += 1
        self._stop()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running and self._after_s > 0.0:
                self._timer = asyncio.get_running_loop().call_later(self._after_s, self._begin)

    async def settle(self) -> None:
        """Waits for what it began."""
        if self._acting is not None:
            await asyncio.wait([self._acting])

    async def close(self) -> None:
        """Never acts again; waits for what it began."""
        self._after_s = 0.0
        self._stop()
        await self.settle()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        self._acting = asyncio.create_task(self._run())

    async def _run(self) -> None:
        if not self._running:
            await self._act()
