"""A run as a page of Markdown, with plots where matplotlib is installed."""

from collections.abc import Sequence
from pathlib import Path

from jupyter_starcoder.evaluation.plots import draw
from jupyter_starcoder.evaluation.results import Record, Result
from jupyter_starcoder.evaluation.scoring import Estimate
from jupyter_starcoder.evaluation.summary import Score, Summary

REPORT_FILE = "report.md"
MESSAGES = 10  # kinds of failure that are listed
MESSAGE_CHARACTERS = 90


def write_report(folder: Path, record: Record, results: Sequence[Result], summary: Summary) -> Path:
    """Writes the report and its plots into the folder."""
    plots = draw(folder, results, summary)
    parts = [
        f"# {record.conditions['task_set']}",
        _score_table(summary),
        *(f"![{plot.stem}]({plot.name})" for plot in plots),
        "## How the answers ended",
        _outcomes(summary),
        _failures(results),
        "## What the score depends on",
        record_table(record),
    ]
    if not plots:
        parts.append("There are no plots: matplotlib is not installed (`pip install jupyter_starcoder[eval]`).")
    path = folder / REPORT_FILE
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return path


def percent(estimate: Estimate) -> str:
    """Such as `36.5 (30.1 to 43.4)`."""
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def _score_table(summary: Summary) -> str:
    ks = list(summary.all.pass_at)
    head = ["", "problems", "passed", *(f"pass@{k} in % (95 % interval)" for k in ks)]
    groups = summary.groups if len(summary.groups) > 1 else {}
    rows = [_score_row(name, score, ks) for name, score in groups.items()]
    return table([head, *rows, _score_row("**all**", summary.all, ks)])


def _score_row(name: str, score: Score, ks: list[int]) -> list[str]:
    shares = [percent(score.pass_at[k]) if k in score.pass_at else "" for k in ks]
    return [name, str(score.problems), f"{score.passed} of {score.total}", *shares]


def _outcomes(summary: Summary) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in summary.outcomes.items())
    lines = [f"{counts}. Programs took {summary.program_s:.1f} s together."]
    if summary.new_tokens:
        lines.append(
            f"The model wrote {summary.new_tokens} tokens in {summary.answer_s:.1f} s; {summary.unfinished} answers "
            "were cut at the longest length."
        )
    return " ".join(lines)


def _failures(results: Sequence[Result]) -> str:
    """The errors by kind, most frequent first: what stands before the colon says what went wrong."""
    counts: dict[str, int] = {}
    for result in results:
        if not result.passed:
            kind = (result.message.partition(":")[0] or result.outcome).strip()[:MESSAGE_CHARACTERS]
            counts[kind] = counts.get(kind, 0) + 1
    if not counts:
        return ""
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MESSAGES]
    return table([["why", "answers"], *([_cell(kind), str(count)] for kind, count in rows)])


def record_table(record: Record) -> str:
    """What a score depends on, as a table of Markdown."""
    rows = [["", ""]]
    for name, value in (record.conditions | record.circumstances).items():
        if isinstance(value, dict):
            rows += [[f"{name}: {key}", _cell(part)] for key, part in value.items()]
        else:
            rows.append([name, _cell(value)])
    return table(rows)


def _cell(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "`" + text.replace("\n", "\\n").replace("|", "\\|").replace("`", "'") + "`" if text else ""


def table(rows: list[list[str]]) -> str:
    """A table of Markdown; the first row is its head."""
    head, *others = rows
    rule = ["---"] * len(head)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *others))
