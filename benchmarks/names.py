"""What it costs to keep answers to names that exist, and what it gains, on the embedded model.

`python benchmarks/names.py --json names.json`. Each answer is made twice in turns, held to the columns of two frames
and free, by an engine in a process of its own as a server has it; the prompt does not tell the columns, so that the
model has to guess. The times are those of decoding, a token; where nothing is refused both answers are the same.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path

from prepared import add_model, plain
from report import Row, add_options, compared, show, surroundings

from jupyter_starcoder.engine.protocol import Generation
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.engine.steering import Steered
from jupyter_starcoder.engine.supervisor import SupervisedEngine
from jupyter_starcoder.names.guide import NameGuide, Vocabulary
from jupyter_starcoder.names.live import LiveNames
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.generation import Automaton, GenerationRequest
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

ABOVE = """import pandas as pd

sales = pd.read_csv("sales.csv", parse_dates=["day"])
counts = pd.read_csv("counts.csv")

"""
FRAMES = {"sales": ("day", "region", "revenue", "units"), "counts": ("time", "bridge", "cyclists", "temperature")}
CELLS = (
    "# total revenue of each region\ntotal = sales",
    "# cyclists a bridge\nby_bridge = counts",
    "print(sales",
    "# the ten best days\nbest = sales.sort_values",
    "means = counts.groupby",
    "x = sales[['region', ",
    "figure = sales.plot(",
    "late = counts[counts",
    "def report(frame):\n    ",
    "for region in ",
    "import numpy as np\n\nx = np.",
    "# a model of revenue by region and units\nfrom sklearn",
)
TOKENS = 48


class Counting:
    """A guide that counts what it refuses."""

    def __init__(self, guide: NameGuide) -> None:
        self._guide = guide
        self.refusals = 0

    def look(self, token: int) -> Automaton | None:
        """See `Guide.look`."""
        refused = self._guide.look(token)
        self.refusals += refused is not None
        return refused


def frame(name: str, keys: tuple[str, ...]) -> Variable:
    """A live frame with these columns."""
    columns = tuple(Column(name=repr(key), dtype="float64", key=key) for key in keys)
    return Variable(name=name, type_name="DataFrame", library="pandas", columns=columns, column_count=len(keys))


LIVE = LiveNames(
    KernelSnapshot(language="python", variables=tuple(frame(*each) for each in FRAMES.items())), above=[ABOVE]
)


async def read(generation: Generation) -> tuple[list[int], float]:
    """The tokens, and milliseconds a token from the first to the last."""
    tokens: list[int] = []
    times_s: list[float] = []
    async for token in generation:
        tokens.append(token)
        times_s.append(time.perf_counter())
    return tokens, 1e3 * (times_s[-1] - times_s[0]) / max(1, len(times_s) - 1)


async def measure(folder: Path, n: int) -> tuple[list[Row], str]:
    """Every answer n times each way."""
    tokenizer = Tokenizer.load(folder)
    words = Vocabulary(tokenizer.bytes_of, tokenizer.automaton)
    engine = SupervisedEngine(folder, EngineSettings(window_tokens=1024))
    await engine.start()
    same: tuple[list[float], list[float]] = ([], [])
    other: tuple[list[float], list[float]] = ([], [])
    everything: tuple[list[float], list[float]] = ([], [])
    refused: list[int] = []
    for turn in range(n + 1):
        sums = [0.0, 0.0]
        for code in CELLS:
            encoded = plain(tokenizer, ABOVE + code)
            request = GenerationRequest(prompt_ids=encoded.ids, max_tokens=TOKENS, stop_ids=encoded.stop_ids)
            guide = Counting(NameGuide(LIVE, words, code))
            free, free_ms = await read(engine.generate(request))
            held, held_ms = await read(Steered(engine, request, guide))
            if bool(guide.refusals) == (held == free):
                raise RuntimeError(f"{guide.refusals} refusals, and the answers to {code!r} do not show it")
            if not turn:
                refused.append(guide.refusals)
                continue
            pairs = other if guide.refusals else same
            pairs[0].append(held_ms)
            pairs[1].append(free_ms)
            sums[0] += held_ms
            sums[1] += free_ms
        if turn:
            everything[0].append(sums[0] / len(CELLS))
            everything[1].append(sums[1] / len(CELLS))
    await engine.close()
    rows = [
        compared(f"{sum(not count for count in refused)} answers with nothing refused", *same, is_less_better=True),
        compared(f"{sum(map(bool, refused))} answers with a name refused", *other, is_less_better=True),
        compared(f"all {len(CELLS)} answers of {TOKENS} tokens", *everything, is_less_better=True),
    ]
    return rows, f"{sum(refused)} names that do not exist were refused in {len(CELLS) * TOKENS} tokens\n" + scanning()


def scanning() -> str:
    """How long it takes to look at the end of a cell."""
    lines = "figure = counts[counts.temperature > 20].groupby('bridge')['cyclists'].sum()  # a line\nprint(figure)\n"
    parts: list[str] = []
    for count in (10, 50, 200):
        cell = lines * (count // 2)
        for ending, what in (("x = counts['", "at a place"), ("x = counts", "elsewhere")):
            times_ms: list[float] = []
            for _ in range(50):
                began_s = time.perf_counter()
                LIVE.place_at(cell + ending)
                times_ms.append(1e3 * (time.perf_counter() - began_s))
            parts.append(f"{count} lines {what} {statistics.median(times_ms):.3f}")
    return "ms to look at the end of a cell: " + "; ".join(parts)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    add_model(parser)
    arguments = parser.parse_args()
    rows, notes = asyncio.run(measure(arguments.model, arguments.n))
    unit = "ms a token of decoding; ours held to names, peer free"
    show(rows, surroundings(arguments.model.name), unit=unit, json_file=arguments.json)
    print(notes)


if __name__ == "__main__":
    main()
