"""Answers from a model that this session loads itself: plain IPython, or a server that we may not ask."""

import asyncio
import atexit
import queue
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.magics.errands import Chat, Complete, Edit, Errand, Explain, Fix, Generate
from jupyter_starcoder.magics.respondent import Answer
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.conversation import Conversation
from jupyter_starcoder.values.model import ServingStatus
from jupyter_starcoder.values.notebook import Cursor, Notebook
from jupyter_starcoder.values.settings import KernelContext, Settings
from kernels_ctx.errors import KernelSilent

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

    def kernel_context(self) -> KernelContext:
        """What of this session the model may be given."""
        return self._settings.kernel_context

    def ask(self, notebook: Notebook, errand: Errand) -> Answer:
        """The answer in pieces, and what it took."""
        self._settings.permit(errand.feature)
        copilot = self._copilot()
        items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        answer = self._answer(copilot, notebook, errand)
        pumping = asyncio.run_coroutine_threadsafe(_pump(answer, items), self._loop)
        try:
            while True:
                item = items.get()
                if isinstance(item, BaseException):
                    raise item
                yield item
                if isinstance(item, Done):
                    return
        finally:
            pumping.cancel()

    def _answer(self, copilot: "Copilot", notebook: Notebook, errand: Errand) -> AsyncIterator[TextPiece | Done]:
        settings = self._settings
        match errand:
            case Complete(cell=cell, offset=offset):
                cursor = Cursor(cell=cell, offset=offset)
                return copilot.complete(notebook, cursor, self._options(settings.completion_tokens))
            case Generate(cell=cell, request=request):
                return copilot.generate(notebook, cell, request, self._options(settings.explain_tokens))
            case Explain(cell=cell, subject=subject):
                return copilot.explain(notebook, cell, self._options(settings.explain_tokens), subject)
            case Edit(cell=cell, instruction=instruction):
                return copilot.edit(notebook, cell, instruction, None, self._options(settings.edit_tokens))
            case Fix(cell=cell, mishap=mishap):
                return copilot.fix(notebook, cell, mishap, self._options(settings.edit_tokens))
            case Chat(cell=at, turns=turns):
                return copilot.chat(notebook, at, Conversation(turns=turns), self._options(settings.explain_tokens))

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
            from jupyter_starcoder.local import live_copilot, open_copilot  # heavy, and only here

            _, model = self._run(self._stack.enter_async_context(open_copilot(self._settings)))
            copilot = live_copilot(model, self._settings, Path.cwd(), _no_other_kernel)
            self._opened = copilot, model
        return self._opened[0]

    def _options(self, max_tokens: int) -> "Options":
        from jupyter_starcoder.copilot import Options  # heavy, and loaded by now

        return Options(
            max_tokens=max_tokens,
            prompt_tokens=self._settings.prompt_tokens,
            lane="chat",
            context_deadline_s=self._settings.question_deadline_s,
            constrained_names=self._settings.constrained_names,
            unknown_names=self._settings.unknown_names,
        )

    def _run(self, work: Coroutine[object, object, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C ends the work too
            raise


async def _no_other_kernel(path: str, timeout_s: float) -> NoReturn:
    """This session tells what it holds along with its question; another is not asked."""
    raise KernelSilent(f"no kernel is asked within {timeout_s} s for {path}")


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
