"""What the model is asked: the road of each request, from the notebook up to the engine."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from jupyter_starcoder.context.attachments import with_frames
from jupyter_starcoder.context.gathering import Gathered, gather
from jupyter_starcoder.context.source import ContextSource
from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.names.guide import Vocabulary
from jupyter_starcoder.names.holding import can_be_told, guide_at, known_names
from jupyter_starcoder.names.nearest import mended_beginning, nearest_names
from jupyter_starcoder.notebook.cursor import before_cell, below_cell, end_of_cell, place_at
from jupyter_starcoder.notebook.mishap import short_line, short_traceback
from jupyter_starcoder.notebook.stretch import stretch_of
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.question import LoadedModel, Options, Question, Road
from jupyter_starcoder.stream.sequence import answer_stages, change_stages, completion_stages
from jupyter_starcoder.values.conversation import Change, Conversation, Mishap, Subject, Turn
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Place
from jupyter_starcoder.values.prompt import Prompt
from kernels_ctx.snapshot import KernelSnapshot

CELL = Subject()
MOST_GIVEN_CHARS = 1_000  # it stands in the prompt besides the text itself


class Questions:
    """One question for each request. They raise as the requests of `Copilot` do; `--show-prompt` stops here."""

    def __init__(self, current_model: Callable[[], LoadedModel], sources: Sequence[ContextSource] = ()) -> None:
        """Args: as of `Copilot`."""
        self._current_model = current_model
        self._sources = tuple(sources)

    async def completion(self, notebook: Notebook, cursor: Cursor, options: Options) -> Question:
        """What is typed next at a cursor."""
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

    async def explanation(
        self, notebook: Notebook, cell: int, options: Options, subject: Subject = CELL, turns: Sequence[Turn] = ()
    ) -> Question:
        """What a cell does, or a part of it says."""
        started_s, model = time.perf_counter(), self._current_model()
        place = end_of_cell(notebook, cell)
        if not place.source.strip() and not subject.text.strip():
            raise BadRequest(f"cell {cell} is empty: there is nothing to explain")
        if turns and turns[-1].speaker != "person":
            raise BadRequest("the last turn is the assistant's: send a question behind it")
        about = replace(subject, code=place.source)
        gathered = await self._gathered(_naming(place, subject.text, *_asked(turns)), options)
        return Road(model, options, gathered.asked, started_s).question(
            lambda room, count: model.family.explain(place, about, turns, gathered.snippets, room, count),
            answer_stages,
        )

    async def chat(
        self, notebook: Notebook, cell: int | None, conversation: Conversation, options: Options
    ) -> Question:
        """What the assistant says next."""
        started_s, model = time.perf_counter(), self._current_model()
        turns = conversation.turns
        if not turns or turns[-1].speaker != "person" or not turns[-1].text.strip():
            raise BadRequest("nothing is asked: send a conversation that ends with a question")
        place = below_cell(notebook, len(notebook.cells) - 1 if cell is None else cell)
        gathered = await self._gathered(_naming(place, *_asked(turns)), options)
        said = with_frames(conversation, gathered.snapshot)
        return Road(model, options, gathered.asked, started_s).question(
            lambda room, count: model.family.chat(place, said, gathered.snippets, room, count), answer_stages
        )

    async def edit(
        self, notebook: Notebook, cell: int, instruction: str, span: tuple[int, int] | None, options: Options
    ) -> Question:
        """A cell's new text, changed as somebody wishes."""
        if not instruction.strip():
            raise BadRequest("the instruction is empty: say in words what is to change")
        return await self._change(notebook, cell, span, Change(text="", wish=instruction.strip()), options)

    async def fix(self, notebook: Notebook, cell: int, mishap: Mishap, options: Options) -> Question:
        """A cell's new text, without its error."""
        change = Change(text="", wish=f"Fix {short_line(mishap)}", mishap=short_traceback(mishap), error=mishap)
        return await self._change(notebook, cell, None, change, options)

    async def _change(
        self, notebook: Notebook, cell: int, span: tuple[int, int] | None, change: Change, options: Options
    ) -> Question:
        started_s, model = time.perf_counter(), self._current_model()
        place = end_of_cell(notebook, cell)
        part = stretch_of(place.source, span)
        options = model.options_to_change(part.text, options)
        gathered = await self._gathered(_naming(place, change.wish, change.mishap), options)
        above = Cell(kind=place.kind, source=place.source[: part.start])
        place = replace(place, before=(*place.before, above), prefix="", suffix="", request=None)
        change = _with_nearest(change, part.text, gathered.snapshot)
        options = replace(options, prompt_tokens=options.prompt_tokens + model.tokenizer.count(change.given))
        wanted = replace(change, text=part.text, indent=part.indent)

        def prompt_of(room: int, count: Count) -> Prompt:
            if not part.text:
                return model.family.generate(place, change.wish, gathered.snippets, room, count)
            return model.family.edit(place, wanted, gathered.snippets, room, count)

        question = Road(model, options, gathered.asked, started_s).question(
            prompt_of, lambda prompt: change_stages(prompt, (part.before, part.text, part.behind), change.given)
        )
        question.require_whole(part.indent + part.text if part.text else "")
        return question

    async def generation(self, notebook: Notebook, cell: int, request: str, options: Options) -> Question:
        """Code for a request in words."""
        started_s, model = time.perf_counter(), self._current_model()
        if not request.strip():
            raise BadRequest("the request is empty: say in words what the code should do")
        place = before_cell(notebook, cell)
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


def _with_nearest(change: Change, code: str, snapshot: KernelSnapshot | None) -> Change:
    """The same; where an error misses a name, the ones that exist and are like it stand behind what is wished.

    Where there is only one of them the new text begins with it: small models do not see what is meant otherwise.
    """
    if change.error is None or not (names := nearest_names(change.error, code, snapshot)):
        return change
    wish = f"{change.wish}. Did you mean {' or '.join(names)}?"
    given = mended_beginning(change.error, code, names)
    return replace(change, wish=wish, given=given if len(given) <= MOST_GIVEN_CHARS else "")


def _asked(turns: Sequence[Turn]) -> Iterator[str]:
    """All that the person said: by the last words alone, what stands in front of a conversation would change."""
    return (turn.text for turn in turns if turn.speaker == "person")


def _naming(place: Place, *texts: str) -> Place:
    """The same place for sources of context: what is asked in words counts as if it stood below the cell's text."""
    return replace(place, prefix="\n".join((place.source, *texts, "")), suffix="")
