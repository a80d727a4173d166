"""The names that a live kernel has instead of one that an error misses.

A key is looked for among the columns of the frames and the keys of the dicts that the code names, then among those of
all others; an attribute among what values of its type have; a name among all that kernel and code define.
"""

import ast
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from jupyter_starcoder.names.defined import ALWAYS
from jupyter_starcoder.values.conversation import Mishap
from kernels_ctx.ranking import WORD
from kernels_ctx.snapshot import KernelSnapshot, Variable

MOST_NAMES = 3
LEAST_CHARS = 4  # of a name, not of a key, that may be misspelt
LEAST_RATIO = 0.65  # of likeness, from 0 to 1
NEAR_THE_BEST = 0.1  # names that are less like it than the best by more than this are not meant
_LONGEST_CHARS = 80  # of a name that is compared with others
_NAME = re.compile(r"name '([^'\n]+)' is not defined")
_ATTRIBUTE = re.compile(r"'([^'\n]+)' object has no attribute '([^'\n]+)'")
# As pandas and polars say which columns they did not find; of several the first counts.
_COLUMNS = re.compile(r"""\[['"]([^'"\n]+)|Columns? not found: '?([^',\n]+)|column "([^"\n]+)\"""")
_KEY_ERRORS = ("KeyError", "ColumnNotFoundError")

Likely = tuple[str, str]  # a name as it is, and as code spells it


@dataclass(frozen=True, slots=True)
class Missed:
    """What an error did not find."""

    kind: Literal["key", "attribute", "name"]
    name: str
    owner: str = ""  # of an attribute: the type of the value

    @property
    def pattern(self) -> re.Pattern[str]:
        """Where code spells it; of a key what stands in the quotes."""
        name = re.escape(self.name)
        if self.kind == "key":
            return re.compile(rf"""(?<=['"]){name}(?=['"])""")
        return re.compile(rf"(?<=\.){name}\b" if self.kind == "attribute" else rf"(?<![\w.'\"]){name}\b")


def nearest_names(mishap: Mishap, code: str, snapshot: KernelSnapshot | None) -> tuple[str, ...]:
    """The most likely names first, as code spells them; none where the error does not miss a name.

    Args:
        mishap: the error.
        code: of the cell that failed.
        snapshot: of a Python kernel.
    """
    missed = _missed(mishap)
    if snapshot is None or missed is None or "did you mean" in mishap.message.lower():
        return ()
    if missed.kind == "attribute":
        return _nearest(missed.name, _attributes(missed.owner, snapshot))
    if missed.kind == "name":
        if len(missed.name) < LEAST_CHARS or missed.name in sys.stdlib_module_names:
            return ()  # more likely an import is missing: `plt` is no `plot`, and `math` is no `path`
        own = {*snapshot.names, *(variable.name for variable in snapshot.variables), *WORD.findall(code)}
        public = (name for name in ALWAYS if not name.startswith("_"))
        likely = (name for name in (*own, *public) if name[0] == missed.name[0])  # nor is `Path` a `path`
        return _nearest(missed.name, ((name, name) for name in likely))
    named = frozenset(WORD.findall(code))
    near = [variable for variable in snapshot.variables if variable.name in named]
    far = [variable for variable in snapshot.variables if variable.name not in named]
    return _nearest(missed.name, _keys(near)) or _nearest(missed.name, _keys(far))


def mended_beginning(mishap: Mishap, code: str, names: Sequence[str]) -> str:
    """The code up to where it first spells the missed name, with the only likely name in its place.

    The character behind it belongs to it, so that the name cannot become longer. Nothing where there are several
    likely names, or none, or where the code does not spell the missed one.
    """
    missed = _missed(mishap)
    if missed is None or len(names) != 1 or not (found := missed.pattern.search(code)):
        return ""
    right = names[0][1:-1] if missed.kind == "key" else names[0]
    return "" if {"'", '"', "\\"} & set(right) else code[: found.start()] + right + code[found.end() :][:1]


def _missed(mishap: Mishap) -> Missed | None:
    if mishap.name in _KEY_ERRORS and (key := _missed_key(mishap)):
        return Missed("key", key)
    if mishap.name == "AttributeError" and (found := _ATTRIBUTE.search(mishap.message)):
        return Missed("attribute", found[2], found[1])
    if mishap.name == "NameError" and (found := _NAME.search(mishap.message)):
        return Missed("name", found[1])
    return None


def _missed_key(mishap: Mishap) -> str:
    """The key that was not found; nothing where it is no text."""
    try:
        key = ast.literal_eval(mishap.message)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        key = mishap.message.partition("\n")[0] if mishap.name != "KeyError" else None
    if not isinstance(key, str):
        return ""
    found = _COLUMNS.search(key)
    return (found[1] or found[2] or found[3]) if found else key


def _keys(variables: Iterable[Variable]) -> Iterable[Likely]:
    """The columns of frames, and the keys of dicts as far as the snapshot has them."""
    for variable in variables:
        for column in variable.columns:
            if isinstance(column.key, str):
                yield column.key, column.name
        if variable.type_name == "dict":
            yield from ((key.strip("'\""), key) for key in variable.examples)


def _attributes(type_name: str, snapshot: KernelSnapshot) -> Iterable[Likely]:
    """What stands behind the dot of the frames of a type."""
    for members in snapshot.members:
        if members.type_name == type_name:
            yield from ((name, name) for name in members.names)
    for variable in snapshot.variables:
        if variable.type_name == type_name:
            yield from ((name, name) for name in variable.attributes)


def _nearest(wrong: str, likely: Iterable[Likely]) -> tuple[str, ...]:
    """Those that are like the wrong name, the likest first and of equals in the order of the alphabet."""
    if not (bare := _bare(wrong)):
        return ()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(bare)
    found: dict[str, float] = {}
    for name, spelled in likely:
        if name == wrong or spelled in found:
            continue
        matcher.set_seq1(_bare(name))
        if matcher.real_quick_ratio() >= LEAST_RATIO and matcher.quick_ratio() >= LEAST_RATIO:
            found[spelled] = matcher.ratio()
    least = max(LEAST_RATIO, max(found.values(), default=0.0) - NEAR_THE_BEST)
    best = sorted((-ratio, spelled) for spelled, ratio in found.items() if ratio >= least)
    return tuple(spelled for _, spelled in best[:MOST_NAMES])


def _bare(name: str) -> str:
    """A name without what people mix up first: case, blanks and what joins words."""
    return re.sub(r"[\W_]+", "", name[:_LONGEST_CHARS].lower())
