"""`jupyter starcoder eval replay`: how much of a notebook a model would have typed for its author."""

import argparse
import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from jupyter_starcoder.cli.bar import Bar
from jupyter_starcoder.config import load_settings
from jupyter_starcoder.errors import BadRequest, EvaluationError
from jupyter_starcoder.values.prompt import Form

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import LoadedModel
    from jupyter_starcoder.evaluation.replay.results import Suggestions
    from jupyter_starcoder.evaluation.replay.summary import Summary
    from jupyter_starcoder.evaluation.results import Record
    from jupyter_starcoder.values.model import Manifest
    from jupyter_starcoder.values.settings import Settings

DESCRIPTION = """Runs notebooks cell by cell in a kernel of their own, puts the cursor where their author wrote, and
compares what a model suggests there with what the author wrote, with and without each source of context. The code of
the notebooks is run, never what the model wrote."""


def add_parser(sets: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds it beside the benchmarks."""
    parser = sets.add_parser("replay", help="completions in notebooks that you have", description=DESCRIPTION)
    parser.add_argument(
        "notebooks",
        type=Path,
        nargs="+",
        metavar="NOTEBOOK",
        help="an .ipynb file; where it stands decides what it can import",
    )
    parser.add_argument("--model", help="a prepared model, instead of the configured one")
    parser.add_argument("--prompt", choices=get_args(Form), help="how a notebook is written down for the model")
    parser.add_argument("--limit-places", type=int, default=2, metavar="N", help="places a cell; default: 2")
    parser.add_argument("--limit-cells", type=int, metavar="N", help="cells a notebook, drawn by the seed")
    parser.add_argument("--kinds", metavar="LIST", help="kinds of places, with commas between; default: all")
    parser.add_argument("--conditions", metavar="LIST", help="of these alone, with commas between; default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the places; default: 0")
    parser.add_argument("--resume", action="store_true", help="go on with the last run that was not finished")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for results and report; default: a new one")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs the command."""
    for name in ("limit_places", "limit_cells"):
        if (value := getattr(arguments, name)) is not None and value < 1:
            raise BadRequest(f"--{name.replace('_', '-')} {value} asks for nothing: give 1 or more")
    asyncio.run(_replay(arguments))
    return 0


async def _replay(arguments: argparse.Namespace) -> None:
    from jupyter_starcoder.evaluation.replay.conditions import conditions_of
    from jupyter_starcoder.evaluation.replay.places import kinds_of
    from jupyter_starcoder.evaluation.replay.record import replay_record
    from jupyter_starcoder.evaluation.replay.replaying import Replay, replay
    from jupyter_starcoder.evaluation.replay.report import write_report
    from jupyter_starcoder.evaluation.replay.summary import summarised
    from jupyter_starcoder.local import live_copilot, local_engine, open_copilot

    settings = load_settings()
    if arguments.model:
        settings = replace(settings, model=arguments.model)
    if arguments.prompt:
        settings = replace(settings, prompt_form=arguments.prompt)
    work = Replay(
        notebooks=_with_names_of_their_own(arguments.notebooks),
        conditions=conditions_of(_names(arguments.conditions)),
        kinds=kinds_of(_names(arguments.kinds)),
        settings=settings,
        places=arguments.limit_places,
        cells=arguments.limit_cells,
        seed=arguments.seed,
    )
    started_s = time.perf_counter()
    async with open_copilot(settings, local_engine) as (_, model):
        device = (await model.engine.facts()).device
        say(f"model: {model.name} on {device}, loaded in {time.perf_counter() - started_s:.1f} s")
        record = replay_record(work, model, _manifest(settings), device)
        with _opened(arguments, record) as results:
            say(f"results: {results.folder}")
            bar = Bar()
            try:
                await replay(
                    work,
                    lambda chosen, root, snapshot_of: live_copilot(model, chosen, root, snapshot_of),
                    results,
                    lambda step: bar.show(step.done, step.total, step.known, f"{step.passed} lines exact"),
                )
            finally:
                bar.close()
    summary = summarised(results.known)
    report = write_report(results.folder, record, summary)
    (_print_json if arguments.json else _print_table)(model, summary, report)


def _names(text: str | None) -> list[str]:
    return text.split(",") if text else []


def _opened(arguments: argparse.Namespace, record: "Record") -> "Suggestions":
    from jupyter_starcoder.evaluation.replay.results import Suggestions
    from jupyter_starcoder.evaluation.results import RESULTS_FILE
    from jupyter_starcoder.evaluation.runs import folder_for

    folder = folder_for(arguments.output, record, resumes=arguments.resume)
    if arguments.resume and (folder / RESULTS_FILE).exists():
        return Suggestions.resume(folder, record)
    return Suggestions.begin(folder, record)


def _with_names_of_their_own(paths: list[Path]) -> list[Path]:
    """The notebooks, which results name without their folders."""
    names = [path.stem for path in paths]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise EvaluationError(f"two notebooks are called {', '.join(twice)}: replay them one after the other")
    return paths


def _manifest(settings: "Settings") -> "Manifest | None":
    from jupyter_starcoder.models.store import Store
    from jupyter_starcoder.values.manifest import read_manifest

    return read_manifest(Store(settings.models_dir).folder(settings.model)) if settings.fake_rules is None else None


def _print_json(model: "LoadedModel", summary: "Summary", report: Path) -> None:
    reply = {"task_set": "replay", "model": model.name, "summary": summary, "report": str(report)}
    sys.stdout.write(msgspec.json.encode(reply).decode() + "\n")


def _print_table(_model: "LoadedModel", summary: "Summary", report: Path) -> None:
    from jupyter_starcoder.evaluation.replay.report import spelled
    from jupyter_starcoder.evaluation.report import percent

    for name, each in summary.conditions.items():
        exact, saved = each.measures["exact"], each.measures["saved"]
        sys.stdout.write(f"{name:<16} exact {percent(exact):<22} %  saved {spelled(saved)} keystrokes a place\n")
    sys.stdout.write(f"{report}\n")


def say(line: str) -> None:
    """Tells a person, beside the result."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
