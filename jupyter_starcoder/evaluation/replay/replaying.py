"""A replay from the first cell to the last: put the cursor, ask under every condition, score, keep, run the cell."""

import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_starcoder.copilot import Copilot, Options, Question, SnapshotOf
from jupyter_starcoder.evaluation.evaluating import Progress, Step
from jupyter_starcoder.evaluation.replay.conditions import Condition
from jupyter_starcoder.evaluation.replay.live import LiveNotebook, started
from jupyter_starcoder.evaluation.replay.places import KINDS, Kind, Spot, sampled
from jupyter_starcoder.evaluation.replay.results import Suggested, Suggestions
from jupyter_starcoder.evaluation.replay.scoring import first_line, scored
from jupyter_starcoder.notebook.reading import read_notebook
from jupyter_starcoder.values.answer import Done, TextPiece
from jupyter_starcoder.values.notebook import Cursor
from jupyter_starcoder.values.settings import Settings

CONTEXT_S = 30.0  # sources of context are never late: the same replay gives the same prompts on any machine

MakeCopilot = Callable[[Settings, Path, SnapshotOf], Copilot]  # (settings, the notebook's folder, its kernel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is to be done."""

    notebooks: Sequence[Path]
    conditions: Sequence[Condition]
    settings: Settings
    places: int  # a cell, at most
    cells: int | None  # a notebook, at most
    seed: int
    kinds: Sequence[Kind] = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Stop:
    """A cell that is stopped at, and its places."""

    cell: int
    source: str
    spots: Sequence[Spot]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question brought."""

    text: str
    new_tokens: int
    seconds: float


def stops(path: Path, work: Replay) -> list[Stop]:
    """The cells of a notebook that are stopped at, in order; the same for the same seed.

    Raises:
        BadNotebook: the file is not there, or holds no notebook.
    """
    key = f"{work.seed}/{path.stem}"
    found = [
        Stop(index, cell.source, sampled(cell.source, work.places, f"{key}/{index}", work.kinds))
        for index, cell in enumerate(read_notebook(path).cells)
        if cell.kind == "code"
    ]
    found = [stop for stop in found if stop.spots]
    if work.cells is not None and work.cells < len(found):
        found = random.Random(key).sample(found, work.cells)  # noqa: S311 - a sample, no secret
    return sorted(found, key=lambda stop: stop.cell)


async def replay(work: Replay, make_copilot: MakeCopilot, results: Suggestions, progress: Progress) -> None:
    """Asks what has no result yet; each is kept before the next.

    Raises:
        EvaluationError: a cell failed.
        EngineError: the model stopped.
    """
    planned = {path: stops(path, work) for path in work.notebooks}
    total = len(work.conditions) * sum(len(stop.spots) for each in planned.values() for stop in each)
    known = {line.place for line in results.known}
    done = before = len(known)
    exact = sum(line.exact for line in results.known)
    progress(Step(done=done, total=total, known=before, passed=exact))
    for path, planned_stops in planned.items():
        missing = [stop for stop in planned_stops if _is_missing(work, path, stop, known)]
        if not missing:
            continue
        async with started(path) as live:
            for stop in missing:
                await live.run(stop.cell - 1)
                async for line in _at_stop(work, path, stop, live, make_copilot):
                    if line.place not in known:
                        results.add(line)
                        done, exact = done + 1, exact + line.exact
                        progress(Step(done=done, total=total, known=before, passed=exact))


def _is_missing(work: Replay, path: Path, stop: Stop, known: set[tuple[str, int, int, str]]) -> bool:
    wanted = {(path.stem, stop.cell, spot.offset, each.name) for spot in stop.spots for each in work.conditions}
    return not wanted <= known


async def _at_stop(
    work: Replay, path: Path, stop: Stop, live: LiveNotebook, make_copilot: MakeCopilot
) -> AsyncIterator[Suggested]:
    """All conditions of all places, while the kernel stands still."""
    copilots = {
        each.name: make_copilot(each.settings(work.settings), path.parent, live.snapshots(each.detail))
        for each in work.conditions
    }
    for spot in stop.spots:
        notebook = live.until(stop.cell, stop.source[: spot.offset])
        answers: dict[object, Answer] = {}
        for condition in work.conditions:
            seen = condition.notebook(notebook)
            copilot = copilots[condition.name]
            cursor = Cursor(cell=len(seen.cells) - 1, offset=spot.offset)
            question = await copilot.questions.completion(seen, cursor, _options(condition.settings(work.settings)))
            key = (question.encoded.ids, question.guide is not None, condition.unknown_names)
            answer = answers.get(key) or await _answered(copilot, question)
            answers.setdefault(key, replace(answer, seconds=0.0))  # an equal question is answered once
            written = stop.source[spot.offset :]
            score = scored(answer.text, written)
            yield Suggested(
                notebook=path.stem,
                cell=stop.cell,
                offset=spot.offset,
                kind=spot.kind,
                condition=condition.name,
                suggestion=answer.text,
                written=first_line(written),
                exact=score.exact,
                matched=score.matched,
                saved=score.saved,
                saved_whole=score.saved_whole,
                steered=question.guide is not None,
                prompt_tokens=len(question.encoded.ids),
                new_tokens=answer.new_tokens,
                answer_s=round(answer.seconds, 3),
            )


def _options(settings: Settings) -> Options:
    return Options(
        max_tokens=settings.completion_tokens,
        prompt_tokens=settings.prompt_tokens,
        context_deadline_s=CONTEXT_S,
        constrained_names=settings.constrained_names,
        unknown_names=settings.unknown_names,
    )


async def _answered(copilot: Copilot, question: Question) -> Answer:
    started_s, pieces, new_tokens = time.perf_counter(), [], 0
    async for event in copilot.answer(question):
        if isinstance(event, TextPiece):
            pieces.append(event.text)
        elif isinstance(event, Done):
            new_tokens = event.timings.new_tokens
    return Answer("".join(pieces), new_tokens, time.perf_counter() - started_s)
