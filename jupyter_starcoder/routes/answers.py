"""Completions, explanations, generated cells and conversations that are not kept."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.routes.cells import Page
from jupyter_starcoder.routes.debug import prompt_event
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.conversation import Conversation, Subject, Turn
from jupyter_starcoder.values.generation import Sampling
from jupyter_starcoder.values.notebook import Cursor, Notebook
from jupyter_starcoder.values.settings import Feature
from jupyter_starcoder.wire import (
    ChatRequest,
    CompleteRequest,
    ExplainRequest,
    GenerateRequest,
    PromptEvent,
    WireNotebook,
)

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import Copilot, Options, Question
    from jupyter_starcoder.values.generation import Lane

Ask = Callable[[], Awaitable["Question"]]
Events = AsyncGenerator[PromptEvent | TextPiece | Done, None]
VARIANTS = 9  # of one completion, besides the likeliest


class AnswerHandler(StarcoderHandler):
    """What all answers have in common."""

    feature: ClassVar[Feature]

    def copilot(self) -> "Copilot":
        """The copilot, once a model is there.

        Raises:
            NotPermitted: the administrator has switched the feature off.
            ModelNotReady: before anything heavy is imported.
        """
        self.service.settings.permit(self.feature)
        self.service.serving.current()
        return self.service.make_copilot()

    def is_shown(self) -> bool:
        """The prompt is asked for along with the answer.

        Raises:
            BadRequest: something else is asked for.
        """
        wanted = self.get_query_argument("debug", "")
        if wanted not in {"", "prompt"}:
            raise BadRequest("debug shows nothing of this name: send debug=prompt")
        return wanted == "prompt"

    async def answered(self, copilot: "Copilot", ask: Ask) -> Events:
        """The answer to a question; where that is asked for, with all that the model is given in front of it."""
        is_shown = self.is_shown()
        question = await ask()
        if is_shown:
            yield prompt_event(question)
        async with aclosing(copilot.answer(question)) as answer:
            async for event in answer:
                yield event

    def notebook(self, session: str, notebook: WireNotebook) -> Notebook:
        """The notebook, with the cells that the server holds filled in."""
        return self.service.cells.resolve(self._page(session, notebook), notebook)

    def wanted(self, lane: "Lane", max_tokens: int, session: str, replaces: str = "") -> "Options":
        """The settings as the copilot takes them; the engine's users are pages."""
        from jupyter_starcoder.copilot import Options

        settings = self.service.settings
        if max_tokens > settings.longest_answer_tokens:
            raise BadRequest(f"max_tokens {max_tokens} is too many: send {settings.longest_answer_tokens} or fewer")
        return Options(
            max_tokens=max_tokens,
            prompt_tokens=settings.prompt_tokens,
            lane=lane,
            replaces=replaces,
            user=session,
            context_deadline_s=settings.context_deadline_s if lane == "inline" else settings.question_deadline_s,
            constrained_names=settings.constrained_names,
            unknown_names=settings.unknown_names,
        )

    def key(self, session: str, notebook: WireNotebook, purpose: str) -> str:
        """Names the requests of one page that replace each other; empty without a session."""
        page = self._page(session, notebook)
        return "\n".join((page.session, page.path, purpose)) if session else ""

    def _page(self, session: str, notebook: WireNotebook) -> Page:
        return Page(session=session, path=notebook.path)


class CompleteHandler(AnswerHandler):
    """POST starcoder/complete."""

    feature = "complete"

    @guarded
    async def post(self) -> None:
        """Streams what is typed next at the cursor."""
        request = self.body_as(CompleteRequest)
        notebook = self.notebook(request.session, request.notebook)
        cursor = Cursor(cell=request.cell, offset=request.offset)
        copilot = self.copilot()
        options = self.options_for(request)
        await self.stream(self.answered(copilot, lambda: copilot.questions.completion(notebook, cursor, options)))

    def options_for(self, request: CompleteRequest) -> "Options":
        """How it is wanted. What is typed, each other variant of it and what is asked ahead replace only their like.

        Raises:
            BadRequest: there is no such variant.
        """
        variant = request.variant
        if not 0 <= variant <= VARIANTS:
            raise BadRequest(f"variant {variant} does not exist: send 0 (the likeliest completion) to {VARIANTS}")
        purpose = "ahead" if request.ahead else f"inline {variant}"
        settings = self.service.settings
        is_fixed = "completion_tokens" in settings.locked
        options = self.wanted(
            "inline",
            settings.completion_tokens if is_fixed else _or(request.max_tokens, settings.completion_tokens),
            request.session,
            self.key(request.session, request.notebook, purpose),
        )
        if variant:
            # Warm enough to differ, cool enough to stay code.
            options = replace(options, sampling=Sampling(temperature=0.8, top_p=0.95, seed=variant))
        # Nobody waits yet for what is asked ahead: behind all that somebody waits for as he types.
        return replace(options, lane="chat") if request.ahead else options


class ExplainHandler(AnswerHandler):
    """POST starcoder/explain."""

    feature = "explain"

    @guarded
    async def post(self) -> None:
        """Streams what a cell does, or what a part of it says, in Markdown."""
        request = self.body_as(ExplainRequest)
        notebook = self.notebook(request.session, request.notebook)
        copilot = self.copilot()
        options = self.wanted("chat", _or(request.max_tokens, self.service.settings.explain_tokens), request.session)
        subject = Subject(kind=request.subject, text=request.text)
        turns = tuple(Turn(turn.speaker, turn.text) for turn in request.turns)
        asks = copilot.questions
        await self.stream(
            self.answered(copilot, lambda: asks.explanation(notebook, request.cell, options, subject, turns))
        )


class GenerateHandler(AnswerHandler):
    """POST starcoder/generate."""

    feature = "generate"

    @guarded
    async def post(self) -> None:
        """Streams code for a request in words."""
        request = self.body_as(GenerateRequest)
        notebook = self.notebook(request.session, request.notebook)
        copilot = self.copilot()
        options = self.wanted("chat", _or(request.max_tokens, self.service.settings.explain_tokens), request.session)
        asks = copilot.questions
        await self.stream(
            self.answered(copilot, lambda: asks.generation(notebook, request.cell, request.request, options))
        )


class ChatAnswerHandler(AnswerHandler):
    """POST starcoder/chat."""

    feature = "chat"

    @guarded
    async def post(self) -> None:
        """Streams what the assistant says next; nothing of it is kept."""
        request = self.body_as(ChatRequest)
        notebook = self.notebook(request.session, request.notebook)
        copilot = self.copilot()
        options = self.wanted("chat", _or(request.max_tokens, self.service.settings.explain_tokens), request.session)
        turns = tuple(Turn(turn.speaker, turn.text) for turn in request.turns)
        said = Conversation(turns=turns)
        await self.stream(self.answered(copilot, lambda: copilot.questions.chat(notebook, request.cell, said, options)))


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
