"""1, 4 and 16 answers asked for at once: tokens a second of all together, against one alone.

`python benchmarks/batching.py --json batching.json`. The engine makes one answer after the other (a quicker lane goes
first), so that several at once gain nothing by themselves: the ratio says what waiting costs. One stream and several
alternate.
"""

import argparse
import asyncio
import time
from pathlib import Path

from report import Row, add_options, compared, show, surroundings

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.models.catalogue import EMBEDDED
from jupyter_starcoder.models.store import Store, default_root
from jupyter_starcoder.values.generation import GenerationRequest

STREAMS = (1, 4, 16)
PROMPT_TOKENS, NEW_TOKENS = 128, 32


def prompt(number: int) -> tuple[int, ...]:
    """Another prompt for each number, from its first token on."""
    return tuple(100 + (number * 7919 + at * 37) % 40_000 for at in range(PROMPT_TOKENS))


async def tokens_per_s(engine: LocalEngine, streams: int, first: int) -> float:
    """Of as many answers together, prompts included."""

    async def read(number: int) -> int:
        request = GenerationRequest(prompt_ids=prompt(number), max_tokens=NEW_TOKENS, stop_ids=())
        return len([token async for token in engine.generate(request)])

    began_s = time.perf_counter()
    counts = await asyncio.gather(*(read(first + number) for number in range(streams)))
    return sum(counts) / (time.perf_counter() - began_s)


async def measure(folder: Path, n: int) -> list[Row]:
    """All numbers of streams n times, in turns."""
    settings = EngineSettings(window_tokens=512, max_waiting=max(STREAMS), draft_tokens=0)
    engine = await asyncio.to_thread(LocalEngine, folder, settings)
    rates: dict[int, list[float]] = {streams: [] for streams in STREAMS}
    asked = 0
    for _ in range(n):
        for streams in STREAMS:
            rates[streams].append(await tokens_per_s(engine, streams, asked))
            asked += streams
    await engine.close()
    return [compared(f"{streams} at once against one", rates[streams], rates[1]) for streams in STREAMS[1:]]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--model", type=Path, help="a model's folder (default: the embedded model)")
    arguments = parser.parse_args()
    folder = arguments.model or Store(default_root()).folder(EMBEDDED)
    rows = asyncio.run(measure(folder, arguments.n))
    show(rows, surroundings(folder.name), unit="tokens/s of all together", json_file=arguments.json)


if __name__ == "__main__":
    main()
