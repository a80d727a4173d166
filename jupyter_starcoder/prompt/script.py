"""A notebook as a script: the form in which models without notebook markers have seen notebooks.

Code stands as it is, Markdown as comments, cells are separated by a blank line. Of the forms that were compared on the
embedded model (blank lines, percent signs, numbered cells, with and without outputs) this one gave the code that
follows the best likelihood; short outputs as comments improve it further.
"""

import re
from collections.abc import Sequence

from jupyter_starcoder.prompt.budget import Candidate, Part, beginning_of, best, cost, fits
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.values.notebook import Cell, Output
from jupyter_starcoder.values.prompt import Snippet, Text

SEPARATOR = "\n\n"
FENCE = "```"
OUTPUT_LABEL = "Output:"
_OUTPUT_CHARS = 400
_HEADING = re.compile(r"^#+ +", re.MULTILINE)  # `# # Title` is a comment that nobody writes, and models repeat it
_CELL_SHARE = 4  # a single cell gets at most this part of the budget

_SLASHES = ("c", "c++", "csharp", "go", "java", "javascript", "kotlin", "rust", "scala", "swift", "typescript")
_MARKS = dict.fromkeys(_SLASHES, "//") | {"sql": "--", "haskell": "--", "lua": "--", "matlab": "%"}


def comment_mark(language: str) -> str:
    """What begins a comment in a language; `#` for those not known here."""
    return _MARKS.get(language, "#")


def commented(text: str, language: str) -> str:
    """The text, each of its lines a comment."""
    mark = comment_mark(language)
    return "\n".join(f"{mark} {line}".rstrip() for line in text.split("\n"))


def without_headings(markdown: str) -> str:
    """Markdown without the marks of its headings."""
    return _HEADING.sub("", markdown)


def output_stop(language: str) -> str:
    """What follows a cell's code in this form: an answer ends there, be it at its very beginning."""
    return f"{comment_mark(language)} {OUTPUT_LABEL}"


def fence_stops(prefix: str) -> tuple[str, ...]:
    """What ends code as Markdown would: models that have read more Markdown than scripts close a fence never opened.

    Args:
        prefix: what the answer follows; text with a fence of its own may go on to write fences.
    """
    if FENCE in prefix:
        return ()
    is_line_start = not prefix.rpartition("\n")[2].strip()
    return (f"\n{FENCE}", FENCE) if is_line_start else (f"\n{FENCE}",)


def fence_of(text: str) -> str:
    """A fence that the text does not have."""
    fence = FENCE
    while fence in text:
        fence += "`"
    return fence


def blank_comment_stops(prefix: str, language: str) -> tuple[str, ...]:
    """What ends code where a comment without words begins, as Markdown's blank lines look in this form.

    Args:
        prefix: what the answer follows; somebody who frames comments so may go on with it.
        language: the kernel's.
    """
    blank = f"{comment_mark(language)}\n"
    if f"\n{blank}" in f"\n{prefix}":
        return ()
    is_line_start = not prefix.rpartition("\n")[2].strip()
    return (f"\n{blank}", blank) if is_line_start else (f"\n{blank}",)


def script_parts(cells: Sequence[Cell], language: str, budget_tokens: int, count: Count) -> list[Part]:
    """Cells as parts of a script, each closed by a blank line; empty and raw cells are left out."""
    limit_tokens = max(1, budget_tokens // _CELL_SHARE)
    parts = []
    for index, cell in enumerate(cells):
        if cell.kind == "raw" or not cell.source.strip():
            continue
        text = cell_script(cell, language)
        if not fits(text, limit_tokens, count):
            text = beginning_of(text, limit_tokens, count).rstrip()
        parts.append(Part((Text(text), Text(SEPARATOR)), index))
    return parts


def cell_script(cell: Cell, language: str) -> str:
    """One cell with its output, without a line end at its end."""
    if cell.kind == "markdown":
        return commented(without_headings(cell.source.strip()), language)
    source = cell.source.strip("\n").rstrip()
    shown = short_output(cell.outputs)
    return source + "\n" + commented(f"{OUTPUT_LABEL}\n{shown}", language) if shown else source


def short_output(outputs: Sequence[Output]) -> str:
    """What a cell printed, in a few lines; of an error its name and message."""
    texts = (output.text.rpartition("\n")[2] if output.kind == "error" else output.text for output in outputs)
    text = "\n".join(text.strip("\n") for text in texts if text.strip())
    return text if len(text) <= _OUTPUT_CHARS else text[:_OUTPUT_CHARS].rpartition("\n")[0] or text[:_OUTPUT_CHARS]


def comments(snippets: Sequence[Snippet], language: str, room_tokens: int, count: Count) -> tuple[Text, ...]:
    """The best snippets as comments under their titles, closed by a blank line."""
    titles = {snippet.title: commented(snippet.title, language) + "\n" for snippet in snippets}
    room_tokens -= 1 + sum(cost(title, count) for title in titles.values())
    lines = [
        Candidate(tuple(commented(text.strip(), language) + "\n" for text in (s.text, *s.shorter_texts)), s.score)
        for s in snippets
    ]
    texts: list[str] = []
    for index, text in best(lines, room_tokens, count):
        title = titles.pop(snippets[index].title, "")
        texts.append(title + text.rstrip("\n") + "\n")
    return (*map(Text, texts), Text("\n")) if texts else ()
