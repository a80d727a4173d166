"""1, 4 and 16 answers asked for at once: tokens a second of all together, against one alone.

`python benchmarks/batching.py --json batching.json`. Prompts are read one at a time, answers are written together. The
last row is how long a completion waits for its first token that is asked for while four chats are written, against one
on an idle machine. One stream and several alternate.
"""

import argparse
import asyncio
import time
from pathlib import Path

from prepared import add_model
from report import Row, add_options, compared, show, surroundings

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.values.generation import GenerationRequest, Lane

STREAMS = (1, 4, 16)
PROMPT_TOKENS = 128
WINDOW_TOKENS = 512  # so that more than 16 caches fit into CACHE_MB
CACHE_MB = 512


def request(number: int, new_tokens: int, lane: Lane = "chat") -> GenerationRequest:
    """Another prompt for each number, from its first token on."""
    ids = tuple(100 + (number * 7919 + at * 37) % 40_000 for at in range(PROMPT_TOKENS))
    return GenerationRequest(prompt_ids=ids, max_tokens=new_tokens, stop_ids=(), lane=lane)


class Bench:
    """An engine, and prompts that it has not seen."""

    def __init__(self, engine: LocalEngine, new_tokens: int) -> None:
        self._engine = engine
        self._new_tokens = new_tokens
        self._asked = 0

    async def rates(self, streams: int) -> tuple[float, float]:
        """Tokens/s of as many answers together: prompts included, and between the last first token and the end."""
        firsts_s: list[float] = []
        times_s: list[float] = []

        async def read() -> None:
            self._asked += 1
            is_first = True
            async for _ in self._engine.generate(request(self._asked, self._new_tokens)):
                times_s.append(time.perf_counter())
                if is_first:
                    firsts_s.append(times_s[-1])
                is_first = False

        began_s = time.perf_counter()
        await asyncio.gather(*(read() for _ in range(streams)))
        together = [at for at in times_s if at > max(firsts_s)]
        return len(times_s) / (times_s[-1] - began_s), len(together) / (together[-1] - max(firsts_s))

    async def first_token_ms(self, chats: int) -> float:
        """Of a completion that is asked for when so many chats are being written."""
        written = asyncio.Semaphore(0)

        async def read() -> None:
            self._asked += 1
            async for _ in self._engine.generate(request(self._asked, 10 * self._new_tokens)):
                written.release()

        readers = [asyncio.create_task(read()) for _ in range(chats)]
        for _ in range(8 * chats):
            await written.acquire()
        self._asked += 1
        began_s = time.perf_counter()
        async for _ in self._engine.generate(request(self._asked, 2, "inline")):
            took_s = time.perf_counter() - began_s
            break
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        while (await self._engine.facts()).is_busy:  # noqa: ASYNC110 - an engine has no event for this
            await asyncio.sleep(0.01)
        return 1000 * took_s


async def measure(folder: Path, n: int, draft_tokens: int, new_tokens: int) -> list[Row]:
    """All numbers of streams n times, in turns; then first tokens."""
    settings = EngineSettings(
        window_tokens=WINDOW_TOKENS, cache_mb=CACHE_MB, max_waiting=max(STREAMS), draft_tokens=draft_tokens
    )
    engine = await asyncio.to_thread(LocalEngine, folder, settings)
    bench = Bench(engine, new_tokens)
    rates: dict[int, list[tuple[float, float]]] = {streams: [] for streams in STREAMS}
    first_ms: dict[int, list[float]] = {0: [], 4: []}
    for _ in range(n):
        for streams in STREAMS:
            rates[streams].append(await bench.rates(streams))
        for chats in first_ms:
            first_ms[chats].append(await bench.first_token_ms(chats))
    await engine.close()
    rows = [
        compared(
            f"{streams} at once against one, {kind}", [pair[at] for pair in rates[streams]], [p[at] for p in rates[1]]
        )
        for at, kind in enumerate(("prompts included", "writing"))
        for streams in STREAMS[1:]
    ]
    waits = compared("completion while 4 chats are written", first_ms[4], first_ms[0], is_less_better=True)
    return [*rows, waits]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, n=3)
    add_model(parser)
    parser.add_argument("--draft-tokens", type=int, default=0, help="the longest guess (default: none)")
    parser.add_argument("--new-tokens", type=int, default=32, help="of each answer (default: 32)")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments.model, arguments.n, arguments.draft_tokens, arguments.new_tokens))
    unit = "tokens/s of all together; last row: ms to the first token"
    show(rows, surroundings(arguments.model.name), unit=unit, json_file=arguments.json)


if __name__ == "__main__":
    main()
