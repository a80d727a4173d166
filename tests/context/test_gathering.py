"""Gathering from several sources."""

import asyncio

import pytest

from jupyter_starcoder.context.gathering import gather
from jupyter_starcoder.context.source import Found
from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet

PLACE = Place(before=(), prefix="", suffix="", after=())


class Source:
    """A source that answers after a while, or fails."""

    def __init__(self, name: str, score: float = 0.0, wait_s: float = 0.0, error: Exception | None = None) -> None:
        self.name = name
        self._score = score
        self._wait_s = wait_s
        self._error = error

    async def find(self, place: Place, deadline_s: float) -> Found:
        """See `ContextSource.find`."""
        await asyncio.sleep(self._wait_s)
        if self._error:
            raise self._error
        return Found((Snippet(source=self.name, title=self.name, text=self.name, score=self._score),))


def test_gather_keeps_the_order_of_the_sources() -> None:
    """A prompt would move if snippets changed places with their scores."""
    found = asyncio.run(gather([Source("low", 1, wait_s=0.01), Source("high", 2)], PLACE, 1.0))

    assert [snippet.source for snippet in found.snippets] == ["low", "high"]
    assert [(asked.name, asked.outcome, asked.snippets) for asked in found.asked] == [
        ("low", "answered", 1),
        ("high", "answered", 1),
    ]


def test_gather_drops_what_is_late_and_counts_it() -> None:
    """A slow source costs its own snippets and nothing else."""
    found = asyncio.run(gather([Source("slow", wait_s=60), Source("quick")], PLACE, 0.05))

    assert found.late == ("slow",)
    assert [snippet.source for snippet in found.snippets] == ["quick"]


@pytest.mark.parametrize("error", [StarcoderError("df has secrets"), OSError("df has secrets"), KeyError("df")])
def test_gather_survives_a_source_that_fails(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A source's error is counted, never raised; the log names its kind, and nothing of what it says."""
    found = asyncio.run(gather([Source("bad", error=error), Source("good")], PLACE, 1.0))

    assert caplog.messages == [f"the context source bad failed: {type(error).__name__}"]
    assert found.failed == ("bad",)
    assert [snippet.source for snippet in found.snippets] == ["good"]
