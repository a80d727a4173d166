"""The seam in front of the model: token ids in, token ids out."""

from collections.abc import AsyncIterator
from typing import Protocol

from jupyter_starcoder.values.generation import GenerationRequest, Usage
from jupyter_starcoder.values.model import EngineFacts


class Generation(Protocol):
    """One answer while it is made."""

    def __aiter__(self) -> AsyncIterator[int]:
        """Token ids as they come, stop tokens left out.

        Raises:
            BadRequest: the prompt does not fit into the model's window, or holds ids that it does not have.
            EngineBusy: the queue is full.
            EngineError: the engine could not go on.
        """

    def cancel(self) -> None:
        """Ends it soon: between two tokens or two prefill chunks. Cancelling twice, or too late, does nothing."""

    @property
    def usage(self) -> Usage:
        """What it cost; only after the iteration has ended without an error."""


class Engine(Protocol):
    """A model that is loaded. `FakeEngine`, `LocalEngine` and `EngineClient` are engines."""

    def generate(self, request: GenerationRequest) -> Generation:
        """An answer, queued when its first token is asked for. Nothing runs before that, or after it is cancelled."""

    async def facts(self) -> EngineFacts:
        """What the engine says of itself now."""

    async def close(self) -> None:
        """Ends everything that it opened; generations still running end as cancelled."""
