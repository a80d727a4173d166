"""How many edits and fixes a model gets right: the new cell is run, and code tells whether it has what was wanted.

`python benchmarks/changes.py`. Answers are greedy, so a run gives the same again. What a model wrote runs in the
sandbox of the evaluation. `--check` asks no model: it makes sure that the tasks accept a right answer and not the cell
as it was.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from change_tasks import SALES, TASKS, Task
from prepared import add_model
from report import surroundings

from jupyter_starcoder.config import load_settings
from jupyter_starcoder.context.kernel import KernelSource
from jupyter_starcoder.copilot import Answer, Copilot, LoadedModel, Options
from jupyter_starcoder.evaluation.problem import Program
from jupyter_starcoder.evaluation.runner import Interpreter, Runner
from jupyter_starcoder.local import load_model, local_engine
from jupyter_starcoder.values.answer import TextPiece
from jupyter_starcoder.values.conversation import Mishap
from jupyter_starcoder.values.notebook import Cell, Notebook
from kernels_ctx.snapshot import Column, KernelSnapshot, Members, Variable

LIMIT_S = 10
COLUMNS = {"region": "object", "revenue": "float64", "units": "int64"}
SNAPSHOT = KernelSnapshot(
    language="python",
    variables=(
        Variable(name="pd", type_name="module", kind="module", detail="pandas"),
        Variable(
            name="sales",
            type_name="DataFrame",
            kind="frame",
            library="pandas",
            shape=(3, 3),
            columns=tuple(Column(name=repr(key), dtype=dtype, key=key) for key, dtype in COLUMNS.items()),
            column_count=3,
            touched=1,
        ),
    ),
    names=("pd", "sales"),
    members=(Members(type_name="DataFrame", library="pandas", names=("groupby", "merge", "sort_values")),),
)
EMPTY = KernelSnapshot(language="python", variables=())


def asked(copilot: Copilot, task: Task, options: Options) -> Answer:
    """The model's answer to a task."""
    above = (Cell(kind="code", source=task.above, run=1),) if task.above else ()
    notebook = Notebook(cells=(*above, Cell(kind="code", source=task.cell)))
    if task.wish:
        return copilot.edit(notebook, len(above), task.wish, None, options)
    name, message = task.error
    place = f"Cell In[2], line {task.line}\n----> {task.line} {task.cell.splitlines()[task.line - 1]}\n\n"
    return copilot.fix(notebook, len(above), Mishap(name=name, message=message, traceback=place), options)


def copilot_for(model: LoadedModel, task: Task) -> Copilot:
    """A copilot whose kernel has run the cell above."""

    async def snapshot_of(_path: str, _timeout_s: float) -> KernelSnapshot:
        return SNAPSHOT if task.above == SALES else EMPTY

    return Copilot(lambda: model, [KernelSource(snapshot_of)])


async def answers(folder: Path, tasks: Sequence[Task]) -> list[str]:
    """What the model makes of each cell."""
    settings = load_settings()
    model = await load_model(folder.name, settings, local_engine, lambda _: None)
    options = Options(
        max_tokens=settings.edit_tokens, prompt_tokens=settings.prompt_tokens, lane="chat", context_deadline_s=10
    )
    try:
        found: list[str] = []
        for task in tasks:
            events = asked(copilot_for(model, task), task, options)
            found.append("".join([event.text async for event in events if isinstance(event, TextPiece)]))
        return found
    finally:
        await model.engine.close()


def judged(runner: Runner, task: Task, answer: str) -> tuple[bool, str]:
    """Whether it has what was wanted, and why not."""
    if answer == task.cell:
        return False, "unchanged"
    program = Program(kind="python", answer=answer, setup=f"{task.above}\nCELL = {answer!r}\n", checks=task.checks)
    verdict = runner.run(program, limit_s=LIMIT_S)
    return verdict.passed, "" if verdict.passed else " ".join(verdict.message.split())[-100:]


def lines(tasks: Sequence[Task], verdicts: Sequence[bool]) -> Iterator[str]:
    """The share of each kind in each part."""
    for part in ("development", "held out"):
        for kind in ("edits", "fixes"):
            picked = [
                verdict
                for task, verdict in zip(tasks, verdicts, strict=True)
                if task.part == part and bool(task.wish) == (kind == "edits")
            ]
            if picked:
                yield f"{part}, {kind}: {sum(picked)} of {len(picked)} right"


def main() -> None:
    """Asks, runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    parser.add_argument("--part", choices=("development", "held out"), help="of the tasks; all without it")
    parser.add_argument("--show", action="store_true", help="what the model wrote, too")
    parser.add_argument("--check", action="store_true", help="the tasks themselves, without a model")
    arguments = parser.parse_args()
    tasks = [task for task in TASKS if arguments.part in (None, task.part)]
    python = Interpreter(python=Path(sys.executable), has_libraries=True, modules=("pandas",))
    with Runner(python) as runner:
        if arguments.check:
            wrong = [
                task.name
                for task in tasks
                if not judged(runner, task, task.right)[0] or judged(runner, task, task.cell + "\n")[0]
            ]
            sys.exit(f"these tasks judge wrongly: {', '.join(wrong)}" if wrong else None)
        found = asyncio.run(answers(arguments.model, tasks))
        verdicts = [judged(runner, task, answer) for task, answer in zip(tasks, found, strict=True)]
    print("; ".join(f"{key} {value}" for key, value in surroundings(arguments.model.name).items() if value))
    for task, answer, (is_right, why) in zip(tasks, found, verdicts, strict=True):
        print(f"{'right' if is_right else 'wrong'}  {task.name}{f': {why}' if why else ''}")
        if arguments.show:
            print("".join(f"       | {line}\n" for line in answer.splitlines()), end="")
    print(*lines(tasks, [is_right for is_right, _ in verdicts]), sep="\n")


if __name__ == "__main__":
    main()
