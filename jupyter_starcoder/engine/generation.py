"""What every engine's generation has in common: it is read once, can be cancelled, and knows its cost at the end."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from jupyter_starcoder.errors import EngineError
from jupyter_starcoder.values.generation import Finish, Usage


class ReadOnce(ABC):
    """A `Generation` whose tokens an async generator makes.

    A consumer that leaves its loop early drops the last reference to that generator, and asyncio then closes it. That
    happens soon but not at once: call `cancel()` in a `finally`.
    """

    def __init__(self) -> None:
        self._usage: Usage | None = None
        self._is_read = False

    def __aiter__(self) -> AsyncIterator[int]:
        """Token ids as they come.

        Raises:
            EngineError: it was read before, or the engine could not go on.
        """
        if self._is_read:
            raise EngineError("this answer was read already: ask the engine for another one")
        self._is_read = True
        return self._tokens()

    @abstractmethod
    def _tokens(self) -> AsyncIterator[int]:
        """Makes the tokens, then sets `_usage`; stops the work in a `finally`."""

    @abstractmethod
    def cancel(self) -> None:
        """Ends it soon."""

    @property
    def usage(self) -> Usage:
        """What it cost.

        Raises:
            EngineError: it has not ended, or not well.
        """
        if self._usage is None:
            raise EngineError("the answer has not ended well (yet), so its cost is not known: read it to its end first")
        return self._usage


def nothing_done(finish: Finish, *, prompt_tokens: int, queue_s: float = 0.0) -> Usage:
    """The cost of an answer that ended before any work was done for it."""
    return Usage(
        finish=finish,
        prompt_tokens=prompt_tokens,
        reused_tokens=0,
        new_tokens=0,
        queue_s=queue_s,
        first_token_s=0.0,
        decode_s=0.0,
    )
