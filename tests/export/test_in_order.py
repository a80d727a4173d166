"""Threads change neither the order of results nor what is raised, and never run far ahead."""

import threading
import time
from collections.abc import Iterator

import pytest

from jupyter_starcoder.export.in_order import MOST_WORKERS, in_order


def test_results_come_in_the_order_of_the_pieces() -> None:
    """Also where the first piece takes longest."""

    def work(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0)
        return number * number

    assert list(in_order(work, range(40))) == [number * number for number in range(40)]


def test_pieces_are_taken_only_as_results_are_wanted() -> None:
    """However many there are, few are in memory."""
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    results = in_order(lambda number: number, pieces())

    assert [next(results) for _ in range(3)] == [0, 1, 2]
    del results  # ends its threads

    assert len(taken) <= 3 + MOST_WORKERS + 1


def test_an_error_comes_in_its_turn() -> None:
    """What was done before it is given first; no thread stays."""

    def work(number: int) -> int:
        if number == 3:
            raise ZeroDivisionError
        return number

    results = in_order(work, range(100))

    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(results)

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("export")]
