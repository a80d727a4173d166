"""What is written near a cursor, in a way that stays while a person types a word."""

import re
from functools import lru_cache

from jupyter_starcoder.values.notebook import Place

CELLS_ABOVE = 4  # whose names count as near
_LONGEST_CHARS = 20_000  # of a text that is looked at; of a longer one its end
_WORD = re.compile(r"[^\W\d]\w*")
_PART_OF_WORD = re.compile(r"(?<!\w)\w+\Z")  # begun at a word's start alone: else a long word is read at each letter


def texts_near(place: Place) -> tuple[str, ...]:
    """The cursor's cell without the word that is being typed, then the cells above it, nearest first."""
    own = _PART_OF_WORD.sub("", place.prefix[-_LONGEST_CHARS:]) + "\n" + place.suffix[:_LONGEST_CHARS]
    above = [cell.source[-_LONGEST_CHARS:] for cell in reversed(place.before) if cell.kind != "raw"]
    return (own, *above[:CELLS_ABOVE])


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(_WORD.findall(text))


words_of_cell = lru_cache(maxsize=2048)(words)  # cells stay while another one is typed in
