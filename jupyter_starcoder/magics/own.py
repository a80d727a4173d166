"""Answers from a model that this session loads itself: plain IPython, or a server that we may not ask."""

import asyncio
import atexit
import queue
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, TypeVar

from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.model import ServingStatus
from jupyter_starcoder.values.notebook import Notebook
from jupyter_starcoder.values.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from jupyter_starcoder.copilot import Copilot, LoadedModel, Options

Result = TypeVar("Result")
Item = TextPiece | Done | BaseException


class OwnRespondent:
    """A model in an engine of this session's own, loaded at the first question."""

    title = "this session's own model"

    def __init__(self, settings: Settings) -> None:
        """Loads nothing yet."""
        self._settings = settings
        self._opened: tuple[Copilot, LoadedModel] | None = None
        self._stack = AsyncExitStack()
        # IPython's own event loop runs our caller, so it cannot run what the caller waits for.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="starcoder", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def status(self) -> ServingStatus:
        """How the model is."""
        if self._opened is None:
            return ServingStatus(state="absent", model=self._settings.model, message="it is loaded when first asked")
        facts = self._run(self._opened[1].engine.facts())
        return ServingStatus(
            state="ready", model=facts.model, device=facts.device, is_busy=facts.is_busy, waiting=facts.waiting
        )

    def explain(self, notebook: Notebook, cell: int) -> Iterator[str]:
        """What a cell does, in Markdown."""
        return self._pieces(self._copilot().explain(notebook, cell, self._options()))

    def generate(self, notebook: Notebook, cell: int, request: str) -> Iterator[str]:
        """Code for a request in words."""
        return self._pieces(self._copilot().generate(notebook, cell, request, self._options()))

    def close(self) -> None:
        """Ends the engine and the thread; closing twice does nothing."""
        atexit.unregister(self.close)
        if not self._thread.is_alive():
            return
        self._run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _copilot(self) -> "Copilot":
        if self._opened is None:
            from jupyter_starcoder.local import open_copilot  # heavy, and only here

            self._opened = self._run(self._stack.enter_async_context(open_copilot(self._settings)))
        return self._opened[0]

    def _options(self) -> "Options":
        from jupyter_starcoder.copilot import Options  # heavy, and loaded by now

        return Options(
            max_tokens=self._settings.explain_tokens,
            prompt_tokens=self._settings.prompt_tokens,
            lane="chat",
            context_deadline_s=self._settings.question_deadline_s,
        )

    def _pieces(self, answer: AsyncIterator[TextPiece | Done]) -> Iterator[str]:
        items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        pumping = asyncio.run_coroutine_threadsafe(_pump(answer, items), self._loop)
        try:
            while not isinstance(item := items.get(), Done):
                if isinstance(item, BaseException):
                    raise item
                yield item.text
        finally:
            pumping.cancel()

    def _run(self, work: Coroutine[object, object, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C ends the work too
            raise


async def _pump(answer: AsyncIterator[TextPiece | Done], items: "queue.SimpleQueue[Item]") -> None:
    generator: AsyncGenerator[TextPiece | Done, None] = answer  # type: ignore[assignment]
    try:
        async with aclosing(generator):
            async for event in generator:
                items.put(event)
        items.put(StarcoderError("the answer has no end: this is a defect of ours"))
    except BaseException as error:
        items.put(error)  # the reader waits for something, whatever happened
        raise
