"""Makes an answer step by step: the prompt in chunks, then token after token.

Between two steps nothing of the model runs, so whoever drives the steps can stop, or let another answer go first.

An answer never depends on what was asked before. ONNX Runtime's attention rounds otherwise for one row than for two or
more, which all give the same bits (1e-7 of a value, measured on the CPU); quantised products have no such difference
but round their inputs to 8 bits, and so make of it up to a third of the logits' spread (in float32 it stays at 1e-5).
So no pass has a single token: those over a prompt leave at least two for the last, and those of an answer feed the next
token together with guesses of what follows (`drafting.py`) or, without one, with the token before it once more. The
second row costs a seventh to a quarter of a pass, which the guesses earn back; and so the answer is the same with and
without them, and what was generated can be reused as part of the next prompt.
"""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.cache import Slots, slots_within
from jupyter_starcoder.engine.constraint import Constraint
from jupyter_starcoder.engine.drafting import Drafter
from jupyter_starcoder.engine.sampling import Sampler
from jupyter_starcoder.engine.session import MOST_LOGITS, CachedSlot, Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import BadRequest, EngineError
from jupyter_starcoder.values.generation import Automaton, Finish, GenerationRequest, Usage

LEAST_TOKENS = 2  # of a pass: see above


class ChunkSize:
    """How many tokens of a prompt one pass takes: the most, halved until a pass takes no longer than wished."""

    def __init__(self, most: int, target_s: float) -> None:
        self.tokens = self._most = max(LEAST_TOKENS, most)
        self._target_s = target_s

    def next_of(self, left: int) -> int:
        """How many of the tokens that are left to feed now; never such that a single one remains."""
        return left if left <= self.tokens + 1 else self.tokens

    def took(self, tokens: int, time_s: float) -> None:
        """Learns from a pass of as many tokens."""
        if tokens != self.tokens:
            return
        if time_s < self._target_s / 2.5:
            self.tokens = min(self._most, self.tokens * 2)
        while time_s > self._target_s and self.tokens > LEAST_TOKENS:
            self.tokens = max(LEAST_TOKENS, self.tokens // 2)
            time_s /= 2


class Decoder:
    """A session with its caches."""

    def __init__(self, session: Session, settings: EngineSettings) -> None:
        self.session = session
        count = slots_within(settings.cache_mb, session.slot_bytes)
        self.slots = Slots(lambda: CachedSlot(session), count=count)
        self.most_running = count
        self.draft_tokens = min(settings.draft_tokens, MOST_LOGITS - 1)
        self.chunk = ChunkSize(settings.prefill_chunk_tokens, settings.pass_target_s)

    def begin(self, request: GenerationRequest) -> "Decoding":
        """Takes a cache for a request.

        Raises:
            BadRequest: the prompt is longer than the window, or holds ids that the model does not have.
        """
        ids = np.array(request.prompt_ids, dtype=np.int64)
        self._check(ids)
        opening = self._constraint(request.opening)
        return Decoding(self, request, ids, opening)

    def warm_up(self) -> None:
        """Runs both kinds of passes: the first request does not pay for what is done once, and chunks fit the machine.

        Raises:
            EngineError: the model cannot be run here.
        """
        count = min(self.chunk.tokens, self.session.window_tokens - 1)
        slot = self.slots.take(np.zeros(1, dtype=np.int64), spare=1)
        try:
            for is_timed in (False, True):  # the first pass also allocates
                slot.rewind(0)
                began_s = time.perf_counter()
                self.session.run(slot, np.zeros(count, dtype=np.int64))
                if is_timed:
                    self.chunk.took(count, time.perf_counter() - began_s)
            slot.rewind(count - 1)
            self.session.run(slot, np.zeros(LEAST_TOKENS, dtype=np.int64))
        finally:
            slot.rewind(0)
            self.slots.give_back(slot)

    def _check(self, ids: NDArray[np.int64]) -> None:
        window = self.session.window_tokens
        if len(ids) >= window:
            raise BadRequest(f"the prompt has {len(ids)} tokens, the model's window {window}: send a shorter prompt")
        size = self.session.manifest.vocabulary_size
        if ids.min() < 0 or ids.max() >= size:
            raise BadRequest(f"the prompt holds token {ids.max()}: send ids from 0 to {size - 1}")

    def _constraint(self, opening: Automaton | None) -> Constraint | None:
        if opening is None:
            return None
        return Constraint(opening, vocabulary_size=self.session.manifest.vocabulary_size)


class Decoding:
    """One answer while it is made. Close it: it holds a cache."""

    def __init__(
        self, decoder: Decoder, request: GenerationRequest, ids: NDArray[np.int64], opening: Constraint | None
    ) -> None:
        self._decoder = decoder
        self._ids = ids
        self._opening = opening
        self._sampler = Sampler(request.sampling)
        self._stop_ids = frozenset(request.stop_ids) | frozenset(decoder.session.manifest.end_ids)
        self._most = min(request.max_tokens, decoder.session.window_tokens - len(ids))
        self._drafter = Drafter(ids, room=self._most, most=decoder.draft_tokens)
        self._switch = decoder.session.new_switch()
        self._slot = decoder.slots.take(ids, spare=LEAST_TOKENS)
        self._reused = self._slot.length
        self._drafted = self._accepted = 0
        self._began_s = 0.0
        self._times_s: list[float] = []

    def steps(self) -> Iterator[int | Finish | None]:
        """Works until it ends: None after a part of the prompt, a token, and at last why it ended.

        Raises:
            EngineError: the model could not be run, or gave logits that are not numbers.
        """
        self._began_s = time.perf_counter()
        while (left := self._ids[self._slot.length :]).size > (count := self._decoder.chunk.next_of(left.size)):
            self._feed_prompt(left[:count])
            yield None
        chosen = [self._choose(self._feed_prompt(left)[0])]
        while True:
            for token in chosen:
                if token in self._stop_ids:
                    yield "stop"
                    return
                self._times_s.append(time.perf_counter())
                self._drafter.append(token)
                yield token
                if len(self._times_s) == self._most:
                    yield "length"
                    return
            chosen = self._next_tokens(chosen[-1])

    def usage(self, finish: Finish, *, queue_s: float) -> Usage:
        """What it cost up to now."""
        times_s = self._times_s
        return Usage(
            finish=finish,
            prompt_tokens=len(self._ids),
            reused_tokens=self._reused,
            new_tokens=len(times_s),
            queue_s=queue_s,
            first_token_s=times_s[0] - self._began_s if times_s else 0.0,
            decode_s=times_s[-1] - times_s[0] if times_s else 0.0,
            drafted_tokens=self._drafted,
            accepted_tokens=self._accepted,
        )

    def interrupt(self) -> None:
        """Ends the pass that is running, from another thread: one of a large model can take seconds."""
        self._switch.terminate = True

    def close(self) -> None:
        """Gives the cache back; it remembers what was fed of prompt and answer."""
        if self._slot.length < LEAST_TOKENS:
            self._slot.rewind(0)  # a prompt of a single token, which was a pass of its own
        self._decoder.slots.give_back(self._slot)

    def _feed_prompt(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        began_s = time.perf_counter()
        logits = self._decoder.session.run(self._slot, ids, self._switch)
        self._decoder.chunk.took(len(ids), time.perf_counter() - began_s)
        return logits

    def _next_tokens(self, token: int) -> list[int]:
        """Feeds a token and guesses of what follows; gives what the model says follows, at least one token."""
        draft = self._drafter.draft(min(self._most - len(self._times_s), self._room) - 1)
        fed = np.concatenate([np.array([token], dtype=np.int64), draft])
        before = self._slot.length
        if not len(draft) or before < LEAST_TOKENS:
            fed = np.concatenate([self._slot.tokens[-1:], fed])
            self._slot.rewind(before - 1)
        logits = self._decoder.session.run(self._slot, fed, self._switch, 1 + len(draft))
        chosen: list[int] = []
        for index in range(1 + len(draft)):
            chosen.append(self._choose(logits[index]))
            if index == len(draft) or chosen[-1] != draft[index] or chosen[-1] in self._stop_ids:
                break
        right = sum(1 for mine, guess in zip(chosen, draft, strict=False) if mine == guess)
        self._slot.rewind(before + len(chosen))
        self._drafter.learn(len(draft), right)
        self._drafted += len(draft)
        self._accepted += right
        return chosen

    @property
    def _room(self) -> int:
        """How many tokens the window still takes."""
        return self._decoder.session.window_tokens - self._slot.length

    def _choose(self, logits: NDArray[np.float32]) -> int:
        try:
            token = self._sampler.choose(logits, self._opening.allowed if self._opening else None)
        except EngineError as error:
            self._slot.rewind(0)  # what made such logits may stand in the cache
            raise EngineError(f"{self._decoder.session.manifest.name}: {error.message}") from error
        if self._opening:
            self._opening.advance(token)
        return token
