"""What looking into a live kernel costs: in the kernel, in memory, and on the way there and back.

`python benchmarks/kernel_probe.py --json kernel_probe.json`. A kernel holds 1,000 variables, among them frames of
10^8 cells and one of 5,000 columns. "peer" is the cheapest question of all, `1`, asked the same way right after; so
the last column but one tells how much of the time is the probe's own.
"""

import argparse
import asyncio
import time
from ast import literal_eval
from collections.abc import Awaitable, Callable

from jupyter_client.manager import AsyncKernelManager
from report import Row, add_options, compared, show, surroundings

from kernels_ctx.asking import snapshot
from kernels_ctx.client import ClientChannel, open_channel
from kernels_ctx.limits import Limits
from kernels_ctx.python import probe_expression

FILL = """
import numpy as np, pandas as pd, resource, gc
for i in range(600): globals()[f"n{i}"] = i
for i in range(150): globals()[f"l{i}"] = [1, 2, 3]
for i in range(100): exec(f"def f{i}(a, b=1): pass")
for i in range(96): globals()[f"a{i}"] = np.zeros((10, 10))
for i in range(50): globals()[f"d{i}"] = pd.DataFrame({f"c{k}": [1.0, 2.0] for k in range(20)})
tall = pd.DataFrame(np.zeros((10**7, 10), dtype="f4"), columns=list("abcdefghij"))
square = pd.DataFrame(np.zeros((10**4, 10**4), dtype="f4"))
wide = pd.DataFrame(np.zeros((2, 5000))).add_prefix("column")
text = pd.DataFrame({"s": pd.Categorical(["x"] * 10**6), "o": pd.Series([None] * 10**6, dtype=object)})
"""
ANSWER_S = 10.0
MEMORY = "__import__('resource').getrusage(0).ru_maxrss"  # the most that the kernel ever had, in KB
SLEEP = "import time; time.sleep(60)"


async def took_ms(ask: Callable[[], Awaitable[object]]) -> float:
    """How long one question takes."""
    started_s = time.perf_counter()
    await ask()
    return 1000 * (time.perf_counter() - started_s)


async def pairs(name: str, channel: ClientChannel, limits: Limits, n: int) -> Row:
    """Snapshots and the question `1` in turns; the first pair warms up."""
    ours, peer = [], []
    for _ in range(n + 1):
        ours.append(await took_ms(lambda: snapshot(channel, ANSWER_S, limits)))
        peer.append(await took_ms(lambda: channel.ask("1", ANSWER_S)))
    return compared(name, ours[1:], peer[1:], is_less_better=True)


async def inside(channel: ClientChannel, limits: Limits, n: int) -> Row:
    """The probe's time by the kernel's own clock."""
    clock = "__import__('time').perf_counter()"
    ours, peer = [], []
    for _ in range(n + 1):
        for times, asked in ((ours, probe_expression(limits)), (peer, "1")):
            answer = await channel.ask(
                f"(lambda start, _, end: 1000 * (end - start))({clock}, {asked}, {clock})", ANSWER_S
            )
            times.append(float(literal_eval(answer)))
    return compared("in the kernel", ours[1:], peer[1:], is_less_better=True)


async def measured(n: int) -> tuple[list[Row], dict[str, str]]:
    """All rows, and what the kernel held."""
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        await client.execute(FILL, reply=True, timeout=120)
        limits = Limits(detail="schema+examples", probe_s=5.0)
        async with open_channel(manager.client(), "python") as channel:
            before_kb = int(await channel.ask(MEMORY, ANSWER_S))
            rows = [await inside(channel, limits, n), await pairs("main shell, idle", channel, limits, n)]
            found = await snapshot(channel, ANSWER_S, limits)
            after_kb = int(await channel.ask(MEMORY, ANSWER_S))
            async with channel.subshell(ANSWER_S):
                rows.append(await pairs("subshell, idle", channel, limits, n))
                client.execute(SLEEP)
                await asyncio.sleep(1)
                rows.append(await pairs("subshell, a cell sleeps", channel, limits, n))
            subshell_ms = [await took_ms(lambda: opened(channel)) for _ in range(n)]
        facts = {
            "variables": f"{len(found.variables)}{', cut' if found.is_cut else ''}",
            "most memory of the kernel": f"{before_kb // 1024} MB before, {after_kb // 1024} MB after",
            "subshell made and ended": f"{sorted(subshell_ms)[n // 2]:.1f} ms",
        }
        return rows, facts
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def opened(channel: ClientChannel) -> None:
    """A subshell that nothing is asked on."""
    async with channel.subshell(ANSWER_S):
        pass


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser, n=20)
    options = parser.parse_args()
    rows, facts = asyncio.run(measured(options.n))
    show(rows, {**surroundings("none"), **facts}, unit="ms", json_file=options.json)


if __name__ == "__main__":
    main()
