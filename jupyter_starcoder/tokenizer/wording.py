"""Automata out of texts: the tokens that spell one of several texts, however the model cuts them."""

from bisect import bisect_left
from collections.abc import Iterator

from jupyter_starcoder.tokenizer.vocabulary import Vocabulary, all_free
from jupyter_starcoder.values.choice import Choice, is_word_byte
from jupyter_starcoder.values.generation import FREE, Automaton, State

# A choice of thousands of texts is spelled out only as far as these reach, nearest to its start first: behind that
# everything is allowed, and whoever wants more asks again from there.
MOST_STATES = 1024
MOST_LOOKS = 10_000  # at a text from a state; 10 to 20 ms


class Wording:
    """Makes the constraint under which one of some texts is spelled."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._not_of_words = b""

    def automaton(self, choice: Choice, begun: bytes = b"") -> Automaton | None:
        """The automaton that spells what a text of the choice has left; None where the vocabulary cannot begin to.

        A state stands for the bytes that were spelled. It allows tokens that lie wholly inside what a text has left;
        and, where anything may follow, tokens that begin with all that it has left. After these everything is allowed.

        Args:
            choice: the texts.
            begun: how they begin as far as that is spelled already.
        """
        texts = sorted({text.encode() for text in choice.texts})
        index: dict[bytes, int] = {begun: 0}
        queue = [begun]
        states: list[State] = []
        looks = 0
        for spelled in queue:  # grows while it is read
            inside: dict[int, bytes] = {}
            free = b""
            for text, new in self._begun(texts, spelled):
                looks += 1
                if not choice.is_word:
                    free += self._vocabulary.beginning_with(text[len(spelled) :])
                for end in range(new, len(text) + choice.is_word):
                    token = self._vocabulary.id_of(text[len(spelled) : end])
                    if token is not None:
                        inside[token] = text[:end]
            for further in inside.values():
                if further not in index and len(index) < MOST_STATES and looks < MOST_LOOKS:
                    index[further] = len(index)
                    queue.append(further)
            step = State.of({token: index.get(further, FREE) for token, further in inside.items()})
            may_end = choice.is_word and _has(texts, spelled)
            states.append(State(step.ids + free, step.targets + all_free(len(free)), may_end))
        if not states[0].ids and not states[0].may_end:  # the text has ended, or none begins so
            return None
        return Automaton(tuple(states), behind=self._behind_words() if choice.is_word else b"")

    def _begun(self, texts: list[bytes], spelled: bytes) -> Iterator[tuple[bytes, int]]:
        """The texts that go on behind some bytes, each with the first end that differs from those of the one before."""
        before = b""
        for at in range(bisect_left(texts, spelled), len(texts)):
            text = texts[at]
            if not text.startswith(spelled):
                return
            if len(text) > len(spelled):
                yield text, max(len(spelled), shared(before, text)) + 1
            before = text

    def _behind_words(self) -> bytes:
        """The tokens that do not go on with a word; half the vocabulary, so they are looked up once."""
        if not self._not_of_words:
            starts = (bytes([byte]) for byte in range(256) if not is_word_byte(byte))
            self._not_of_words = b"".join(self._vocabulary.beginning_with(start) for start in starts)
        return self._not_of_words


def shared(first: bytes, second: bytes) -> int:
    """How many bytes two texts have in common at their beginning."""
    least, most = 0, min(len(first), len(second))
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if first[:middle] == second[:middle] else (least, middle - 1)
    return least


def _has(texts: list[bytes], text: bytes) -> bool:
    at = bisect_left(texts, text)
    return at < len(texts) and texts[at] == text
