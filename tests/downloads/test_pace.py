"""How fast bytes come."""

import pytest

from jupyter_starcoder.downloads.pace import Pace
from jupyter_starcoder.values.model import Progress


def at(done: int) -> Progress:
    """A download of 1,000 bytes."""
    return Progress(step="downloading", done=done, total=1000, unit="bytes")


def test_pace_goes_by_what_came_lately() -> None:
    """What an earlier attempt brought, and how fast it was long ago, does not count."""
    pace = Pace()
    pace.note(at(500), 0.0)
    assert (pace.per_s(0.0), pace.left_s(0.0)) == (0.0, None)
    pace.note(at(600), 1.0)

    assert pace.per_s(1.0) == pytest.approx(100.0)
    assert pace.left_s(1.0) == pytest.approx(4.0)
    assert pace.per_s(2.0) == pytest.approx(50.0)


def test_pace_of_another_step_begins_anew() -> None:
    """Layers that are written are no bytes that come."""
    pace = Pace()
    pace.note(at(0), 0.0)
    pace.note(at(900), 1.0)
    pace.note(Progress(step="writing", done=1, total=30, unit="layers"), 1.0)

    assert pace.left_s(1.0) is None


def test_pace_makes_no_guess_from_a_slow_beginning() -> None:
    """A few bytes while the other side is looked up are no sign of a day's download."""
    pace = Pace()
    pace.note(at(0), 0.0)
    pace.note(at(2), 3.0)
    assert pace.left_s(3.0) is None

    pace.note(at(4), 6.0)
    assert pace.left_s(6.0) == pytest.approx(1494.0)
