"""An edit of a cell of 30 lines that changes three: with guesses from the prompt against without.

`python benchmarks/drafting.py --json drafting.json`. The prompt holds the cell and the model is made to answer with the
cell as edited (an opening leaves one token at each place), so that the answer is the same for any model; guesses are
judged as in any other answer. A second row lets the model continue freely. Runs with and without alternate, and the
tokens are compared. Without guesses a pass has two rows all the same, see docs/performance-log.md.
"""

import argparse
import asyncio
from pathlib import Path

from prepared import add_model, plain
from report import Row, add_options, compared, show, surroundings

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.generation import Automaton, GenerationRequest, State, Usage

CELL = """import pandas as pd
import matplotlib.pyplot as plt

PATH = "counts.csv"

def load(path):
    frame = pd.read_csv(path, parse_dates=["day"])
    frame = frame.dropna(subset=["cyclists"])
    return frame

def by_weekday(frame):
    days = frame["day"].dt.dayofweek
    means = frame.groupby(days)["cyclists"].mean()
    return means.sort_index()

def by_month(frame):
    months = frame["day"].dt.month
    sums = frame.groupby(months)["cyclists"].sum()
    return sums.sort_index()

def show(series, title):
    figure, axes = plt.subplots(figsize=(8, 3))
    series.plot.bar(ax=axes)
    axes.set_title(title)
    axes.set_ylabel("cyclists")
    return figure

frame = load(PATH)
show(by_weekday(frame), "Mean of a weekday")
show(by_month(frame), "Sum of a month")
"""
EDITS = (
    ('PATH = "counts.csv"', 'PATH = "counts_2024.csv"'),
    ('means = frame.groupby(days)["cyclists"].mean()', 'means = frame.groupby(days)["cyclists"].median()'),
    ("figsize=(8, 3)", "figsize=(10, 4)"),
)
REQUEST = "# The same cell, with medians, the file of 2024 and a larger figure:\n"


def edited() -> str:
    """The cell as it is to be."""
    text = CELL
    for old, new in EDITS:
        if old not in text:
            raise RuntimeError(f"the cell holds no {old!r}")
        text = text.replace(old, new)
    return text


def spelling(ids: tuple[int, ...]) -> Automaton:
    """An opening that allows these tokens alone, and then everything."""
    return Automaton((*(State.of({token: at + 1}) for at, token in enumerate(ids)), State.of({})))


async def read(engine: LocalEngine, request: GenerationRequest) -> tuple[list[int], Usage]:
    """A whole answer."""
    generation = engine.generate(request)
    tokens = [token async for token in generation]
    return tokens, generation.usage


async def measure(folder: Path, n: int) -> tuple[list[Row], str]:
    """Both answers n times with and without, in turns."""
    tokenizer = Tokenizer.load(folder)
    prompt = plain(tokenizer, CELL + REQUEST).ids
    answer = plain(tokenizer, edited()).ids
    engines = [
        await asyncio.to_thread(LocalEngine, folder, EngineSettings(window_tokens=2048, draft_tokens=draft))
        for draft in (EngineSettings().draft_tokens, 0)
    ]
    edit = GenerationRequest(prompt_ids=prompt, max_tokens=len(answer), stop_ids=(), opening=spelling(answer))
    free = GenerationRequest(prompt_ids=prompt, max_tokens=len(answer), stop_ids=())
    rows, notes = [], []
    for name, request in ((f"edit of 30 lines, {len(answer)} tokens", edit), ("continued freely", free)):
        times_s: tuple[list[float], list[float]] = ([], [])
        for _ in range(n):
            (tokens, usage), (unguessed, without) = [await read(engine, request) for engine in engines]
            if tokens != unguessed:
                raise RuntimeError("the tokens with guesses differ from those without")
            times_s[0].append(usage.decode_s * 1e3)
            times_s[1].append(without.decode_s * 1e3)
        rows.append(compared(name, *times_s, is_less_better=True))
        notes.append(f"{name}: {usage.accepted_tokens} of {usage.drafted_tokens} guessed tokens were right")
    for engine in engines:
        await engine.close()
    return rows, "\n".join(notes)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    add_model(parser)
    arguments = parser.parse_args()
    rows, notes = asyncio.run(measure(arguments.model, arguments.n))
    show(rows, surroundings(arguments.model.name), unit="ms from the first token to the last", json_file=arguments.json)
    print(notes)


if __name__ == "__main__":
    main()
