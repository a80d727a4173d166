"""New texts of cells: changed as somebody wishes, or without an error."""

from typing import ClassVar

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.routes.answers import AnswerHandler
from jupyter_starcoder.routes.base import guarded
from jupyter_starcoder.values.conversation import Mishap
from jupyter_starcoder.values.settings import Feature
from jupyter_starcoder.wire import EditRequest, FixRequest


class EditHandler(AnswerHandler):
    """POST starcoder/edit."""

    feature: ClassVar[Feature] = "edit"

    @guarded
    async def post(self) -> None:
        """Streams the cell's whole new text."""
        request = self.body_as(EditRequest)
        notebook = self.notebook(request.session, request.notebook)
        if (request.start is None) != (request.end is None):
            raise BadRequest("a span needs both ends: send start and end, or neither")
        span = None if request.start is None or request.end is None else (request.start, request.end)
        copilot = self.copilot()
        options = self.wanted("chat", self.growth(request.max_tokens), request.session)
        asks = copilot.questions
        await self.stream(
            self.answered(copilot, lambda: asks.edit(notebook, request.cell, request.instruction, span, options))
        )

    def growth(self, max_tokens: int | None) -> int:
        """How many tokens the text may gain."""
        return self.service.settings.edit_tokens if max_tokens is None else max_tokens


class FixHandler(EditHandler):
    """POST starcoder/fix."""

    feature = "fix"

    @guarded
    async def post(self) -> None:
        """Streams the cell's whole new text without the error."""
        request = self.body_as(FixRequest)
        notebook = self.notebook(request.session, request.notebook)
        sent = request.mishap
        mishap = Mishap(name=sent.name, message=sent.message, traceback=sent.traceback)
        copilot = self.copilot()
        options = self.wanted("chat", self.growth(request.max_tokens), request.session)
        await self.stream(
            self.answered(copilot, lambda: copilot.questions.fix(notebook, request.cell, mishap, options))
        )
