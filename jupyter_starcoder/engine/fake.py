"""An engine without a model: it answers by rules. For tests, documentation and the work on the front end."""

import asyncio
import os
import time
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from jupyter_starcoder.engine.generation import ReadOnce, nothing_done
from jupyter_starcoder.engine.rules import Rule, read_rules, text_of
from jupyter_starcoder.errors import EngineDied
from jupyter_starcoder.values.generation import FREE, Automaton, Finish, GenerationRequest, Usage
from jupyter_starcoder.values.model import EngineFacts


class FakeEngine:
    """Speaks the byte tokenizer's ids. `requests` holds what it was asked, in order."""

    def __init__(self, rules: Sequence[Rule] | Callable[[], Sequence[Rule]] = (), *, model: str = "fake") -> None:
        """Makes one.

        Args:
            rules: what to answer; a callable is asked anew for every request.
            model: the name it gives itself.
        """
        self._rules = rules
        self._model = model
        self._running: list[FakeGeneration] = []
        self.requests: list[GenerationRequest] = []

    @classmethod
    def from_file(cls, path: Path) -> "FakeEngine":
        """One that reads its rules from a JSON file, again for every request."""
        return cls(lambda: read_rules(path))

    def generate(self, request: GenerationRequest) -> "FakeGeneration":
        """Queues a request."""
        self.requests.append(request)
        return FakeGeneration(self, request)

    async def facts(self) -> EngineFacts:
        """What the engine says of itself now."""
        return EngineFacts(
            model=self._model, device="CPU", process_id=os.getpid(), waiting=0, is_busy=bool(self._running)
        )

    async def close(self) -> None:
        """Ends running answers as cancelled."""
        for generation in [*self._running]:
            generation.cancel()

    def rule_for(self, prompt: bytes, seed: int = 0) -> Rule:
        """The first rule that matches; one with an empty answer when none does."""
        rules = self._rules() if callable(self._rules) else self._rules
        return next((rule for rule in rules if rule.matches(prompt, seed)), Rule(answer=""))

    def began(self, generation: "FakeGeneration") -> None:
        """An answer is being read: older ones with the same key give way."""
        for older in [*self._running]:
            if older.key and older.key == generation.key:
                older.end("superseded")
        self._running.append(generation)

    def ended(self, generation: "FakeGeneration") -> None:
        """An answer is over, or given up by its reader."""
        if generation in self._running:
            self._running.remove(generation)


class FakeGeneration(ReadOnce):
    """One answer by rule."""

    def __init__(self, engine: FakeEngine, request: GenerationRequest) -> None:
        super().__init__()
        self._engine = engine
        self._request = request
        self._early: Finish | None = None
        self._told = asyncio.Event()

    @property
    def key(self) -> str:
        """The request's `replaces`."""
        return self._request.replaces

    def cancel(self) -> None:
        """Ends it soon."""
        self.end("cancelled")

    def end(self, finish: Finish) -> None:
        """Ends it soon, for this reason; the first reason stays."""
        self._early = self._early or finish
        self._told.set()
        self._engine.ended(self)

    async def _tokens(self) -> AsyncIterator[int]:
        self._engine.began(self)
        try:
            opening = spelled(self._request.opening)
            prompt = text_of(self._request.prompt_ids + opening)
            rule = self._engine.rule_for(prompt, self._request.sampling.seed)
            began_s = time.perf_counter()
            times_s: list[float] = []
            finish: Finish = "stop"
            for token in opening + tuple(rule.answer.encode()):
                await self._pause(rule.delay_s)
                if self._early or token in self._request.stop_ids:
                    break
                if len(times_s) == rule.dies_after:
                    raise EngineDied("the fake engine died, as its rule says")
                times_s.append(time.perf_counter())
                yield token
                if len(times_s) == self._request.max_tokens:
                    finish = "length"
                    break
            if len(times_s) == rule.dies_after:
                raise EngineDied("the fake engine died, as its rule says")
            self._usage = self._cost(self._early or finish, began_s, times_s)
        finally:
            self._engine.ended(self)

    async def _pause(self, delay_s: float) -> None:
        if delay_s <= 0.0:
            await asyncio.sleep(0)
            return
        try:
            await asyncio.wait_for(self._told.wait(), delay_s)
        except TimeoutError:
            return

    def _cost(self, finish: Finish, began_s: float, times_s: list[float]) -> Usage:
        prompt_tokens = len(self._request.prompt_ids)
        if not times_s:
            return nothing_done(finish, prompt_tokens=prompt_tokens)
        return Usage(
            finish=finish,
            prompt_tokens=prompt_tokens,
            reused_tokens=0,
            new_tokens=len(times_s),
            queue_s=0.0,
            first_token_s=times_s[0] - began_s,
            decode_s=times_s[-1] - times_s[0],
        )


def spelled(opening: Automaton | None) -> tuple[int, ...]:
    """The ids that an opening asks for: the smallest allowed one, until all are allowed."""
    ids: list[int] = []
    states = opening.states if opening else ()
    at = 0
    while states and at != FREE:
        allowed = dict(zip(array("i", states[at].ids), array("i", states[at].targets), strict=True))
        if not allowed:
            break
        token = min(allowed)
        ids.append(token)
        at = allowed[token]
    return tuple(ids)
