"""Token healing: an answer that goes on in the middle of a word.

A tokenizer that is handed half a word cuts it into tokens that the model never saw before what comes next:
`df['cyc` ends in a token for `cyc`, while the model learned `cyclists` as `cycl` + `ists`. So the prompt's last
tokens are taken back, and the model spells their text again under a constraint, in tokens of its own choice, the last
of which may run past the cursor.
"""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_starcoder.tokenizer.vocabulary import Vocabulary, all_free
from jupyter_starcoder.values.generation import Automaton, State

LIMIT_BYTES = 64  # of text that is taken back: longer words are rare, and each byte is a state of the automaton
_KNOWN_STATES = 256


@dataclass(frozen=True, slots=True)
class Healed:
    """Tokens to take back, and what must be spelled instead."""

    tokens: int
    text: str
    opening: Automaton


def tokens_to_take_back(words: Sequence[int | None], spellings: Sequence[bytes]) -> int:
    """How many tokens at the end make up the last word.

    A word is what the tokenizer's own pre-tokeniser cut off: a name, a run of signs. Whitespace goes back whole.

    Args:
        words: for each token the number of its word.
        spellings: for each token its bytes.

    Returns:
        A number of tokens of at most `LIMIT_BYTES` bytes that do not begin inside a character.
    """
    size_bytes = safe = 0
    for taken, (word, spelling) in enumerate(zip(reversed(words), reversed(spellings), strict=True), start=1):
        size_bytes += len(spelling)
        # Some tokenizers cut a run of whitespace into several words.
        is_same_word = word == words[-1] or (spelling.isspace() and spellings[-1].isspace())
        if word is None or not is_same_word or size_bytes > LIMIT_BYTES:
            break
        if not spelling or not 0x80 <= spelling[0] < 0xC0:
            safe = taken
    return safe


class Healer:
    """Makes the constraint under which text is spelled again."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: OrderedDict[bytes, tuple[bytes, bytes]] = OrderedDict()

    def opening(self, text: bytes) -> Automaton | None:
        """The automaton that spells `text` and may run past its end with the last token.

        State `i` stands after a number of bytes of `text`. It allows tokens that lie wholly inside what is left, and
        tokens that begin with all that is left; after these everything is allowed.

        Returns:
            None where no token runs past the end, so that spelling the text again could change nothing, and where
            the vocabulary cannot spell it.
        """
        places = self._reachable(text)
        if places is None:
            return None
        index = {place: number for number, place in enumerate(sorted(places))}
        states = tuple(self._state(text, place, index) for place in index)
        return Automaton(states)

    def _reachable(self, text: bytes) -> set[int] | None:
        """Places in `text` that a spelling from its start can pass and from which its end can be reached."""
        size = len(text)
        alive: set[int] = set()
        is_crossed: set[int] = set()
        for place in reversed(range(size)):
            rest = text[place:]
            free = self._vocabulary.count_beginning_with(rest)
            exact = self._vocabulary.id_of(rest) is not None
            steps = [place + n for n in range(1, len(rest)) if self._vocabulary.id_of(rest[:n]) is not None]
            if free or any(step in alive for step in steps):
                alive.add(place)
            if free > exact or any(step in is_crossed for step in steps):
                is_crossed.add(place)
        if 0 not in alive or 0 not in is_crossed:
            return None
        reached = {0}
        for place in range(size):
            if place in reached:
                ends = (end for end in range(place + 1, size) if end in alive)
                reached |= {end for end in ends if self._vocabulary.id_of(text[place:end]) is not None}
        return reached

    def _state(self, text: bytes, place: int, index: dict[int, int]) -> State:
        free_ids, free_targets = self._free(text[place:])
        inside = {
            token: index[end]
            for end in index
            if end > place and (token := self._vocabulary.id_of(text[place:end])) is not None
        }
        return State(
            array("i", inside.keys()).tobytes() + free_ids,
            array("i", inside.values()).tobytes() + free_targets,
        )

    def _free(self, rest: bytes) -> tuple[bytes, bytes]:
        """Ids and targets of the tokens that begin with `rest`; after a space that is half the vocabulary."""
        if rest not in self._known:
            ids = self._vocabulary.beginning_with(rest)
            self._known[rest] = (ids, all_free(len(ids)))
            if len(self._known) > _KNOWN_STATES:
                self._known.popitem(last=False)
        return self._known[rest]
