"""What a person does to the models of a server, while others do the same."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_starcoder.downloads.queue import Downloads, Watch
from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.library import Library
from jupyter_starcoder.local import fake_workshop
from jupyter_starcoder.serving import Serving


def test_removal_that_had_to_wait_leaves_a_model_that_is_fetched_by_then(tmp_path: Path) -> None:
    """Another page may begin to fetch it while this one waits for its turn: its files are not taken away."""

    async def story() -> None:
        async def prepare(_name: str, _watch: Watch) -> None:
            await asyncio.Event().wait()

        removed: list[str] = []
        rules = tmp_path / "rules.json"
        rules.write_text("[]")
        shop = replace(fake_workshop(rules), remove=removed.append)
        downloads = Downloads(prepare, lambda _name: None)
        serving = Serving("fake", shop)
        library = Library(shop, downloads, serving)

        async with serving.without("other", unload=False):
            removal = asyncio.ensure_future(library.remove("small", unload=False))
            await asyncio.sleep(0)
            await downloads.get("small")
        with pytest.raises(BadRequest, match="on its way"):
            await removal

        assert removed == []
        await library.close()

    asyncio.run(asyncio.wait_for(story(), 10))


def test_fetching_waits_for_a_removal_that_has_begun(tmp_path: Path) -> None:
    """What comes is not taken away together with what was there."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        begun, may_end = asyncio.Event(), threading.Event()
        order: list[str] = []

        async def prepare(_name: str, _watch: Watch) -> None:
            order.append("fetched")

        def remove(_name: str) -> None:
            loop.call_soon_threadsafe(begun.set)
            may_end.wait(5)
            order.append("removed")

        rules = tmp_path / "rules.json"
        rules.write_text("[]")
        shop = replace(fake_workshop(rules), remove=remove)
        downloads = Downloads(prepare, lambda _name: None)
        library = Library(shop, downloads, Serving("fake", shop))

        removal = asyncio.ensure_future(library.remove("small", unload=False))
        await begun.wait()
        fetch = asyncio.ensure_future(downloads.get("small"))
        for _ in range(20):
            await asyncio.sleep(0)
        may_end.set()
        await asyncio.gather(removal, fetch)
        while len(order) < 2:
            await asyncio.sleep(0)

        assert order == ["removed", "fetched"]

    asyncio.run(asyncio.wait_for(story(), 10))
