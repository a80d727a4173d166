"""When a model that nobody uses is let go."""

import asyncio

from jupyter_starcoder.engine.idle import IdleClock


class Acts:
    """Counts what an idle clock did."""

    def __init__(self, after_s: float) -> None:
        self.count = 0
        self.happened = asyncio.Event()
        self.clock = IdleClock(after_s, self._act)

    async def _act(self) -> None:
        self.count += 1
        self.happened.set()


def test_idle_clock_acts_after_the_last_of_several() -> None:
    """It waits for all that is being done, and acts once."""

    async def story() -> int:
        acts = Acts(0.01)
        with acts.clock.busy():
            with acts.clock.busy():
                pass
            await asyncio.sleep(0.05)
            assert acts.count == 0
        await acts.happened.wait()
        await acts.clock.close()
        return acts.count

    assert asyncio.run(story()) == 1


def test_idle_clock_new_work_stops_it() -> None:
    """What begins before the time is over begins the time anew; closed, it never acts."""

    async def story() -> int:
        acts = Acts(0.02)
        with acts.clock.busy():
            pass
        with acts.clock.busy():
            await asyncio.sleep(0.06)
        await acts.clock.close()
        await asyncio.sleep(0.06)
        return acts.count

    assert asyncio.run(story()) == 0


def test_idle_clock_without_a_time_never_acts() -> None:
    """0 means that a model stays."""

    async def story() -> int:
        acts = Acts(0.0)
        with acts.clock.busy():
            pass
        await asyncio.sleep(0.02)
        await acts.clock.close()
        return acts.count

    assert asyncio.run(story()) == 0
