"""The tour over HTTP."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tornado.httpclient import HTTPResponse

from jupyter_starcoder import tour as tour_file
from jupyter_starcoder.errors import StarcoderError

TOUR = Path(__file__).parents[2] / "examples" / "tour.ipynb"


async def test_tour_comes_as_it_is_written(jp_fetch: Callable[..., Awaitable[HTTPResponse]]) -> None:
    """To the letter: what a page saves is the notebook of the project."""
    reply = json.loads((await jp_fetch("starcoder", "tour")).body)

    assert reply["text"] == TOUR.read_text(encoding="utf-8")


def test_tour_that_is_missing_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that lost it is named as the cause."""
    monkeypatch.setattr(tour_file, "PLACES", (tmp_path / "tour.ipynb",))

    with pytest.raises(StarcoderError, match="install it again"):
        tour_file.tour()
