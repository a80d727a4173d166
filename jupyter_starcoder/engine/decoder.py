"""Makes answers step by step: a prompt in chunks, then the tokens of all answers at work together.

Between two steps nothing of the model runs, so whoever drives the steps can stop, or let another answer go first.
"""

import time
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.answer import LEAST_TOKENS, Answer, Bounds, Reached
from jupyter_starcoder.engine.cache import Slots
from jupyter_starcoder.engine.constraint import Constraint, check_tokens
from jupyter_starcoder.engine.job import Making
from jupyter_starcoder.engine.passes import MOST_ROWS, Entry, Pass, rows_each, share_out
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import BadRequest, EngineError
from jupyter_starcoder.values.generation import Automaton, GenerationRequest


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
        self.slots = Slots(count=session.caches, window_tokens=session.window_tokens, copy=session.copy)
        self.most_running = session.caches
        self.chunk = ChunkSize(settings.prefill_chunk_tokens, settings.pass_target_s)
        self._bounds = Bounds(
            model=session.manifest.name,
            window_tokens=session.window_tokens,
            end_ids=frozenset(session.manifest.end_ids),
            draft_tokens=min(settings.draft_tokens, MOST_ROWS - 1),
        )

    def begin(self, request: GenerationRequest) -> Answer:
        """Takes a cache for a request.

        Raises:
            BadRequest: the prompt is longer than the window, or holds ids that the model does not have.
        """
        ids = np.array(request.prompt_ids, dtype=np.int64)
        self._check(ids)
        opening = self._constraint(request.opening)
        slot = self.slots.take(ids, spare=LEAST_TOKENS)
        return Answer(
            request,
            self._bounds,
            slot=slot,
            opening=opening,
            switch=self.session.new_switch(),
            give_back=lambda: self.slots.give_back(slot),
        )

    def advance(self, begun: Sequence[Making]) -> list[Reached]:
        """One step of one answer that reads its prompt, or of any number that write; what each reached."""
        answers = cast("Sequence[Answer]", begun)
        if answers[0].is_reading:
            return [self._read(answers[0])]
        is_single = len(answers) > 1 and self.session.batches == "of single rows"
        rows = rows_each(len(answers)) if len(answers) > 1 else MOST_ROWS
        entries = {answer.slot.index: answer.entry(rows, is_single=is_single) for answer in answers}
        reached: dict[int, Reached] = {}
        writing = {answer.slot.index: answer for answer in answers}
        is_together = self.session.batches != "none"
        window = self.session.window_tokens
        for each in share_out([*entries.values()], self.slots.lengths, window=window, is_together=is_together):
            reached |= self._write(each, writing)
        return [reached[answer.slot.index] for answer in answers]

    def warm_up(self) -> None:
        """Runs both kinds of passes: the first request does not pay for what is done once, and chunks fit the machine.

        Raises:
            EngineError: the model cannot be run here.
        """
        count = min(self.chunk.tokens, self.session.window_tokens - 1)
        for is_timed in (False, True):  # the first pass also allocates
            began_s = time.perf_counter()
            self.session.run(alone(0, 0, np.zeros(count, dtype=np.int64)))
            if is_timed:
                self.chunk.took(count, time.perf_counter() - began_s)
        self.session.run(alone(0, count - 1, np.zeros(LEAST_TOKENS, dtype=np.int64)))

    def _read(self, answer: Answer) -> Reached:
        """Feeds the next part of a prompt; chooses the first token behind its last one."""
        left, slot = answer.unread, answer.slot
        part = left[: self.chunk.next_of(len(left))]
        began_s = time.perf_counter()
        try:
            logits = self.session.run(alone(slot.index, slot.length, part), answer.switch)
        except EngineError as error:
            return Reached(end=error)
        self.chunk.took(len(part), time.perf_counter() - began_s)
        slot.append(part)
        return Reached() if len(part) < len(left) else answer.take(logits[0])

    def _write(self, each: Pass, answers: dict[int, Answer]) -> dict[int, Reached]:
        """Feeds one pass of answers, by their caches; an error of one is none of the others'."""
        is_alone = len(each.entries) == 1
        try:
            logits = self.session.run(each, answers[each.first].switch if is_alone else None)
        except EngineError as error:
            return {entry.slot: Reached(end=error) for entry in each.entries}
        reached = {}
        for entry in each.entries:
            answer = answers[entry.slot]
            answer.slot.append(entry.ids)
            reached[entry.slot] = answer.take(each.logits_of(entry, logits))
        return reached

    def _check(self, ids: NDArray[np.int64]) -> None:
        window = self.session.window_tokens
        if len(ids) >= window:
            raise BadRequest(f"the prompt has {len(ids)} tokens, the model's window {window}: send a shorter prompt")
        check_tokens(ids, self.session.manifest.vocabulary_size, "the prompt holds")

    def _constraint(self, opening: Automaton | None) -> Constraint | None:
        if opening is None:
            return None
        return Constraint(opening, vocabulary_size=self.session.manifest.vocabulary_size)


def alone(slot: int, length: int, ids: NDArray[np.int64]) -> Pass:
    """A pass over one cache, with the logits of the last token."""
    return Pass(slot, (length,), (Entry(slot, ids, 1),))
