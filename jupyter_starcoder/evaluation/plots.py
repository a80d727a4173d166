"""The plots of a report."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from jupyter_starcoder.evaluation.results import Result
from jupyter_starcoder.evaluation.summary import Score, Summary

COLOUR = "#4c72b0"
FAILED_COLOUR = "#c8c8c8"


def draw(folder: Path, results: Sequence[Result], summary: Summary) -> list[Path]:
    """Writes the plots as PNG files; none without matplotlib."""
    if find_spec("matplotlib") is None or not results:
        return []
    return [_scores(folder / "scores.png", summary), _times(folder / "times.png", results)]


def _scores(path: Path, summary: Summary) -> Path:
    """pass@1 with its interval, by group."""
    from matplotlib.figure import Figure

    scores: dict[str, Score] = dict(summary.groups) if len(summary.groups) > 1 else {}
    scores["all"] = summary.all
    names = [f"{name} ({score.problems})" for name, score in scores.items()][::-1]
    estimates = [score.pass_at[1] for score in scores.values()][::-1]
    figure = Figure(figsize=(7, 1.2 + 0.4 * len(names)), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, [100 * each.value for each in estimates], color=COLOUR)
    below = [100 * (each.value - each.low) for each in estimates]
    above = [100 * (each.high - each.value) for each in estimates]
    places = [100 * each.value for each in estimates]
    axes.errorbar(places, range(len(names)), xerr=[below, above], fmt="none", ecolor="black", capsize=3)
    axes.set(xlim=(0, 100), xlabel="pass@1 in % with 95 % interval")
    figure.savefig(path, dpi=120)
    return path


def _times(path: Path, results: Sequence[Result]) -> Path:
    """How long the programs took."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    passed = [max(result.seconds, 1e-3) for result in results if result.passed]
    failed = [max(result.seconds, 1e-3) for result in results if not result.passed]
    longest = max(passed + failed)
    edges = [1e-3 * (max(longest, 1e-2) / 1e-3 * 1.01) ** (step / 30) for step in range(31)]
    axes.hist([passed, failed], bins=edges, stacked=True, color=[COLOUR, FAILED_COLOUR], label=["passed", "not passed"])
    axes.set(xscale="log", xlabel="seconds of a program", ylabel="programs")
    axes.legend()
    figure.savefig(path, dpi=120)
    return path
