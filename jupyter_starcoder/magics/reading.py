"""What becomes of our lines before IPython reads them."""

from collections.abc import Sequence

CELL, LINE = "%%starcoder", "%starcoder"


def ours_as_meant(lines: Sequence[str]) -> list[str]:
    """A cell in which our magics mean what a person expects.

    A cell magic with nothing below it gets a line, since IPython refuses it otherwise. A question that ends with `?`
    becomes the call that the magic stands for, since IPython would look up help on its last word.
    """
    if lines and lines[0].split(None, 1)[:1] == [CELL]:
        return [lines[0].rstrip("\n") + "\n", "\n"] if len(lines) == 1 else [*lines]
    found = [*lines]
    for at, line in enumerate(lines):
        text = line.strip()
        # Only magics and comments stand above: this line is not inside a string.
        if (text and not text.startswith(("#", "%"))) or text.startswith("%%"):
            break
        if text.split(None, 1)[:1] == [LINE] and text.endswith("?"):
            found[at] = f"get_ipython().run_line_magic('starcoder', {text[len(LINE) :].strip()!r})\n"
    return found
