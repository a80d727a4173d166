"""Completions, explanations and generated cells."""

from typing import TYPE_CHECKING

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.routes.cells import Page
from jupyter_starcoder.values.notebook import Cursor, Notebook
from jupyter_starcoder.wire import CompleteRequest, ExplainRequest, GenerateRequest, WireNotebook

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import Copilot, Options
    from jupyter_starcoder.values.generation import Lane


class AnswerHandler(StarcoderHandler):
    """What the three have in common."""

    def copilot(self) -> "Copilot":
        """The copilot, once a model is there.

        Raises:
            ModelNotReady: before anything heavy is imported.
        """
        self.service.serving.current()
        return self.service.make_copilot()

    def notebook(self, session: str, notebook: WireNotebook) -> Notebook:
        """The notebook, with the cells that the server holds filled in."""
        return self.service.cells.resolve(self._page(session, notebook), notebook)

    def wanted(self, lane: "Lane", max_tokens: int, replaces: str = "") -> "Options":
        """The settings as the copilot takes them."""
        from jupyter_starcoder.copilot import Options

        settings = self.service.settings
        if max_tokens > settings.longest_answer_tokens:
            raise BadRequest(f"max_tokens {max_tokens} is too many: send {settings.longest_answer_tokens} or fewer")
        return Options(
            max_tokens=max_tokens,
            prompt_tokens=settings.prompt_tokens,
            lane=lane,
            replaces=replaces,
            context_deadline_s=settings.context_deadline_s,
        )

    def key(self, session: str, notebook: WireNotebook, purpose: str) -> str:
        """Names the requests of one page that replace each other; empty without a session."""
        page = self._page(session, notebook)
        return "\n".join((page.session, page.path, purpose)) if session else ""

    def _page(self, session: str, notebook: WireNotebook) -> Page:
        return Page(session=session, path=notebook.path)


class CompleteHandler(AnswerHandler):
    """POST starcoder/complete."""

    @guarded
    async def post(self) -> None:
        """Streams what is typed next at the cursor."""
        request = self.body_as(CompleteRequest)
        notebook = self.notebook(request.session, request.notebook)
        cursor = Cursor(cell=request.cell, offset=request.offset)
        copilot = self.copilot()
        max_tokens = _or(request.max_tokens, self.service.settings.completion_tokens)
        options = self.wanted("inline", max_tokens, self.key(request.session, request.notebook, "inline"))
        await self.stream(copilot.complete(notebook, cursor, options))


class ExplainHandler(AnswerHandler):
    """POST starcoder/explain."""

    @guarded
    async def post(self) -> None:
        """Streams what a cell does, in Markdown."""
        request = self.body_as(ExplainRequest)
        notebook = self.notebook(request.session, request.notebook)
        copilot = self.copilot()
        options = self.wanted("chat", _or(request.max_tokens, self.service.settings.explain_tokens))
        await self.stream(copilot.explain(notebook, request.cell, options))


class GenerateHandler(AnswerHandler):
    """POST starcoder/generate."""

    @guarded
    async def post(self) -> None:
        """Streams code for a request in words."""
        request = self.body_as(GenerateRequest)
        notebook = self.notebook(request.session, request.notebook)
        copilot = self.copilot()
        options = self.wanted("chat", _or(request.max_tokens, self.service.settings.explain_tokens))
        await self.stream(copilot.generate(notebook, request.cell, request.request, options))


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
