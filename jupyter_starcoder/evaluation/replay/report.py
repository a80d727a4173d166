"""A replay as a page of Markdown with plots."""

from importlib.util import find_spec
from pathlib import Path

from jupyter_starcoder.evaluation.replay.conditions import CONDITIONS
from jupyter_starcoder.evaluation.replay.places import KINDS
from jupyter_starcoder.evaluation.replay.summary import Means, Summary
from jupyter_starcoder.evaluation.report import REPORT_FILE, percent, record_table, table
from jupyter_starcoder.evaluation.results import Record
from jupyter_starcoder.evaluation.scoring import Estimate

COUNTED = """A place is a cursor in a cell that is about to be run: all that its author wrote above has run, nothing
stands below or behind the cursor. *exact*: the rest of the line is right to its end (behind a line's end: the next
line). *matched*: characters that are right from the cursor on. *saved*: these less one Tab, never below 0, for a
person who keeps what is right. *saved whole*: each wrong character behind them costs one more keystroke. Intervals
are of 95 %, by drawing whole cells again."""
TITLES = {condition.name: condition.title for condition in CONDITIONS}


def write_report(folder: Path, record: Record, summary: Summary) -> Path:
    """Writes the report and its plots into the folder."""
    plots = draw(folder, summary)
    parts = [
        "# Notebook replay",
        COUNTED,
        conditions_table(summary),
        *(f"![{plot.stem}]({plot.name})" for plot in plots),
        "## What each adds",
        gains_table(summary),
        "## By kind of place",
        "Keystrokes saved.",
        kinds_table(summary),
        "## By notebook",
        "Keystrokes saved a place.",
        notebooks_table(summary),
        "## What the scores depend on",
        record_table(record),
    ]
    path = folder / REPORT_FILE
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return path


def conditions_table(summary: Summary) -> str:
    """Each condition by itself."""
    head = ["", "", "exact %", "matched", "saved", "saved whole", "shown %", "prompt tokens"]
    rows = [
        [
            f"`{name}`",
            TITLES[name],
            percent(each.measures["exact"]),
            *(spelled(each.measures[measure]) for measure in ("matched", "saved", "saved_whole")),
            f"{100 * each.shown:.0f}",
            f"{each.prompt_tokens:.0f}",
        ]
        for name, each in summary.conditions.items()
    ]
    first = next(iter(summary.conditions.values()))
    return f"{first.places} places in {first.cells} cells.\n\n" + table([head, *rows])


def gains_table(summary: Summary) -> str:
    """Each condition beside the one that it adds something to."""
    head = ["", "beside", "exact, points", "matched", "saved", "saved whole", "changed", "better", "worse"]
    rows = [
        [
            f"`{name}`",
            f"`{gain.base}`",
            spelled(gain.measures["exact"], scale=100, sign="+"),
            *(spelled(gain.measures[measure], sign="+") for measure in ("matched", "saved", "saved_whole")),
            str(gain.changed),
            str(gain.better),
            str(gain.worse),
        ]
        for name, gain in summary.gains.items()
    ]
    return table([head, *rows]) if rows else ""


def spelled(estimate: Estimate, scale: float = 1, sign: str = "") -> str:
    """Such as `4.21 (3.10 to 5.42)`."""
    value, low, high = (f"{scale * each:{sign}.2f}" for each in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"


def draw(folder: Path, summary: Summary) -> list[Path]:
    """Writes the plots as PNG files; none without matplotlib."""
    if find_spec("matplotlib") is None or not summary.conditions:
        return []
    from jupyter_starcoder.evaluation.replay.plots import draw_conditions, draw_kinds

    return [draw_conditions(folder / "conditions.png", summary), draw_kinds(folder / "kinds.png", summary)]


def kinds_table(summary: Summary) -> str:
    """Keystrokes saved, by kind of place."""
    return _saved_table({f"{kind}: {KINDS[kind]}": summary.kinds[kind] for kind in KINDS if kind in summary.kinds})


def notebooks_table(summary: Summary) -> str:
    """Keystrokes saved, by notebook."""
    return _saved_table(summary.notebooks)


def _saved_table(groups: dict[str, dict[str, Means]]) -> str:
    names = [condition.name for condition in CONDITIONS if any(condition.name in found for found in groups.values())]
    rows = []
    for group, found in groups.items():
        values = [f"{found[name].measures['saved'].value:.1f}" if name in found else "" for name in names]
        rows.append([group, str(next(iter(found.values())).places), *values])
    return table([["", "places", *(f"`{name}`" for name in names)], *rows])
