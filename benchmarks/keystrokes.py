"""200 keystrokes in a notebook: how much of each prompt the engine finds in its cache, and how soon the answer begins.

`python benchmarks/keystrokes.py --json keystrokes.json`. The prompts are the product's: its family, tokenizer and
budget. Each keystroke asks for a completion; every tenth is also asked of an engine that has seen nothing like it
("cold"), one right after the other.
"""

import argparse
import asyncio
import statistics
from pathlib import Path

from prepared import add_model
from report import Row, add_options, compared, quartiles, show, surroundings

from jupyter_starcoder.copilot import Copilot, LoadedModel, Options
from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.generation import GenerationRequest, Usage
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook

SOURCES = Path(__file__).parents[1] / "jupyter_starcoder"
CELLS_OF = ("copilot.py", "serving.py", "engine/worker.py")  # code of the kind that stands in cells, and always here
TYPED = '''def share_of(frame, column, value):
    """The share of rows in which a column has a value."""
    rows = frame[frame[column] == value]
    if not len(frame):
        return 0.0
    share = len(rows) / len(frame)
    return round(share, 3)
'''
KEYSTROKES = 200
COLD_EVERY = 10


def cells() -> tuple[Cell, ...]:
    """A notebook's cells above the one that is typed in."""
    texts = [text for name in CELLS_OF for text in (SOURCES / name).read_text(encoding="utf-8").split("\n\n\n")]
    return tuple(Cell(kind="code", source=text.strip("\n")) for text in texts if text.strip())


async def first_token(engine: LocalEngine, request: GenerationRequest) -> Usage:
    """What an answer of one token cost."""
    generation = engine.generate(request)
    async for _ in generation:
        pass
    return generation.usage


async def replay(folder: Path, prompt_tokens: int) -> tuple[list[Usage], list[float], list[float]]:
    """All keystrokes; gives their costs, and first-token times warm and cold of those that were asked twice."""
    manifest, tokenizer = read_manifest(folder), Tokenizer.load(folder)
    window = prompt_tokens + 64
    warm = await asyncio.to_thread(LocalEngine, folder, EngineSettings(window_tokens=window))
    cold = await asyncio.to_thread(LocalEngine, folder, EngineSettings(window_tokens=window))
    model = LoadedModel(
        name=manifest.name,
        window_tokens=window,
        tokenizer=tokenizer,
        family=choose_family(frozenset(manifest.markers)),
        engine=warm,
    )
    copilot, above = Copilot(lambda: model), cells()
    options = Options(max_tokens=8, prompt_tokens=prompt_tokens)
    usages: list[Usage] = []
    times_s: list[tuple[float, float]] = []
    for count in range(1, KEYSTROKES + 1):
        notebook = Notebook(cells=(*above, Cell(kind="code", source=TYPED[:count])))
        question = await copilot.questions.completion(notebook, Cursor(cell=len(above), offset=count), options)
        ids, opening = question.encoded.ids, question.encoded.opening
        # Without stop ids a first token always comes; what it is does not matter here.
        request = GenerationRequest(prompt_ids=ids, max_tokens=1, stop_ids=(), opening=opening)
        usages.append(await first_token(warm, request))
        if count > 1 and not count % COLD_EVERY:
            times_s.append((usages[-1].first_token_s, await cold_time(cold, request, count)))
    await warm.close()
    await cold.close()
    return usages, [pair[0] for pair in times_s], [pair[1] for pair in times_s]


async def cold_time(engine: LocalEngine, request: GenerationRequest, number: int) -> float:
    """The first token's time of a prompt that shares nothing with what the engine has seen."""
    ids = (100 + number, *request.prompt_ids[1:])  # another first token each time: nothing behind it can be reused
    usage = await first_token(engine, GenerationRequest(prompt_ids=ids, max_tokens=1, stop_ids=()))
    if usage.reused_tokens:
        raise RuntimeError(f"{usage.reused_tokens} tokens of a cold prompt were reused")
    return usage.first_token_s


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, n=1)
    parser.add_argument("--prompt-tokens", type=int, default=2048, help="budget of a prompt (default 2048)")
    add_model(parser)
    arguments = parser.parse_args()
    usages, warm_s, cold_s = [], [], []
    for _ in range(arguments.n):
        got = asyncio.run(replay(arguments.model, arguments.prompt_tokens))
        usages += got[0]
        warm_s += got[1]
        cold_s += got[2]
    shares = [usage.reused_tokens / usage.prompt_tokens for usage in usages[1:]]
    fed = [float(usage.prompt_tokens - usage.reused_tokens) for usage in usages[1:]]
    length = statistics.median(usage.prompt_tokens for usage in usages)
    rows = [
        compared(
            f"first token, warm against cold, {length:.0f} tokens",
            [value * 1e3 for value in warm_s],
            [value * 1e3 for value in cold_s],
            is_less_better=True,
        ),
        Row(
            "reused share of a prompt (peer: all)",
            statistics.median(shares),
            1.0,
            statistics.median(shares),
            len(shares),
            quartiles(shares),
        ),
    ]
    show(rows, surroundings(arguments.model.name), unit="ms, share", json_file=arguments.json)
    print(
        f"fed a keystroke: {statistics.median(fed):.0f} tokens in the middle, {max(fed):.0f} at most; "
        f"{sum(value > 100 for value in fed)} of {len(fed)} keystrokes fed more than 100"
    )


if __name__ == "__main__":
    main()
