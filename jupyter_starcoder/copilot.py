"""How the product works, top to bottom: a notebook goes in, text comes out at the cursor.

    notebook → context → prompt → tokenizer → engine → tokenizer → stream

This is the only file that sees all stages.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace

from jupyter_starcoder.context.gathering import Gathered, gather
from jupyter_starcoder.context.kernel import SnapshotOf
from jupyter_starcoder.context.source import ContextSource
from jupyter_starcoder.engine.steering import Steered
from jupyter_starcoder.errors import BadCursor, BadRequest
from jupyter_starcoder.names.guide import Vocabulary
from jupyter_starcoder.names.holding import can_be_told, guide_at, known_names
from jupyter_starcoder.notebook.cursor import place_at
from jupyter_starcoder.question import LoadedModel, Options, Question, Road
from jupyter_starcoder.stream.opening import Opening
from jupyter_starcoder.stream.sequence import answer_stages, completion_stages
from jupyter_starcoder.stream.stage import Chain
from jupyter_starcoder.stream.utf8 import Utf8Pieces
from jupyter_starcoder.values.answer import Done, TextPiece, Timings
from jupyter_starcoder.values.generation import GenerationRequest, Usage
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Place
from kernels_ctx.snapshot import KernelSnapshot

__all__ = ("Answer", "Copilot", "LoadedModel", "Options", "Question", "SnapshotOf")

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

    def explain(self, notebook: Notebook, cell: int, options: Options) -> Answer:
        """What a cell does, in Markdown. Raises as `complete` does."""
        return _answer(lambda: self.explanation_question(notebook, cell, options))

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

    async def explanation_question(self, notebook: Notebook, cell: int, options: Options) -> Question:
        """The same for `explain`."""
        started_s, model = time.perf_counter(), self._current_model()
        place = _end_of_cell(notebook, cell)
        if not place.source.strip():
            raise BadRequest(f"cell {cell} is empty: there is nothing to explain")
        gathered = await self._gathered(place, options)
        return Road(model, options, gathered.asked, started_s).question(
            lambda room, count: model.family.explain(place, gathered.snippets, room, count), answer_stages
        )

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
    yield Done(finish=finish, model=model.name, timings=_timings(question, usage))


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
