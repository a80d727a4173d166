"""What a replay shows: each condition by itself, and beside the one that it adds something to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jupyter_starcoder.evaluation.replay.conditions import CONDITIONS
from jupyter_starcoder.evaluation.replay.results import Suggested
from jupyter_starcoder.evaluation.scoring import Estimate

DRAWS = 2000  # of the bootstrap
SEED = 0
MEASURES: Mapping[str, Callable[[Suggested], float]] = {
    "exact": lambda line: float(line.exact),
    "matched": lambda line: float(line.matched),
    "saved": lambda line: float(line.saved),
    "saved_whole": lambda line: float(line.saved_whole),
}
Cell = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Means over places, by measure, with 95 % intervals."""

    places: int
    cells: int
    measures: dict[str, Estimate]
    shown: float  # share of places with a suggestion
    prompt_tokens: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a condition adds to another at the same places."""

    base: str
    measures: dict[str, Estimate]  # differences of means
    better: int  # places with more right characters
    worse: int
    changed: int  # places with another suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The scores of a replay, by condition."""

    conditions: dict[str, Means]
    gains: dict[str, Gain]
    kinds: dict[str, dict[str, Means]]  # kind of place, then condition
    notebooks: dict[str, dict[str, Means]]


def summarised(lines: Sequence[Suggested]) -> Summary:
    """The scores. Intervals are those of other cells being drawn, as places in one cell are alike."""
    by_condition = {
        each.name: {line.place[:3]: line for line in lines if line.condition == each.name} for each in CONDITIONS
    }
    by_condition = {name: found for name, found in by_condition.items() if found}
    gains = {
        each.name: gain(each.base, by_condition[each.base], by_condition[each.name])
        for each in CONDITIONS
        if each.base in by_condition and each.name in by_condition
    }
    return Summary(
        conditions={name: means(list(found.values())) for name, found in by_condition.items()},
        gains=gains,
        kinds=_grouped(lines, lambda line: line.kind),
        notebooks=_grouped(lines, lambda line: line.notebook),
    )


def means(lines: Sequence[Suggested]) -> Means:
    """Of the places of one condition."""
    cells = [(line.notebook, line.cell) for line in lines]
    return Means(
        places=len(lines),
        cells=len(set(cells)),
        measures={name: bootstrapped(cells, [of(line) for line in lines]) for name, of in MEASURES.items()},
        shown=sum(bool(line.suggestion.strip()) for line in lines) / len(lines),
        prompt_tokens=sum(line.prompt_tokens for line in lines) / len(lines),
    )


def gain(name: str, base: Mapping[Any, Suggested], other: Mapping[Any, Suggested]) -> Gain:
    """Of a condition over the one named, at the places that both have."""
    pairs = [(base[place], line) for place, line in other.items() if place in base]
    cells = [(line.notebook, line.cell) for _, line in pairs]
    return Gain(
        base=name,
        measures={
            measure: bootstrapped(cells, [of(line) - of(before) for before, line in pairs])
            for measure, of in MEASURES.items()
        },
        better=sum(line.matched > before.matched for before, line in pairs),
        worse=sum(line.matched < before.matched for before, line in pairs),
        changed=sum(line.suggestion != before.suggestion for before, line in pairs),
    )


def bootstrapped(cells: Sequence[Cell], values: Sequence[float]) -> Estimate:
    """The mean with its 95 % interval over draws of whole cells, each draw as many cells as there are."""
    if not values:
        return Estimate(value=0.0, low=0.0, high=0.0)
    numbers = {cell: number for number, cell in enumerate(dict.fromkeys(cells))}
    at = np.array([numbers[cell] for cell in cells])
    sums = np.bincount(at, weights=np.asarray(values, dtype=float))
    counts = np.bincount(at)
    draws = np.random.default_rng(SEED).multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), size=DRAWS)
    low, high = np.quantile(draws @ sums / (draws @ counts), [0.025, 0.975])
    return Estimate(value=float(np.mean(values)), low=float(low), high=float(high))


def _grouped(lines: Iterable[Suggested], group_of: Callable[[Suggested], str]) -> dict[str, dict[str, Means]]:
    groups: dict[str, dict[str, list[Suggested]]] = {}
    for line in lines:
        groups.setdefault(group_of(line), {}).setdefault(line.condition, []).append(line)
    return {
        group: {name: means(found) for name, found in conditions.items()}
        for group, conditions in sorted(groups.items())
    }
