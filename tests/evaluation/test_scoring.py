"""pass@k and its interval."""

from itertools import combinations

import pytest

from jupyter_starcoder.evaluation.scoring import estimate, pass_at_k


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 2, 1), (5, 2, 3), (6, 1, 4), (4, 4, 2), (4, 0, 4), (3, 2, 3)])
def test_pass_at_k_is_the_share_of_draws_that_hold_a_pass(samples: int, passed: int, k: int) -> None:
    """The formula gives what counting all draws of k answers gives."""
    draws = list(combinations(range(samples), k))
    share = sum(any(answer < passed for answer in draw) for draw in draws) / len(draws)

    assert pass_at_k(samples, passed, k) == pytest.approx(share)


@pytest.mark.parametrize(("samples", "passed", "k"), [(3, 1, 4), (3, 4, 1), (3, 1, 0), (3, -1, 1)])
def test_pass_at_k_of_too_few_answers_is_an_error(samples: int, passed: int, k: int) -> None:
    """Nothing is estimated from answers that are not there."""
    with pytest.raises(ValueError, match="answers"):
        pass_at_k(samples, passed, k)


def test_estimate_of_one_answer_a_problem_has_wilsons_interval() -> None:
    """73 of 200, as worked out by hand."""
    score = estimate([1.0] * 73 + [0.0] * 127)

    assert score.value == pytest.approx(0.365)
    assert score.low == pytest.approx(0.3014, abs=1e-4)
    assert score.high == pytest.approx(0.4337, abs=1e-4)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_estimate_at_the_ends_is_not_sure(share: float) -> None:
    """No pass in twenty problems does not say that there never is one."""
    score = estimate([share] * 20)

    assert score.value == share
    assert 0.1 < score.high - score.low < 0.2


def test_estimate_of_several_answers_a_problem_is_surer() -> None:
    """Problems that each pass half of the time say more than problems that pass or fail."""
    half = estimate([0.4, 0.6] * 50)
    whole = estimate([0.0, 1.0] * 50)

    assert half.value == pytest.approx(whole.value)
    assert half.high - half.low < whole.high - whole.low


def test_estimate_of_nothing_knows_nothing() -> None:
    """A run without a problem has no score."""
    score = estimate([])

    assert (score.value, score.low, score.high) == (0.0, 0.0, 1.0)
