"""Keeps an answer to names that exist, from the cursor on and wherever the answer itself comes to such a place.

The model goes its way as long as what it spells is the beginning of a name. The first token that is not is refused,
and the rest of the name is asked for under a constraint, which the model can still leave where it insists.
"""

import codecs
from collections.abc import Callable
from dataclasses import dataclass, replace

from jupyter_starcoder.names.live import LiveNames
from jupyter_starcoder.names.places import NamePlace
from jupyter_starcoder.values.choice import Choice
from jupyter_starcoder.values.generation import Automaton

# How much greater the logit of a name that does not exist must be than that of the best one that does. On the embedded
# model 39 gaps at invented names (24 prompts, with the kernel's columns in the prompt and without) were at most 4.9; of
# 4 names that stood in cells above, for columns that the kernel did not have yet, 3 passed 6.3 as long as the prompt
# did not hold the kernel's own list of columns.
MARGIN = 5.5
MOST_REFUSALS = 3  # at one place: an automaton reaches only so far where there are thousands of names


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a tokenizer knows of tokens."""

    bytes_of: Callable[[int], bytes]
    automaton: Callable[[Choice, bytes], Automaton | None]


@dataclass(slots=True)
class _Spelling:
    """A name on its way."""

    choice: Choice
    spelled: bytes
    is_held: bool  # the engine was told of it before its first token
    refusals: int = 0
    refused_at: int = -1  # bytes that were spelled at the last refusal


class NameGuide:
    """Watches one answer; `engine/steering.py` asks it."""

    def __init__(self, live: LiveNames, vocabulary: Vocabulary, code: str, opening_text: str = "") -> None:
        """Begins at a cursor.

        Args:
            live: the names.
            vocabulary: the tokenizer's.
            code: the cell up to the cursor.
            opening_text: its end as far as the answer spells it again.
        """
        self._live = live
        self._vocabulary = vocabulary
        self._code = code.removesuffix(opening_text) if code.endswith(opening_text) else ""
        self._again_bytes = len(opening_text.encode())  # still to be spelled: no place of the answer's own
        self._characters = codecs.getincrementaldecoder("utf-8")("ignore")
        self._spelling: _Spelling | None = None
        place = live.place_at(code) if code.endswith(opening_text) else None
        if place is not None:
            self._begin_at_cursor(place, code, opening_text)

    def opening(self, healing: Automaton | None) -> Automaton | None:
        """What the first tokens must spell: a name where one is due, and in any case what `healing` asks for."""
        at = self._spelling
        names = self._automaton(at) if at else None
        if names is None:
            self._spelling = None
            return healing
        return replace(names, outside=healing)

    def look(self, token: int) -> Automaton | None:
        """See `Guide.look`."""
        spelling = self._vocabulary.bytes_of(token)
        self._again_bytes -= len(spelling)
        at = self._spelling
        if at is not None:
            spelled = at.spelled + spelling
            progress = at.choice.progress(spelled)
            if progress == "off" and (refused := self._refusal(at)) is not None:
                return refused
            at.spelled = spelled
            if progress == "inside":
                self._code += self._characters.decode(spelling)
                return None
        self._code += self._characters.decode(spelling)
        self._spelling = self._begun() if self._again_bytes <= 0 else None
        return None

    def _begin_at_cursor(self, place: NamePlace, code: str, opening_text: str) -> None:
        # The answer's first bytes may be signs before the name, or its part that stands there already.
        lead = code[len(code) - len(opening_text) : len(code) - len(place.typed)]
        choice = place.choice.after(lead).beginning(lead + place.typed)
        if choice is not None:
            begun = (lead + place.typed).removesuffix(opening_text)
            self._spelling = _Spelling(choice, begun.encode(), is_held=True)

    def _begun(self) -> _Spelling | None:
        """The name that is due at the end of what stands there now."""
        place = self._live.place_at(self._code)
        if place is None or place.choice.progress(place.typed.encode()) != "inside":
            return None
        return _Spelling(place.choice, place.typed.encode(), is_held=False)

    def _refusal(self, at: _Spelling) -> Automaton | None:
        """What must come instead of a token; None where the model has had its chance and insists."""
        if at.is_held or at.refusals == MOST_REFUSALS or at.refused_at == len(at.spelled):
            return None
        at.refusals += 1
        at.refused_at = len(at.spelled)
        return self._automaton(at)

    def _automaton(self, at: _Spelling) -> Automaton | None:
        found = self._vocabulary.automaton(at.choice, at.spelled)
        return replace(found, margin=MARGIN) if found else None
