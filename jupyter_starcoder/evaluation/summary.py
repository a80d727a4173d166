"""Scores of a run: over all problems, and by library or language."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_starcoder.evaluation.results import Result
from jupyter_starcoder.evaluation.scoring import Estimate, estimate, pass_at_k

KS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of some problems."""

    problems: int
    passed: int  # answers
    total: int  # answers
    pass_at: dict[int, Estimate]  # by k


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The scores of a run."""

    all: Score
    groups: dict[str, Score]
    outcomes: dict[str, int]  # how the answers ended: passed, failed, timeout, …
    program_s: float
    answer_s: float
    new_tokens: int
    unfinished: int  # answers that a model was still writing when it had to stop


def summarised(results: Sequence[Result]) -> Summary:
    """The scores."""
    groups = sorted({result.group for result in results})
    return Summary(
        all=_score(results),
        groups={group: _score(result for result in results if result.group == group) for group in groups},
        outcomes=dict(Counter(result.outcome for result in results).most_common()),
        program_s=sum(result.seconds for result in results),
        answer_s=sum(result.answer_s for result in results),
        new_tokens=sum(result.new_tokens for result in results),
        unfinished=sum(result.finish == "length" for result in results),
    )


def _score(results: Iterable[Result]) -> Score:
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for result in results:
        passed[result.problem] += result.passed
        total[result.problem] += 1
    fewest = min(total.values(), default=0)
    return Score(
        problems=len(total),
        passed=passed.total(),
        total=total.total(),
        pass_at={k: estimate([pass_at_k(total[name], passed[name], k) for name in total]) for k in KS if k <= fewest},
    )
