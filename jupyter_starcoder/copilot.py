"""How the product works, top to bottom: a notebook goes in, text comes out at the cursor.

    notebook → context → prompt → tokenizer → engine → tokenizer → stream

`Questions` goes the road up to the engine, this file the rest. No other file sees all stages.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from jupyter_starcoder.context.kernel import SnapshotOf
from jupyter_starcoder.context.source import ContextSource
from jupyter_starcoder.engine.steering import Steered
from jupyter_starcoder.question import LoadedModel, Options, Question
from jupyter_starcoder.questions import CELL, Questions
from jupyter_starcoder.stream.opening import Opening
from jupyter_starcoder.stream.stage import Chain
from jupyter_starcoder.stream.utf8 import Utf8Pieces
from jupyter_starcoder.values.answer import Done, TextPiece, Timings
from jupyter_starcoder.values.conversation import Conversation, Mishap, Subject, Turn
from jupyter_starcoder.values.generation import GenerationRequest, Usage
from jupyter_starcoder.values.notebook import Cursor, Notebook

__all__ = ("Answer", "Copilot", "LoadedModel", "Options", "Question", "SnapshotOf")

Answer = AsyncGenerator[TextPiece | Done, None]


class Copilot:
    """Completes, explains, changes and writes cells with the model that `current_model` gives."""

    def __init__(self, current_model: Callable[[], LoadedModel], sources: Sequence[ContextSource] = ()) -> None:
        """Args: sources: of context; the one that asks the live kernel tells which names exist, too."""
        self.questions = Questions(current_model, sources)

    def complete(self, notebook: Notebook, cursor: Cursor, options: Options) -> Answer:
        """What is typed next at the cursor.

        Raises:
            BadCursor: the cursor lies outside the notebook.
            ModelNotReady: no model is loaded yet.
            EngineError: the engine could not answer, or stopped on the way.
        """
        return _asked(lambda: self.questions.completion(notebook, cursor, options))

    def explain(
        self, notebook: Notebook, cell: int, options: Options, subject: Subject = CELL, turns: Sequence[Turn] = ()
    ) -> Answer:
        """What a cell does, or a part of it says, in Markdown; with turns, the answer to the last. Raises likewise."""
        return _asked(lambda: self.questions.explanation(notebook, cell, options, subject, turns))

    def chat(self, notebook: Notebook, cell: int | None, conversation: Conversation, options: Options) -> Answer:
        """What the assistant says next; `cell` is the one that the person looks at. Raises as `complete` does."""
        return _asked(lambda: self.questions.chat(notebook, cell, conversation, options))

    def edit(
        self, notebook: Notebook, cell: int, instruction: str, span: tuple[int, int] | None, options: Options
    ) -> Answer:
        """The cell's whole new text; of a span, nothing around it changes. Raises as `complete` does, and besides:

        Raises:
            CellTooLong: what is to be changed does not fit into the model's window twice.
        """
        return _asked(lambda: self.questions.edit(notebook, cell, instruction, span, options))

    def fix(self, notebook: Notebook, cell: int, mishap: Mishap, options: Options) -> Answer:
        """The cell's whole new text without the error. Raises as `edit` does."""
        return _asked(lambda: self.questions.fix(notebook, cell, mishap, options))

    def generate(self, notebook: Notebook, cell: int, request: str, options: Options) -> Answer:
        """Code for a request in words, to stand in a new cell before index `cell`. Raises as `complete` does."""
        return _asked(lambda: self.questions.generation(notebook, cell, request, options))

    def answer(self, question: Question) -> Answer:
        """The model's answer to one of the `questions`, for whoever wants to see it before."""
        return _answer(question)


async def _asked(ask: Callable[[], Awaitable[Question]]) -> Answer:
    """The whole road. Nothing is done before somebody reads."""
    async with aclosing(_answer(await ask())) as events:
        async for event in events:
            yield event


async def _answer(question: Question) -> Answer:
    """The model's answer; closing the iterator on the way cancels the generation."""
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
