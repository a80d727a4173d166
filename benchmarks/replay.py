"""Which context helps the embedded model: replays the notebooks of `tests/notebooks` and writes `docs/evaluation/`.

    python benchmarks/replay.py --limit-cells 7            # about ten minutes on two quiet cores
    python benchmarks/replay.py --limit-places 4 --work DIR  # every cell: hours; stopped, it goes on with the same DIR

The notebooks named as development may be looked at while prompts are changed, the held-out ones may not: the page tells
them apart.
"""

import argparse
import json
import tempfile
from pathlib import Path

import msgspec

from jupyter_starcoder import cli
from jupyter_starcoder.evaluation.replay.plots import draw_conditions, draw_kinds
from jupyter_starcoder.evaluation.replay.report import (
    COUNTED,
    conditions_table,
    gains_table,
    kinds_table,
    notebooks_table,
)
from jupyter_starcoder.evaluation.replay.results import Suggested, Suggestions
from jupyter_starcoder.evaluation.replay.summary import summarised
from jupyter_starcoder.evaluation.report import record_table
from jupyter_starcoder.evaluation.results import Record

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "tests" / "notebooks"
PAGE = ROOT / "docs" / "evaluation"


def main() -> None:
    """Replays both parts and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a prepared model, instead of the configured one")
    parser.add_argument("--limit-places", type=int, default=1, help="places a cell")
    parser.add_argument("--limit-cells", type=int, help="cells a notebook")
    parser.add_argument("--prompt", help="how a notebook is written down")
    parser.add_argument("--conditions", help="of these alone, with commas between")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="where results are kept, and gone on from")
    parser.add_argument("--parts", default="development,held_out", help="of the notebooks, with commas between")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page goes")
    arguments = parser.parse_args()
    work = arguments.work or Path(tempfile.mkdtemp(prefix="replay-"))
    index: dict[str, list[str]] = json.loads((NOTEBOOKS / "index.json").read_text(encoding="utf-8"))
    found: dict[str, list[Suggested]] = {}
    for part in arguments.parts.split(","):
        replay(arguments, index[part], work / part)
        record, found[part], _ = Suggestions.read(work / part)
    write(arguments.page, found, record)


def replay(arguments: argparse.Namespace, names: list[str], folder: Path) -> None:
    """Runs the command, or goes on with it."""
    options = ["model", "prompt", "limit_places", "limit_cells", "conditions", "seed"]
    given = [(f"--{name.replace('_', '-')}", getattr(arguments, name)) for name in options]
    chosen = [text for name, value in given if value is not None for text in (name, str(value))]
    notebooks = [str(NOTEBOOKS / f"{name}.ipynb") for name in names]
    if cli.main(["eval", "replay", *notebooks, *chosen, "--output", str(folder), "--resume"]):
        raise SystemExit(1)


def write(folder: Path, found: dict[str, list[Suggested]], record: Record) -> None:
    """The page with its plots, and its two main tables as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    every = [line for part in found.values() for line in part]
    whole = summarised(every)
    draw_conditions(folder / "replay-conditions.png", whole)
    draw_kinds(folder / "replay-kinds.png", whole)
    parts = [
        "# Notebook replay: which context helps",
        COUNTED,
        f"## {len(whole.notebooks)} notebooks: {' and '.join(found).replace('_', ' ')}",
        conditions_table(whole),
        "![by condition](replay-conditions.png)",
        "What each condition changes beside the one that it adds something to, at the same places:",
        gains_table(whole),
    ]
    for part, lines in found.items() if len(found) > 1 else ():
        summary = summarised(lines)
        parts += [f"## {part.replace('_', ' ').capitalize()} notebooks alone", conditions_table(summary)]
    parts += ["## By kind of place", "Keystrokes saved.", kinds_table(whole), "![by kind](replay-kinds.png)"]
    parts += ["## By notebook", "Keystrokes saved a place.", notebooks_table(whole)]
    circumstances = {name: value for name, value in record.conditions.items() if name != "notebooks"}
    parts += ["## Made with", record_table(Record(conditions=circumstances, circumstances=record.circumstances))]
    (folder / "replay.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    numbers = {
        part: {"conditions": summary.conditions, "gains": summary.gains}
        for part, summary in [("all", whole), *((part, summarised(lines)) for part, lines in found.items())]
    }
    packed = msgspec.json.format(msgspec.json.encode(rounded(msgspec.to_builtins(numbers))), indent=1)
    (folder / "replay.json").write_bytes(packed + b"\n")


def rounded(value: object) -> object:
    """Numbers with four digits behind the point."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return value


if __name__ == "__main__":
    main()
