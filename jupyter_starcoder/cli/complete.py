"""`jupyter starcoder complete`: a completion in a notebook file, and where its time went."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from jupyter_starcoder.config import load_settings
from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.routes.debug import prompt_event
from jupyter_starcoder.values.answer import Done, TextPiece, Timings
from jupyter_starcoder.values.notebook import Cursor, Notebook
from jupyter_starcoder.values.prompt import Form

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import Copilot, Options, Question
    from jupyter_starcoder.values.settings import Settings


@dataclass(frozen=True, slots=True)
class Run:
    """One completion and where its time went."""

    completion: str
    timings: Timings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = commands.add_parser("complete", help="complete code at a place in a notebook file")
    parser.add_argument("notebook", type=Path, help="an .ipynb file")
    parser.add_argument("--cell", type=int, required=True, help="the cell with the cursor: among all cells, from 0")
    parser.add_argument("--offset", type=int, required=True, help="the cursor: characters from the cell's start")
    parser.add_argument("--model", help="a prepared model, instead of the configured one")
    parser.add_argument("--prompt", choices=get_args(Form), help="how the notebook is written down for the model")
    parser.add_argument("--max-tokens", type=int, help="longest completion, in tokens")
    parser.add_argument("--json", action="store_true", help="print one JSON object with completion and timings")
    parser.add_argument(
        "--repeat", type=_at_least_one, default=1, metavar="N", help="ask N times; all but the first are warm"
    )
    parser.add_argument("--show-prompt", action="store_true", help="print what the model would be given, and stop")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs the command."""
    asyncio.run(_complete(arguments))
    return 0


async def _complete(arguments: argparse.Namespace) -> None:
    from jupyter_starcoder.local import local_engine, open_copilot
    from jupyter_starcoder.notebook.reading import read_notebook

    notebook = read_notebook(arguments.notebook)
    cursor = Cursor(cell=arguments.cell, offset=arguments.offset)
    settings = load_settings()
    if arguments.model:
        settings = replace(settings, model=arguments.model)
    if arguments.prompt:
        settings = replace(settings, prompt_form=arguments.prompt)
    started_s = time.perf_counter()
    root = arguments.notebook.resolve().parent
    async with open_copilot(settings, local_engine, root=root) as (copilot, model):
        loaded_s = time.perf_counter() - started_s
        options = _options(settings, arguments.max_tokens)
        if arguments.show_prompt:
            _show(await copilot.questions.completion(notebook, cursor, options), is_json=arguments.json)
            return
        write = _ignore if arguments.json else _write
        runs = [await _ask(copilot, notebook, cursor, options, write) for _ in range(arguments.repeat)]
    if arguments.json:
        _print_json(runs)
    else:
        _print_timings(runs, model.name, loaded_s)


async def _ask(
    copilot: "Copilot", notebook: Notebook, cursor: Cursor, options: "Options", write: Callable[[str], None]
) -> Run:
    pieces: list[str] = []
    async for event in copilot.complete(notebook, cursor, options):
        if isinstance(event, TextPiece):
            pieces.append(event.text)
            write(event.text)
        elif isinstance(event, Done):
            write("\n")
            return Run("".join(pieces), event.timings)
    raise StarcoderError("the answer ended without its timings: this is a defect of ours")


def _options(settings: "Settings", max_tokens: int | None) -> "Options":
    from jupyter_starcoder.copilot import Options

    return Options(
        max_tokens=settings.completion_tokens if max_tokens is None else max_tokens,
        prompt_tokens=settings.prompt_tokens,
        context_deadline_s=settings.context_deadline_s,
    )


def _print_json(runs: list[Run]) -> None:
    first, *again = runs
    reply: dict[str, object] = {"completion": first.completion, "timings": first.timings}
    if again:
        reply["runs"] = [run.timings for run in runs]
    _write(msgspec.json.encode(reply).decode() + "\n")


def _print_timings(runs: list[Run], model: str, loaded_s: float) -> None:
    sys.stderr.write(f"{model}, loaded in {loaded_s:.2f} s\n")
    for each in runs:
        timings = each.timings
        sys.stderr.write(
            f"context {timings.context_ms:.0f} ms, prompt {timings.prompt_tokens} tokens "
            f"({timings.reused_tokens} reused), first token {timings.first_token_ms:.0f} ms, "
            f"{timings.new_tokens} tokens at {timings.tokens_per_s:.0f}/s\n"
        )


def _show(question: "Question", *, is_json: bool) -> None:
    """The prompt alone on standard output, and on the other what it is made of."""
    event = prompt_event(question)
    if is_json:
        _write(msgspec.json.encode(event).decode() + "\n")
        return
    _write("".join(section.text for section in event.sections) + "\n")
    for section in event.sections:
        sys.stderr.write(f"{section.name:<10} {section.tokens:>6} tokens {section.build_ms:>8.1f} ms\n")
    for source in event.sources:
        sys.stderr.write(f"{source.name:<10} {source.snippets:>6} known  {source.took_ms:>8.1f} ms  {source.outcome}\n")
    sys.stderr.write(f"{event.family}: {event.tokens} of {event.budget_tokens} tokens, in {event.context_ms:.1f} ms\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _ignore(_text: str) -> None:
    return


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of times: give 1 or more")
    return int(text)
