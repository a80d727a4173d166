"""How the product works, top to bottom: a notebook goes in, text comes out at the cursor.

    notebook → context → prompt → tokenizer → engine → tokenizer → stream

This is the only file that sees all stages.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace

from jupyter_starcoder.context.attachments import with_frames
from jupyter_starcoder.context.gathering import Gathered, gather
from jupyter_starcoder.context.kernel import SnapshotOf
from jupyter_starcoder.context.source import ContextSource
from jupyter_starcoder.engine.steering import Steered
from jupyter_starcoder.errors import BadCursor, BadRequest
from jupyter_starcoder.names.guide import Vocabulary
from jupyter_starcoder.names.holding import can_be_told, guide_at, known_names
from jupyter_starcoder.notebook.cursor import place_at
from jupyter_starcoder.notebook.mishap import short_line, short_traceback
from jupyter_starcoder.notebook.stretch import stretch_of
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.question import LoadedModel, Options, Question, Road
from jupyter_starcoder.stream.opening import Opening
from jupyter_starcoder.stream.sequence import answer_stages, change_stages, completion_stages
from jupyter_starcoder.stream.stage import Chain
from jupyter_starcoder.stream.utf8 import Utf8Pieces
from jupyter_starcoder.values.answer import Done, TextPiece, Timings
from jupyter_starcoder.values.conversation import Change, Conversation, Mishap, Subject, Turn
from jupyter_starcoder.values.generation import GenerationRequest, Usage
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Place
from jupyter_starcoder.values.prompt import Prompt
from kernels_ctx.snapshot import KernelSnapshot

__all__ = ("Answer", "Copilot", "LoadedModel", "Options", "Question", "SnapshotOf")

CELL = Subject()
Answer = AsyncGenerator[TextPiece | Done, None]


class Copilot:
    """Completes, explains and writes cells with the model that `current_model` gives."""

    def __init__(self, current_model: Callable[[], LoadedModel], sources: Sequence[ContextSource] = ()) -> None:
        """Args: sources: of context; the one that asks the live kernel tells which names exist, too."""
        self._current_model = current_model
        self._sources = tuple(sources)

    def complete(self, notebook: Notebook, cursor: Cursor, options: Options) -> Answer:
        """What is typed next at the cursor.

        Raises:
            BadCursor: the cursor lies outside the notebook.
            ModelNotReady: no model is loaded yet.
            EngineError: the engine could not answer, or stopped on the way.
        """
        return _answer(lambda: self.completion_question(notebook, cursor, options))

    def explain(
        self, notebook: Notebook, cell: int, options: Options, subject: Subject = CELL, turns: Sequence[Turn] = ()
    ) -> Answer:
        """What a cell does, or a part of it says, in Markdown; with turns, the answer to the last. Raises likewise."""
        return _answer(lambda: self.explanation_question(notebook, cell, options, subject, turns))

    def chat(self, notebook: Notebook, cell: int | None, conversation: Conversation, options: Options) -> Answer:
        """What the assistant says next; `cell` is the one that the person looks at. Raises as `complete` does."""
        return _answer(lambda: self.chat_question(notebook, cell, conversation, options))

    def edit(
        self, notebook: Notebook, cell: int, instruction: str, span: tuple[int, int] | None, options: Options
    ) -> Answer:
        """The cell's whole new text; of a span, nothing around it changes. Raises as `complete` does, and besides:

        Raises:
            CellTooLong: what is to be changed does not fit into the model's window twice.
        """
        return _answer(lambda: self.edit_question(notebook, cell, instruction, span, options))

    def fix(self, notebook: Notebook, cell: int, mishap: Mishap, options: Options) -> Answer:
        """The cell's whole new text without the error. Raises as `edit` does."""
        return _answer(lambda: self.fix_question(notebook, cell, mishap, options))

    def generate(self, notebook: Notebook, cell: int, request: str, options: Options) -> Answer:
        """Code for a request in words, to stand in a new cell before index `cell`. Raises as `complete` does."""
        return _answer(lambda: self.generation_question(notebook, cell, request, options))

    def answer(self, question: Question) -> Answer:
        """The model's answer to a question that somebody wanted to see before."""

        async def ready() -> Question:
            return question

        return _answer(ready)

    async def completion_question(self, notebook: Notebook, cursor: Cursor, options: Options) -> Question:
        """The road up to the model; `--show-prompt` stops here. Raises as `complete` does."""
        started_s, model = time.perf_counter(), self._current_model()
        place = place_at(notebook, cursor)
        gathered = await self._gathered(place, options)
        road = Road(model, options, gathered.asked, started_s)
        question = road.question(
            lambda room, count: model.family.complete(place, gathered.snippets, room, count),
            lambda prompt: completion_stages(place, prompt),
        )
        question = _with_names(question, place, gathered.snapshot)
        return replace(question, context_s=time.perf_counter() - started_s)

    async def explanation_question(
        self, notebook: Notebook, cell: int, options: Options, subject: Subject = CELL, turns: Sequence[Turn] = ()
    ) -> Question:
        """The same for `explain`."""
        started_s, model = time.perf_counter(), self._current_model()
        place = _end_of_cell(notebook, cell)
        if not place.source.strip() and not subject.text.strip():
            raise BadRequest(f"cell {cell} is empty: there is nothing to explain")
        if turns and turns[-1].speaker != "person":
            raise BadRequest("the last turn is the assistant's: send a question behind it")
        about = replace(subject, code=place.source)
        gathered = await self._gathered(_naming(place, subject.text, *(turn.text for turn in turns[-1:])), options)
        return Road(model, options, gathered.asked, started_s).question(
            lambda room, count: model.family.explain(place, about, turns, gathered.snippets, room, count),
            answer_stages,
        )

    async def chat_question(
        self, notebook: Notebook, cell: int | None, conversation: Conversation, options: Options
    ) -> Question:
        """The same for `chat`."""
        started_s, model = time.perf_counter(), self._current_model()
        turns = conversation.turns
        if not turns or turns[-1].speaker != "person" or not turns[-1].text.strip():
            raise BadRequest("nothing is asked: send a conversation that ends with a question")
        place = _below_cell(notebook, len(notebook.cells) - 1 if cell is None else cell)
        gathered = await self._gathered(_naming(place, turns[-1].text), options)
        said = with_frames(conversation, gathered.snapshot)
        return Road(model, options, gathered.asked, started_s).question(
            lambda room, count: model.family.chat(place, said, gathered.snippets, room, count), answer_stages
        )

    async def edit_question(
        self, notebook: Notebook, cell: int, instruction: str, span: tuple[int, int] | None, options: Options
    ) -> Question:
        """The same for `edit`."""
        if not instruction.strip():
            raise BadRequest("the instruction is empty: say in words what is to change")
        return await self._change_question(notebook, cell, span, Change(text="", wish=instruction.strip()), options)

    async def fix_question(self, notebook: Notebook, cell: int, mishap: Mishap, options: Options) -> Question:
        """The same for `fix`."""
        change = Change(text="", wish=f"Fix {short_line(mishap)}", mishap=short_traceback(mishap))
        return await self._change_question(notebook, cell, None, change, options)

    async def _change_question(
        self, notebook: Notebook, cell: int, span: tuple[int, int] | None, change: Change, options: Options
    ) -> Question:
        started_s, model = time.perf_counter(), self._current_model()
        place = _end_of_cell(notebook, cell)
        part = stretch_of(place.source, span)
        options = model.options_to_change(part.text, options)
        gathered = await self._gathered(_naming(place, change.wish, change.mishap), options)
        above = Cell(kind=place.kind, source=place.source[: part.start])
        place = replace(place, before=(*place.before, above), prefix="", suffix="", request=None)
        wanted = replace(change, text=part.text, indent=part.indent)

        def prompt_of(room: int, count: Count) -> Prompt:
            if not part.text:
                return model.family.generate(place, change.wish, gathered.snippets, room, count)
            return model.family.edit(place, wanted, gathered.snippets, room, count)

        question = Road(model, options, gathered.asked, started_s).question(
            prompt_of, lambda prompt: change_stages(prompt, part.before, part.text, part.behind)
        )
        question.require_whole(part.indent + part.text if part.text else "")
        return question

    async def generation_question(self, notebook: Notebook, cell: int, request: str, options: Options) -> Question:
        """The same for `generate`."""
        started_s, model = time.perf_counter(), self._current_model()
        if not request.strip():
            raise BadRequest("the request is empty: say in words what the code should do")
        place = _before_cell(notebook, cell)
        gathered = await self._gathered(place, options)
        return Road(model, options, gathered.asked, started_s).question(
            lambda room, count: model.family.generate(place, request, gathered.snippets, room, count), answer_stages
        )

    async def _gathered(self, place: Place, options: Options) -> Gathered:
        return await gather(self._sources, place, options.context_deadline_s)


def _with_names(question: Question, place: Place, snapshot: KernelSnapshot | None) -> Question:
    """The same question, its answer kept to names that exist as far as the options want that."""
    if snapshot is None or not can_be_told(place, snapshot):
        return question
    options, tokenizer, encoded = question.options, question.model.tokenizer, question.encoded
    if options.constrained_names:
        words = Vocabulary(tokenizer.bytes_of, tokenizer.automaton)
        if guide := guide_at(place, snapshot, words, encoded.opening_text):
            encoded = replace(encoded, opening=guide.opening(encoded.opening))
            question = replace(question, encoded=encoded, guide=guide)
    if options.unknown_names == "withhold":
        question = replace(question, stages=(*question.stages, known_names(place, snapshot)))
    return question


async def _answer(ask: Callable[[], Awaitable[Question]]) -> Answer:
    """The whole road; closing the iterator on the way cancels the generation."""
    question = await ask()
    model, encoded, options = question.model, question.encoded, question.options
    request = GenerationRequest(
        prompt_ids=encoded.ids,
        max_tokens=model.longest_answer_tokens(options.max_tokens),
        stop_ids=encoded.stop_ids,
        sampling=options.sampling,
        opening=encoded.opening,
        lane=options.lane,
        replaces=options.replaces,
        user=options.user,
    )
    guide = question.guide
    generation = Steered(model.engine, request, guide) if guide else model.engine.generate(request)
    characters = Utf8Pieces()
    chain = Chain((Opening(encoded.opening_text), *question.stages))
    is_enough = False
    try:
        async for token in generation:
            if is_enough:
                continue  # cancelled below: only the usage is still awaited
            if text := chain.feed(characters.feed(model.tokenizer.bytes_of(token))):
                yield TextPiece(text)
            if chain.done:
                is_enough = True
                generation.cancel()
        if text := chain.feed(characters.close()) + chain.close():
            yield TextPiece(text)
    finally:
        generation.cancel()
    usage = generation.usage
    finish = "stop" if is_enough and usage.finish == "cancelled" else usage.finish
    yield Done(
        finish=finish,
        model=model.name,
        timings=_timings(question, usage),
        left_out_turns=question.prompt.left_out_turns,
    )


def _timings(question: Question, usage: Usage) -> Timings:
    steps = usage.new_tokens - 1
    return Timings(
        context_ms=1000 * question.context_s,
        late_sources=sum(source.outcome == "late" for source in question.asked),
        queue_ms=1000 * usage.queue_s,
        prompt_tokens=usage.prompt_tokens,
        reused_tokens=usage.reused_tokens,
        first_token_ms=1000 * usage.first_token_s,
        new_tokens=usage.new_tokens,
        tokens_per_s=steps / usage.decode_s if steps > 0 and usage.decode_s > 0 else 0.0,
    )


def _naming(place: Place, *texts: str) -> Place:
    """The same place for sources of context: what is asked in words counts as if it stood below the cell's text."""
    return replace(place, prefix="\n".join((place.source, *texts, "")), suffix="")


def _below_cell(notebook: Notebook, cell: int) -> Place:
    """Behind a cell, or at the beginning of a notebook without any."""
    if not -1 <= cell < max(1, len(notebook.cells)):
        raise BadCursor(f"cell {cell} does not exist: the notebook has {len(notebook.cells)} cells")
    return replace(_before_cell(notebook, min(cell + 1, len(notebook.cells))), request=None)


def _end_of_cell(notebook: Notebook, cell: int) -> Place:
    if not notebook.cells:
        raise BadCursor(f"cell {cell} does not exist: the notebook has no cells")
    if not 0 <= cell < len(notebook.cells):
        raise BadCursor(f"cell {cell} does not exist: the notebook has cells 0 to {len(notebook.cells) - 1}")
    return place_at(notebook, Cursor(cell=cell, offset=len(notebook.cells[cell].source)))


def _before_cell(notebook: Notebook, cell: int) -> Place:
    if not 0 <= cell <= len(notebook.cells):
        raise BadCursor(f"a cell cannot stand at {cell}: the notebook has {len(notebook.cells)} cells")
    cells = (*notebook.cells[:cell], Cell(kind="code", source=""), *notebook.cells[cell:])
    return place_at(Notebook(cells=cells, language=notebook.language, path=notebook.path), Cursor(cell=cell, offset=0))
