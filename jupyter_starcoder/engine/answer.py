"""One answer while it is made: its prompt, its cache, and how its tokens are chosen.

An answer depends neither on what was asked before nor on who is answered beside it. ONNX Runtime's attention rounds
otherwise for one row than for two or more, which all give the same bits, however many, on whatever past, and beside
whatever other rows (measured on the CPU); quantised products have no such difference but round their inputs to 8 bits,
and so make of 1e-7 of a value up to a third of the logits' spread (in float32 it stays at 1e-5). So no input has a
single token: those of a prompt leave at least two for the last, and those of an answer hold the next token together
with guesses of what follows (`drafting.py`) or, without one, with the token before it once more. The second row costs
a seventh to a quarter of a pass, which the guesses earn back; and so the answer is the same with and without them,
alone and among others, and what was generated can be reused as part of the next prompt.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.cache import Slot
from jupyter_starcoder.engine.constraint import Constraint
from jupyter_starcoder.engine.drafting import Drafter
from jupyter_starcoder.engine.passes import Entry
from jupyter_starcoder.engine.runtime import PassSwitch
from jupyter_starcoder.engine.sampling import Sampler
from jupyter_starcoder.engine.stopwatch import Stopwatch
from jupyter_starcoder.errors import EngineError, StarcoderError
from jupyter_starcoder.values.generation import Finish, GenerationRequest, Usage

LEAST_TOKENS = 2  # of an input: see above


@dataclass(frozen=True, slots=True)
class Reached:
    """What one step brought an answer."""

    tokens: tuple[int, ...] = ()
    end: Finish | StarcoderError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a model sets to its answers."""

    model: str  # its name
    window_tokens: int
    end_ids: frozenset[int]
    draft_tokens: int  # the longest guess


class Answer:
    """Close it: it holds a cache."""

    def __init__(
        self,
        request: GenerationRequest,
        bounds: Bounds,
        *,
        slot: Slot,
        opening: Constraint | None,
        switch: PassSwitch,
        give_back: Callable[[], None],
    ) -> None:
        """Begins with a cache that holds the first tokens of the prompt."""
        self._ids = np.array(request.prompt_ids, dtype=np.int64)
        self._bounds = bounds
        self._opening = opening
        self._sampler = Sampler(request.sampling)
        self._stop_ids = frozenset(request.stop_ids) | bounds.end_ids
        self._most = min(request.max_tokens, bounds.window_tokens - len(self._ids))
        self._drafter = Drafter(self._ids, room=self._most, most=bounds.draft_tokens)
        self._give_back = give_back
        self.slot = slot
        self.switch = switch  # of the passes that are this answer's alone
        self._reused = slot.length
        self._last = -1  # the token that was chosen last and is not fed yet
        self._draft = self._ids[:0]
        self._drafted = self._accepted = 0
        self._watch = Stopwatch()

    @property
    def is_reading(self) -> bool:
        """Whether the prompt is not fed to its end yet."""
        return self._last < 0

    @property
    def unread(self) -> NDArray[np.int64]:
        """What is left of the prompt."""
        return self._ids[self.slot.length :]

    def entry(self, rows: int, *, is_single: bool) -> Entry:
        """The next token with guesses of what follows; the cache is rewound to where it belongs.

        Args:
            rows: the most tokens, at least 2.
            is_single: one row and no guess, where the rows of several answers cannot be padded; then not exact.
        """
        room = min(self._most - self._watch.tokens, self._bounds.window_tokens - self.slot.length, rows)
        self._draft = self._ids[:0] if is_single else self._drafter.draft(room - 1)
        fed = np.concatenate([np.array([self._last], dtype=np.int64), self._draft])
        if not is_single and (not len(self._draft) or self.slot.length < LEAST_TOKENS):
            fed = np.concatenate([self.slot.tokens[-1:], fed])
            self.slot.rewind(self.slot.length - 1)
        return Entry(self.slot.index, fed, 1 + len(self._draft))

    def take(self, logits: NDArray[np.float32]) -> Reached:
        """Chooses what follows the tokens that were fed last, as far as guesses were right: at least one token.

        Args:
            logits: of the last token of the prompt, or of the next token and its guesses, ``(positions, vocabulary)``.
        """
        draft, self._draft = self._draft, self._ids[:0]
        chosen: list[int] = []
        try:
            for index, guess in enumerate([*draft, None]):
                chosen.append(self._choose(logits[index]))
                if chosen[-1] != guess or chosen[-1] in self._stop_ids:
                    break
        except EngineError as error:
            self.slot.rewind(0)  # what made such logits may stand in the cache
            return Reached(end=EngineError(f"{self._bounds.model}: {error.message}"))
        right = sum(1 for mine, guess in zip(chosen, draft, strict=False) if mine == guess)
        self.slot.rewind(self.slot.length - len(draft) + len(chosen) - 1)
        self._drafter.learn(len(draft), right)
        self._drafted += len(draft)
        self._accepted += right
        return self._say(chosen)

    def usage(self, finish: Finish, *, queue_s: float) -> Usage:
        """What it cost up to now."""
        usage = self._watch.usage(finish, prompt_tokens=len(self._ids), reused_tokens=self._reused, queue_s=queue_s)
        return replace(usage, drafted_tokens=self._drafted, accepted_tokens=self._accepted)

    def interrupt(self) -> None:
        """Ends the pass that is running, from another thread, if it is this answer's alone: it can take seconds."""
        self.switch.terminate = True

    def close(self) -> None:
        """Gives the cache back; it remembers what was fed of prompt and answer."""
        if self.slot.length < LEAST_TOKENS:
            self.slot.rewind(0)  # a prompt of a single token, which was an input of its own
        self._give_back()

    def _say(self, chosen: list[int]) -> Reached:
        """What of the chosen tokens is part of the answer, and whether it ends with them."""
        said: list[int] = []
        for token in chosen:
            if token in self._stop_ids:
                return Reached(tuple(said), "stop")
            said.append(token)
            self._last = token
            self._watch.note()
            self._drafter.append(token)
            if self._watch.tokens == self._most:
                return Reached(tuple(said), "length")
        return Reached(tuple(said))

    def _choose(self, logits: NDArray[np.float32]) -> int:
        token = self._sampler.choose(logits, self._opening.allowed if self._opening else None)
        if self._opening:
            self._opening.advance(token)
        return token
