"""Models on their way into the store."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from jupyter_starcoder.downloads.queue import Downloads, Watch
from jupyter_starcoder.errors import BadRequest, ModelError, ModelNotReady
from jupyter_starcoder.values.model import Progress


@dataclass
class Road:
    """Preparations that take until the test says so."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    failure: Exception | None = None
    tidy: asyncio.Event | None = None  # until then it is not over, though it was told to end
    is_at_work: bool = False
    begun: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)

    async def prepare(self, name: str, watch: Watch) -> None:
        """Stands at one half until it may go on."""
        self.begun.append(name)
        watch(Progress(step="downloading", done=5, total=10, unit="bytes", phase="fetching"))
        self.is_at_work = True
        try:
            await self.go_on.wait()
        finally:
            if self.tidy is not None:
                await self.tidy.wait()
            self.is_at_work = False
        if self.failure:
            raise self.failure

    def discard(self, name: str) -> None:
        """Only what nobody works on any more."""
        assert not self.is_at_work
        self.discarded.append(name)

    def downloads(self) -> Downloads:
        """As the library has them."""
        return Downloads(self.prepare, self.discard)


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Runs a test's story in an event loop of its own."""

    async def main() -> None:
        await asyncio.wait_for(story(), 10)

    asyncio.run(main())


async def turns() -> None:
    """Lets tasks run until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


def states(downloads: Downloads) -> dict[str, str]:
    """How each stands."""
    return {name: way.state for name, way in downloads.latest.items()}


def test_get_of_two_models_works_on_one_at_a_time() -> None:
    """The second waits for its turn, and who asks twice changes nothing."""

    async def story() -> None:
        road = Road()
        downloads = road.downloads()
        for name in ("one", "two", "one"):
            await downloads.get(name)
        await turns()
        assert states(downloads) == {"one": "fetching", "two": "waiting"}

        road.go_on.set()
        await turns()

        assert (states(downloads), road.begun) == ({}, ["one", "two"])

    run(story)


def test_pause_keeps_what_came_and_get_goes_on() -> None:
    """Nothing is thrown away, and the progress is still known."""

    async def story() -> None:
        road = Road()
        downloads = road.downloads()
        await downloads.get("one")
        await turns()

        await downloads.pause("one")
        progress = downloads.latest["one"].progress
        assert (states(downloads), road.discarded) == ({"one": "paused"}, [])
        assert progress is not None
        assert progress.done == 5

        await downloads.get("one")
        await turns()
        assert (states(downloads), road.begun) == ({"one": "fetching"}, ["one", "one"])
        await downloads.close()

    run(story)


def test_cancel_takes_away_what_came() -> None:
    """Also of one that is paused; one that is not there is refused."""

    async def story() -> None:
        road = Road()
        downloads = road.downloads()
        await downloads.get("one")
        await turns()
        await downloads.cancel("one")

        assert (states(downloads), road.discarded) == ({}, ["one"])
        with pytest.raises(BadRequest, match="one is not being fetched"):
            await downloads.cancel("one")
        with pytest.raises(BadRequest, match="one is not being fetched"):
            await downloads.pause("one")

    run(story)


def test_failure_is_told_and_can_be_tried_again() -> None:
    """It stays until somebody does something about it, and does not keep others from their turn."""

    async def story() -> None:
        road = Road(failure=ModelError("no network"))
        road.go_on.set()
        downloads = road.downloads()
        await downloads.get("one")
        await turns()
        assert downloads.latest["one"].message == "no network"

        road.failure = None
        await downloads.get("one")
        await turns()

        assert states(downloads) == {}

    run(story)


def test_bring_joins_what_is_under_way_and_hears_of_a_pause() -> None:
    """Who wants to use a model waits for the download that somebody else began."""

    async def story() -> None:
        road = Road()
        downloads = road.downloads()
        await downloads.get("one")
        await turns()
        seen: list[Progress] = []
        waiting = asyncio.ensure_future(downloads.bring("one", seen.append))
        await turns()
        assert [progress.done for progress in seen] == [5]

        await downloads.pause("one")
        with pytest.raises(ModelNotReady, match="was stopped"):
            await waiting

        assert road.begun == ["one"]

    run(story)


def test_bring_that_is_given_up_pauses_only_what_it_began() -> None:
    """Another person's download goes on."""

    async def story() -> None:
        road = Road()
        downloads = road.downloads()
        await downloads.get("theirs")
        mine, theirs = (asyncio.ensure_future(downloads.bring(name, lambda _: None)) for name in ("mine", "theirs"))
        await turns()
        for waiting in (mine, theirs):
            waiting.cancel()
            await asyncio.wait([waiting])

        assert states(downloads) == {"theirs": "fetching", "mine": "paused"}
        await downloads.close()

    run(story)


@pytest.mark.parametrize("ending", ["pause", "cancel"])
def test_ending_that_is_given_up_leaves_the_files_and_lets_the_work_end(ending: str) -> None:
    """Whoever waits for the end is not told that it is reached, and nothing is taken from under the work."""

    async def story() -> None:
        road = Road(tidy=asyncio.Event())
        assert road.tidy is not None
        downloads = road.downloads()
        await downloads.get("one")
        await turns()
        waiting = asyncio.ensure_future(downloads.pause("one") if ending == "pause" else downloads.cancel("one"))
        await turns()
        waiting.cancel()
        await asyncio.wait([waiting])

        assert waiting.cancelled()
        assert road.discarded == []
        road.tidy.set()
        await turns()
        assert states(downloads) == {"one": "paused"}
        assert not road.is_at_work
        await downloads.cancel("one")
        assert (states(downloads), road.discarded) == ({}, ["one"])

    run(story)


def test_bring_that_is_given_up_while_another_cancels_is_given_up() -> None:
    """And is no complaint that there is nothing to pause."""

    async def story() -> None:
        road = Road(tidy=asyncio.Event())
        assert road.tidy is not None
        downloads = road.downloads()
        bringing = asyncio.ensure_future(downloads.bring("one", lambda _: None))
        await turns()
        cancelling = asyncio.ensure_future(downloads.cancel("one"))
        await turns()
        bringing.cancel()
        await turns()
        road.tidy.set()
        await asyncio.wait([bringing, cancelling])

        assert bringing.cancelled()
        assert (states(downloads), road.discarded) == ({}, ["one"])

    run(story)


@pytest.mark.parametrize("kind", [ModelError, ValueError])
def test_failure_tells_no_secret(kind: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    """What a library quotes of a header comes neither into the log nor before people's eyes."""

    async def story() -> None:
        road = Road(failure=kind("403 with Authorization: Bearer abc123"))
        road.go_on.set()
        downloads = road.downloads()
        await downloads.get("one")
        await turns()

        assert downloads.latest["one"].message.count("403 with Authorization: Bearer …") == 1

    run(story)
    assert "403" in caplog.text
    assert "abc123" not in caplog.text
