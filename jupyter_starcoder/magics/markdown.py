"""Markdown of a model that a front end may trust.

What an executed cell shows is trusted: HTML in it would run and images would be fetched. So nothing of the model's
text is left to be read as markup but what is listed here: headings, lists, emphasis and tables as they are, since they
are only text; code, which is written anew. What makes HTML, links, images and formulas comes as characters.
"""

import html
import re

# Others may be drawn instead of shown, as Mermaid's diagrams are.
LANGUAGES = frozenset({"bash", "diff", "ipython", "json", "julia", "py", "python", "r", "sh", "shell", "sql", "text"})
FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# A span on its own keeps formulas from being found by whoever reads the finished page.
MARKUP = {ord(c): f"&#{ord(c)};" for c in "<>[]`~&@"} | {ord(c): f"<span>&#{ord(c)};</span>" for c in "$\\"}
ADDRESS = re.compile(r"(?i)(?<=www)\.|:(?=//)")  # such are made links where they stand
CONTROL = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def visible(text: str) -> str:
    """The same text without characters that command a terminal."""
    return text.translate(CONTROL)


def fenced(code: str, language: str = "") -> str:
    """Code as a block of Markdown that nothing in it can end."""
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
    return f"{ticks}{language if language in LANGUAGES else ''}\n{code}\n{ticks}"


def harmless(text: str) -> str:
    """A model's Markdown with nothing active in it."""
    written: list[str] = []
    block: list[str] = []
    opening: re.Match[str] | None = None
    for line in visible(text).split("\n"):
        if opening is None:
            opening = FENCE.match(line)
            if opening is None:
                written.append(_inline(line))
        elif _ends(line, opening[2]):
            written.append(_block(block, opening))
            block, opening = [], None
        else:
            block.append(line)
    if opening is not None:
        written.append(_block(block, opening))  # its end is still to come
    return "\n".join(written)


def _ends(line: str, ticks: str) -> bool:
    mark = line.strip()
    return len(mark) >= len(ticks) and set(mark) == {ticks[0]}


def _block(lines: list[str], opening: re.Match[str]) -> str:
    """A block of code, apart from all around it so that no list or quotation has a part in it."""
    code = "\n".join(line.removeprefix(opening[1]) for line in lines)
    return f"\n{fenced(code, opening[3].lower())}\n"


def _inline(line: str) -> str:
    pieces: list[str] = []
    at = 0
    for span in CODE.finditer(line):
        pieces += [_words(line[at : span.start()]), _code(span[2])]
        at = span.end()
    return "".join([*pieces, _words(line[at:])])


def _words(text: str) -> str:
    return ADDRESS.sub(lambda sign: f"&#{ord(sign[0])};", text.translate(MARKUP))


def _code(text: str) -> str:
    """Code in a line: each sign as a number, since a table or a list would read it before the code is found."""
    spelled = "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text.strip())
    return f"<code>{spelled or html.escape(text)}</code>"
