"""One request on its way: waiting, at work or paused, ended."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from jupyter_starcoder.engine.answer import Reached
from jupyter_starcoder.engine.generation import nothing_done
from jupyter_starcoder.errors import EngineError, StarcoderError
from jupyter_starcoder.values.generation import Finish, GenerationRequest, Lane, Usage

Arrival = int | Usage | StarcoderError  # a token, and at the end the cost or what went wrong


class Making(Protocol):
    """An answer while it is made; `Answer` is one."""

    @property
    def is_reading(self) -> bool:
        """Whether its prompt is not read to its end yet."""

    def usage(self, finish: Finish, *, queue_s: float) -> Usage:
        """What it cost up to now."""

    def interrupt(self) -> None:
        """Called by another thread: the step that is running may fail at once, no other will be asked for."""

    def close(self) -> None:
        """Lets go of its cache."""


class Maker(Protocol):
    """What makes answers; `Decoder` does."""

    @property
    def most_running(self) -> int:
        """How many answers can be in the making, paused ones among them."""

    def begin(self, request: GenerationRequest) -> Making:
        """Takes a cache for a request.

        Raises:
            BadRequest: it cannot be answered.
        """

    def advance(self, begun: Sequence[Making]) -> Sequence[Reached]:
        """One step of one answer that reads its prompt, or of any number that write; what each reached.

        Args:
            begun: answers that this maker began.
        """


class Job:
    """One request. Only the worker's thread touches what it makes."""

    def __init__(self, request: GenerationRequest, deliver: Callable[[Arrival], None]) -> None:
        self.request = request
        self.early: Finish | None = None  # why to end it before its time
        self.answer: Making | None = None
        self._deliver = deliver  # called by the worker's thread, and for a job that never ran by the one that ends it
        self._submitted_s = time.perf_counter()
        self._began_s = 0.0

    @property
    def lane(self) -> Lane:
        """How urgent it is."""
        return self.request.lane

    @property
    def user(self) -> str:
        """Who asks."""
        return self.request.user

    @property
    def is_reading(self) -> bool:
        """Whether its prompt is not read to its end yet."""
        return self.answer is None or self.answer.is_reading

    def begin(self, maker: Maker) -> bool:
        """Takes a cache; gives whether there is anything to do."""
        self._began_s = time.perf_counter()
        if self.early is None:
            try:
                self.answer = maker.begin(self.request)
            except StarcoderError as error:
                self.end(error)
            except Exception as error:  # noqa: BLE001 - one answer may fail in any way, the thread goes on with the next
                self.end(unexpected(error))
            else:
                return True
        else:
            self.end(self.early)
        return False

    def take(self, reached: Reached) -> bool:
        """Delivers what a step brought; gives whether there may be more."""
        for token in reached.tokens:
            self._deliver(token)
        if reached.end is None:
            return True
        self.end(reached.end if self.early is None or isinstance(reached.end, str) else self.early)
        return False

    def end(self, end: Finish | StarcoderError) -> None:
        """Delivers the last that there is to say, and lets go of the cache."""
        arrival = self._cost(end) if isinstance(end, str) else end
        if self.answer is not None:
            self.answer.close()
        self._deliver(arrival)

    def interrupt(self) -> None:
        """Called by another thread once `early` is set: the step that is running need not come to its end."""
        if self.answer is not None:
            self.answer.interrupt()

    def _cost(self, finish: Finish) -> Usage:
        queue_s = (self._began_s or time.perf_counter()) - self._submitted_s
        if self.answer is None:
            return nothing_done(finish, prompt_tokens=len(self.request.prompt_ids), queue_s=queue_s)
        return self.answer.usage(finish, queue_s=queue_s)


def unexpected(error: Exception) -> EngineError:
    """A bug of ours, told to whom it met."""
    return EngineError(f"the engine failed over this request ({type(error).__name__}: {error})")
