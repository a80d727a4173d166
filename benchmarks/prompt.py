"""How long context and prompt take in a notebook of 500 cells, and how much of a prompt a keystroke leaves as it was.

`python benchmarks/prompt.py --json prompt.json`. No model runs: sources, families, budget and tokenizer are the
product's. Times are of the whole road from a request's notebook to token ids, while 40 characters are typed in the
middle of the last cell; ratios are against the target. Tokens that are read are those of a prompt behind what it has
in common with the prompt of the keystroke before, in the middle of a cell in the middle of the notebook.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from prepared import embedded
from report import Row, add_options, compared, show, surroundings

from jupyter_starcoder.context.cells import CellSource
from jupyter_starcoder.context.kernel import KernelSource
from jupyter_starcoder.context.project import ProjectSource
from jupyter_starcoder.context.source import ContextSource
from jupyter_starcoder.copilot import Copilot, LoadedModel, Options, Question
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.prompt.starcoder import StarCoder
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.notebook import Cell, Cursor, Notebook, Output
from kernels_ctx.snapshot import Column, KernelSnapshot, Variable

TARGET_MS = 20.0
CELLS = 500
SOURCES = Path(__file__).parents[1] / "jupyter_starcoder"
TYPED = "totals = trips.groupby('dock')['minutes']"
ABOVE = "def summary(trips):\n    kept = trips[trips['minutes'] > 2]\n    "
BELOW = "\n    return totals.sort_values()\n\nsummary(trips)\n"
PAIRS = {"(": ")", "[": "]", "'": "'"}  # what an editor closes by itself
FIM = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
NOTEBOOK = ("<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<empty_output>")
SECOND = (*FIM, *NOTEBOOK, "<jupyter_script>", "<file_sep>")


@dataclass(frozen=True, slots=True)
class Keystroke:
    """A cell as it is after a keystroke."""

    prefix: str
    suffix: str


def keystrokes(*, is_closing: bool) -> list[Keystroke]:
    """`TYPED`, a character at a time, in an editor that closes brackets and quotes by itself, or does not."""
    found, prefix, closed = [], ABOVE, ""
    for character in TYPED:
        is_over = closed.startswith(character)
        if is_over:
            closed = closed[1:]
        elif is_closing and character in PAIRS:
            closed = PAIRS[character] + closed
        prefix += character
        found.append(Keystroke(prefix, closed + BELOW))
    return found


def cells(count: int) -> list[Cell]:
    """Cells of real code, every third with an output, every fifth with Markdown above it."""
    texts = [
        text.strip("\n")
        for path in sorted(SOURCES.rglob("*.py"))
        for text in path.read_text(encoding="utf-8").split("\n\n\n")
        if text.strip()
    ]
    found: list[Cell] = [Cell(kind="code", source="import pandas as pd\nimport helpers\n\ntrips = helpers.load()")]
    for number in range(count - 1):
        outputs = (Output(kind="stream", text=f"{number} rows\n" * 20),) if not number % 3 else ()
        kind = "markdown" if not number % 5 else "code"
        found.append(Cell(kind=kind, source=texts[number % len(texts)], outputs=outputs))  # type: ignore[arg-type]
    return found


async def snapshot_of(_path: str, _timeout_s: float) -> KernelSnapshot:
    """What the server remembers of the kernel."""
    return snapshot()


@cache
def snapshot() -> KernelSnapshot:
    """A kernel with 40 frames, one of them very wide."""
    widths = [5_000, *range(1, 40)]
    variables = tuple(
        Variable(
            name="trips" if not number else f"frame_{number}",
            type_name="DataFrame",
            kind="frame",
            library="pandas",
            shape=(1_000, width),
            columns=tuple(Column(name=f"'c{place}'", dtype="int64", key=f"c{place}") for place in range(width)),
            column_count=width,
        )
        for number, width in enumerate(widths)
    )
    return KernelSnapshot(language="python", variables=variables)


def tokenizer_with(markers: Sequence[str]) -> Tokenizer:
    """The embedded model's tokenizer, which knows these special tokens too."""
    file = embedded() / "tokenizer.json"
    plan = json.loads(file.read_text(encoding="utf-8"))
    known = {token["content"] for token in plan["added_tokens"]}
    first = 1 + max([*plan["model"]["vocab"].values(), *(token["id"] for token in plan["added_tokens"])])
    missing = [marker for marker in markers if marker not in known]
    look = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    plan["added_tokens"] += [{"id": first + number, "content": each, **look} for number, each in enumerate(missing)]
    return Tokenizer(json.dumps(plan))


class Bench:
    """A notebook of 500 cells, with a cursor in the middle of it."""

    def __init__(self, project: Path, prompt_tokens: int) -> None:
        """Writes the file that the notebook imports below `project`."""
        (project / "helpers.py").write_text("def load(path=None):\n    '''The trips of a year.'''\n", encoding="utf-8")
        self._cells = cells(CELLS)
        self._options = Options(max_tokens=64, prompt_tokens=prompt_tokens, context_deadline_s=0.2)
        self._tokenizer = tokenizer_with((*SECOND, "<filename>"))
        self._sources: list[ContextSource] = [CellSource(), ProjectSource(project), KernelSource(snapshot_of)]

    def questions(self, family: PromptFamily, typed: Sequence[Keystroke], place: int) -> list[tuple[Question, float]]:
        """What each keystroke asks, and how long it took to know that, in ms."""
        return asyncio.run(self._asked(family, typed, place))

    async def _asked(
        self, family: PromptFamily, typed: Sequence[Keystroke], place: int
    ) -> list[tuple[Question, float]]:
        model = LoadedModel(
            name="none", window_tokens=8192, tokenizer=self._tokenizer, family=family, engine=FakeEngine()
        )
        copilot = Copilot(lambda: model, self._sources)
        found = []
        for stroke in typed:
            own = Cell(kind="code", source=stroke.prefix + stroke.suffix)
            notebook = Notebook(cells=(*self._cells[:place], own, *self._cells[place:]), path="work.ipynb")
            cursor = Cursor(cell=place, offset=len(stroke.prefix))
            started_s = time.perf_counter()
            question = await copilot.questions.completion(notebook, cursor, self._options)
            found.append((question, 1e3 * (time.perf_counter() - started_s)))
        return found


def read_again(questions: Sequence[Question]) -> list[int]:
    """Tokens of each prompt but the first that the one before does not have; the engine reads one at least."""
    found = []
    for old, new in pairwise(questions):
        pairs = zip(old.encoded.ids, new.encoded.ids, strict=False)
        shared = next((place for place, (one, other) in enumerate(pairs) if one != other), len(old.encoded.ids))
        found.append(max(1, len(new.encoded.ids) - shared))
    return found


def families() -> dict[str, PromptFamily]:
    """What is measured; the embedded model's prompts are a script without what stands behind the cursor."""
    return {
        "script": choose_family(frozenset(("<|im_start|>", "<|im_end|>"))),
        "StarCoder": choose_family(frozenset((*FIM, *NOTEBOOK, "<filename>"))),
        "StarCoder2": choose_family(frozenset(SECOND)),
    }


def behind_last(family: PromptFamily) -> PromptFamily:
    """The same family with what stands behind the cursor behind it."""
    if not isinstance(family, StarCoder):
        raise TypeError(f"{family.name} has no order")
    return replace(family, is_suffix_first=False)


def rows(bench: Bench, n: int) -> list[Row]:
    """All of the table."""
    found = []
    for name, family in families().items():
        times_ms = [ms for _ in range(n) for _, ms in bench.questions(family, keystrokes(is_closing=True), CELLS)]
        warm_ms = times_ms[1:]
        found.append(
            compared(
                f"{name}: context and prompt, ms (peer: target)",
                warm_ms,
                [TARGET_MS] * len(warm_ms),
                is_less_better=True,
            )
        )
    typed = [question for question, _ in bench.questions(families()["script"], keystrokes(is_closing=True), CELLS // 2)]
    whole = [len(question.encoded.ids) for question in typed[1:]]
    found.append(compared("script: tokens read a keystroke (peer: all)", read_again(typed), whole, is_less_better=True))
    for name in ("StarCoder", "StarCoder2"):
        family = families()[name]
        for is_closing, editor in ((False, "plain editor"), (True, "editor that closes brackets")):
            strokes = keystrokes(is_closing=is_closing)
            first, last = (
                read_again([question for question, _ in bench.questions(each, strokes, CELLS // 2)])
                for each in (family, behind_last(family))
            )
            found.append(
                compared(
                    f"{name}: tokens read a keystroke, {editor} (peer: suffix last)", first, last, is_less_better=True
                )
            )
        moved = keystrokes(is_closing=True)[-1:]
        first, last = (
            read_again([bench.questions(each, moved, place)[0][0] for place in (250, 251)])
            for each in (family, behind_last(family))
        )
        found.append(
            compared(
                f"{name}: tokens read after a step to the next cell (peer: suffix last)",
                first,
                last,
                is_less_better=True,
            )
        )
    return found


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, n=5)
    parser.add_argument("--prompt-tokens", type=int, default=1024, help="budget of a prompt (default 1024)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), arguments.prompt_tokens)
        show(rows(bench, arguments.n), surroundings("none"), unit="ms, tokens", json_file=arguments.json)


if __name__ == "__main__":
    main()
