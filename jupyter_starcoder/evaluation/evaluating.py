"""A run from its first problem to its last: ask, run, keep."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_starcoder.evaluation.answers import Answerer
from jupyter_starcoder.evaluation.problem import Problem, TaskSet
from jupyter_starcoder.evaluation.results import Result, Results
from jupyter_starcoder.evaluation.runner import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a run is."""

    done: int
    total: int
    known: int  # of those done, the ones that an earlier part of the run had made
    passed: int


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be done."""

    task_set: TaskSet
    problems: Sequence[Problem]
    samples: int
    limit_s: float
    prompt: str = ""  # how a model is asked; empty for answers that are given


async def evaluate(work: Work, answerer: Answerer, runner: Runner, results: Results, progress: Progress) -> None:
    """Answers and runs what has no result yet; each result is kept before the next problem begins.

    Raises:
        EvaluationError: an answer is missing, or programs can no longer be run.
        EngineError: the model stopped.
    """
    wanted = [(problem, sample) for problem in work.problems for sample in range(work.samples)]
    known = {(result.problem, result.sample) for result in results.known}
    missing = [(problem, sample) for problem, sample in wanted if (problem.name, sample) not in known]
    passed = sum(result.passed for result in results.known)
    before = len(wanted) - len(missing)
    progress(Step(done=before, total=len(wanted), known=before, passed=passed))
    for number, (problem, sample) in enumerate(missing, start=1):
        result = await _one(work, problem, sample, answerer, runner)
        results.add(result)
        passed += result.passed
        progress(Step(done=before + number, total=len(wanted), known=before, passed=passed))


async def _one(work: Work, problem: Problem, sample: int, answerer: Answerer, runner: Runner) -> Result:
    answer = await answerer.answer(problem, sample)
    program = work.task_set.program(problem, answer.text, work.prompt)
    verdict = await asyncio.to_thread(runner.run, program, limit_s=work.limit_s)
    return Result(
        problem=problem.name,
        sample=sample,
        group=problem.group,
        outcome=verdict.outcome,
        message=verdict.message,
        seconds=verdict.seconds,
        answer=answer.text,
        prompt_tokens=answer.prompt_tokens,
        new_tokens=answer.new_tokens,
        finish=answer.finish,
        answer_s=answer.seconds,
    )
