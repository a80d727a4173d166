"""The plots of a replay."""

from pathlib import Path

from jupyter_starcoder.evaluation.plots import COLOUR, FAILED_COLOUR
from jupyter_starcoder.evaluation.replay.summary import Summary
from jupyter_starcoder.evaluation.scoring import Estimate

PANELS = {"exact": "exact lines in %", "saved": "keystrokes saved a place"}


def draw_conditions(path: Path, summary: Summary) -> Path:
    """Each condition with its interval."""
    from matplotlib.figure import Figure

    names = list(summary.conditions)[::-1]
    figure = Figure(figsize=(9, 1.2 + 0.35 * len(names)), layout="constrained")
    for axes, (measure, title) in zip(figure.subplots(1, 2, sharey=True), PANELS.items(), strict=True):
        scale = 100 if measure == "exact" else 1
        estimates = [summary.conditions[name].measures[measure] for name in names]
        axes.barh(names, [scale * each.value for each in estimates], color=COLOUR)
        axes.errorbar(
            [scale * each.value for each in estimates],
            range(len(names)),
            xerr=_arms(estimates, scale),
            fmt="none",
            ecolor="black",
            capsize=3,
        )
        axes.set(xlabel=f"{title}, with 95 % interval")
    figure.savefig(path, dpi=100)
    return path


def draw_kinds(path: Path, summary: Summary) -> Path:
    """Keystrokes saved by kind of place: the first condition and the best one."""
    from matplotlib.figure import Figure

    first = next(iter(summary.conditions))
    best = max(summary.conditions, key=lambda name: summary.conditions[name].measures["saved"].value)
    kinds = [kind for kind, found in summary.kinds.items() if first in found and best in found][::-1]
    figure = Figure(figsize=(7, 1.2 + 0.45 * len(kinds)), layout="constrained")
    axes = figure.subplots()
    for shift, name, colour in ((0.2, first, FAILED_COLOUR), (-0.2, best, COLOUR)):
        estimates = [summary.kinds[kind][name].measures["saved"] for kind in kinds]
        places = [number + shift for number in range(len(kinds))]
        values = [each.value for each in estimates]
        axes.barh(places, values, height=0.4, color=colour, label=name)
        axes.errorbar(values, places, xerr=_arms(estimates, 1), fmt="none", ecolor="black", capsize=2)
    axes.set(xlabel="keystrokes saved a place, with 95 % interval", yticks=range(len(kinds)))
    axes.set_yticklabels(kinds)
    axes.legend()
    figure.savefig(path, dpi=100)
    return path


def _arms(estimates: list[Estimate], scale: float) -> list[list[float]]:
    below = [scale * (each.value - each.low) for each in estimates]
    above = [scale * (each.high - each.value) for each in estimates]
    return [below, above]
