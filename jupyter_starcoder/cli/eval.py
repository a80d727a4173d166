"""`jupyter starcoder eval`: how many problems of a benchmark a model solves."""

import argparse
import asyncio
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_starcoder.cli import replay
from jupyter_starcoder.cli.bar import Bar
from jupyter_starcoder.config import load_settings
from jupyter_starcoder.errors import BadRequest

if TYPE_CHECKING:
    from jupyter_starcoder.evaluation.answers import Answerer
    from jupyter_starcoder.evaluation.asking import Asking
    from jupyter_starcoder.evaluation.problem import Problem, TaskSet
    from jupyter_starcoder.evaluation.results import Record
    from jupyter_starcoder.evaluation.runner import Interpreter
    from jupyter_starcoder.evaluation.summary import Summary

PROMPT_TOKENS = 3072  # the longest prompt of DS-1000 has 2909
SAMPLED = (0.2, 0.95)  # temperature and top_p of several samples a problem
DESCRIPTION = """Lets a model answer the problems of a benchmark, runs what it wrote in a sandbox, and scores it.
The code that runs was written by a model: see what the command says about its sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the answers come from, and what the record says of it."""

    answerer: "Answerer"
    facts: dict[str, object]


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command and its benchmarks."""
    parser = commands.add_parser("eval", help="score a model on a benchmark", description=DESCRIPTION)
    sets = parser.add_subparsers(title="benchmarks", metavar="BENCHMARK", required=True, dest="task_set")
    for name, prompts in PROMPTS.items():
        each = sets.add_parser(name, help=TITLES[name], description=DESCRIPTION)
        _add_options(each, prompts)
        if name == "multipl-e":
            each.add_argument("--language", choices=("js", "r"), default="js", help="whose file in a folder is meant")
        each.set_defaults(run=run, language="js")
    replay.add_parser(sets)


TITLES = {
    "ds1000": "data science in Python: pandas, NumPy, SciPy, scikit-learn, Matplotlib, PyTorch, TensorFlow",
    "humaneval": "functions of plain Python, from a docstring",
    "mbpp": "functions of plain Python, from a sentence and a test",
    "multipl-e": "HumanEval in JavaScript or R",
}
# As in evaluation/task_sets.py, which is not imported only to print a help text; a test holds them equal.
PROMPTS = {
    "ds1000": ("completion", "insertion"),
    "humaneval": ("stripped", "plain", "prompted"),
    "mbpp": ("docstring", "few-shot"),
    "multipl-e": ("stripped", "plain"),
}


def _add_options(parser: argparse.ArgumentParser, prompts: tuple[str, ...]) -> None:
    parser.add_argument("--model", help="a prepared model, instead of the configured one")
    parser.add_argument(
        "--data", type=Path, metavar="PATH", help="the benchmark's file as published, or a folder with it"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N problems")
    parser.add_argument("--samples", type=int, default=1, metavar="K", help="answers a problem; default: 1")
    parser.add_argument("--prompt", choices=prompts, default=prompts[0], help=f"how to ask; default: {prompts[0]}")
    parser.add_argument(
        "--answers", metavar="WHAT", help="score these instead of a model's: reference, empty, or a file of JSON lines"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the last run that was not finished")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for results and report; default: a new one")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--temperature", type=float, help="default: 0 for one sample, 0.2 for several")
    parser.add_argument("--top-p", type=float, help="default: 1 for one sample, 0.95 for several")
    parser.add_argument("--seed", type=int, default=0, help="of the sampling; default: 0")
    parser.add_argument("--max-tokens", type=int, help="longest answer; default: what the benchmark needs")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds a program may take; default: by benchmark")
    parser.add_argument(
        "--environment", type=Path, metavar="DIR", help="a virtual environment to run DS-1000 in, instead of our own"
    )


def run(arguments: argparse.Namespace) -> int:
    """Runs the command."""
    for name in ("limit", "samples", "max_tokens"):
        if (value := getattr(arguments, name)) is not None and value < 1:
            raise BadRequest(f"--{name.replace('_', '-')} {value} asks for nothing: give 1 or more")
    if arguments.timeout is not None and arguments.timeout <= 0:
        raise BadRequest(f"--timeout {arguments.timeout:g} leaves no time: give more than 0")
    asyncio.run(_evaluate(arguments))
    return 0


async def _evaluate(arguments: argparse.Namespace) -> None:
    from jupyter_starcoder.evaluation.evaluating import Work, evaluate
    from jupyter_starcoder.evaluation.record import recorded
    from jupyter_starcoder.evaluation.report import write_report
    from jupyter_starcoder.evaluation.runner import Runner
    from jupyter_starcoder.evaluation.runs import data_path, open_results
    from jupyter_starcoder.evaluation.summary import summarised
    from jupyter_starcoder.evaluation.task_sets import open_task_set

    path = arguments.data or data_path()
    task_set, data = open_task_set(arguments.task_set, path, arguments.language)
    async with AsyncExitStack() as stack:
        problems = list(task_set.problems)[: arguments.limit]
        source = await _source(arguments, task_set, stack)
        work = Work(
            task_set=task_set,
            problems=problems,
            samples=arguments.samples,
            limit_s=arguments.timeout or task_set.limit_s,
            prompt="" if arguments.answers else arguments.prompt,
        )
        interpreter, libraries = _interpreter(arguments, task_set, problems)
        runner = stack.enter_context(Runner(interpreter))
        say(f"sandbox: {runner.sandbox.name}: {runner.sandbox.protects}")
        for name, error in runner.facts["missing"].items():
            say(f"{name} cannot be imported there ({error}): problems that need it fail")
        record = recorded(work=work, data=data, answers=source.facts, runner=runner, libraries=libraries)
        results = stack.enter_context(open_results(arguments.output, record, resumes=arguments.resume))
        say(f"results: {results.folder}")
        bar = Bar()
        try:
            await evaluate(
                work,
                source.answerer,
                runner,
                results,
                lambda step: bar.show(step.done, step.total, step.known, f"{step.passed} passed"),
            )
        finally:
            bar.close()
        summary = summarised(results.known)
        report = write_report(results.folder, record, results.known, summary)
        (_print_json if arguments.json else _print_table)(record, summary, report)


async def _source(arguments: argparse.Namespace, task_set: "TaskSet", stack: AsyncExitStack) -> Source:
    from jupyter_starcoder.evaluation.answers import Empty, Given, References

    if arguments.answers is None:
        return await _model_source(arguments, task_set, stack)
    if arguments.answers == "reference":
        return Source(answerer=References(), facts={"given": "reference"})
    if arguments.answers == "empty":
        return Source(answerer=Empty(), facts={"given": "empty"})
    given = Given(Path(arguments.answers), task_set.name)
    return Source(answerer=given, facts={"given": Path(arguments.answers).name, "sha256": given.sha256})


async def _model_source(arguments: argparse.Namespace, task_set: "TaskSet", stack: AsyncExitStack) -> Source:
    from jupyter_starcoder.evaluation.asking import ModelAnswers
    from jupyter_starcoder.evaluation.record import of_model
    from jupyter_starcoder.local import local_engine, open_copilot
    from jupyter_starcoder.models.store import Store
    from jupyter_starcoder.values.manifest import read_manifest

    asking = _asking(arguments, task_set)
    settings = replace(load_settings(), prompt_tokens=PROMPT_TOKENS)
    if arguments.model:
        settings = replace(settings, model=arguments.model)
    started_s = time.perf_counter()
    _, model = await stack.enter_async_context(open_copilot(settings, local_engine))
    device = (await model.engine.facts()).device
    say(f"model: {model.name} on {device}, loaded in {time.perf_counter() - started_s:.1f} s")
    is_real = settings.fake_rules is None
    manifest = read_manifest(Store(settings.models_dir).folder(settings.model)) if is_real else None
    question = task_set.question(task_set.problems[0], asking.prompt, model.tokenizer.markers)
    facts = of_model(model, manifest, device, asking, question.stops)
    return Source(answerer=ModelAnswers(model, task_set, asking), facts=facts)


def _asking(arguments: argparse.Namespace, task_set: "TaskSet") -> "Asking":
    from jupyter_starcoder.evaluation.asking import Asking

    temperature, top_p = (0.0, 1.0) if arguments.samples == 1 else SAMPLED
    return Asking(
        prompt=arguments.prompt,
        temperature=temperature if arguments.temperature is None else arguments.temperature,
        top_p=top_p if arguments.top_p is None else arguments.top_p,
        seed=arguments.seed,
        max_tokens=arguments.max_tokens or task_set.answer_tokens,
    )


def _interpreter(
    arguments: argparse.Namespace, task_set: "TaskSet", problems: "list[Problem]"
) -> "tuple[Interpreter, list[str]]":
    """What runs the programs, and what is installed there."""
    from jupyter_starcoder.evaluation import environment
    from jupyter_starcoder.evaluation.runner import Interpreter, standard_library

    modules = task_set.modules(problems)
    if not task_set.needs_libraries and arguments.environment is None:
        return replace(standard_library(), modules=modules), []
    if arguments.environment is not None:
        python = environment.python_of(arguments.environment.expanduser().absolute())
    else:
        python = environment.ensure(environment.default_root(), say)
    return Interpreter(python=python, has_libraries=True, modules=modules), environment.installed(python)


def _print_json(record: "Record", summary: "Summary", report: Path) -> None:
    score = summary.all
    best = score.pass_at.get(1)
    reply = {
        "task_set": record.conditions["task_set"],
        "passed": score.passed,
        "total": score.total,
        "problems": score.problems,
        "pass_at_1": best.value if best else 0.0,
        "interval_95": [best.low, best.high] if best else [0.0, 1.0],
        "pass_at": {str(k): each.value for k, each in score.pass_at.items()},
        "groups": {
            name: {"passed": each.passed, "total": each.total, "pass_at_1": each.pass_at[1].value}
            for name, each in summary.groups.items()
        },
        "outcomes": summary.outcomes,
        "sandbox": record.circumstances["sandbox"],
        "report": str(report),
    }
    sys.stdout.write(msgspec.json.encode(reply).decode() + "\n")


def _print_table(_record: "Record", summary: "Summary", report: Path) -> None:
    from jupyter_starcoder.evaluation.report import percent

    scores = {**(summary.groups if len(summary.groups) > 1 else {}), "all": summary.all}
    width = max(map(len, scores))
    for name, score in scores.items():
        shares = ", ".join(f"pass@{k} {percent(each)} %" for k, each in score.pass_at.items())
        sys.stdout.write(f"{name:<{width}}  {score.passed:>4} of {score.total:<4}  {shares}\n")
    sys.stdout.write(f"{', '.join(f'{name} {count}' for name, count in summary.outcomes.items())}\n{report}\n")


def say(line: str) -> None:
    """Tells a person, beside the result."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
