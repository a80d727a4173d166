"""An answer that is watched token by token, and asked for again under a constraint where a guide refuses a token.

What was accepted stays: the new request's prompt is the old one with it at the end, which the engine finds in its
cache. So a refusal costs about one pass, and an answer without one costs nothing.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

from jupyter_starcoder.engine.generation import ReadOnce
from jupyter_starcoder.engine.protocol import Engine, Generation
from jupyter_starcoder.values.generation import Automaton, GenerationRequest, Sampling, Usage

SEED_STEP = 0x9E3779B97F4A7C15  # far from the seeds that anybody counts through
SEEDS = 2**63  # what a message to the engine can hold


class Guide(Protocol):
    """Judges tokens in their order."""

    def look(self, token: int) -> Automaton | None:
        """Takes the next token, or refuses it: then the automaton says what may stand in its place.

        A guide must not refuse for ever: each refusal is a request to the engine.
        """


class Steered(ReadOnce):
    """A generation whose tokens a guide has accepted."""

    def __init__(self, engine: Engine, request: GenerationRequest, guide: Guide) -> None:
        super().__init__()
        self._engine = engine
        self._request = request
        self._guide = guide
        self._generation: Generation | None = None
        self._is_cancelled = False

    def cancel(self) -> None:
        """Ends it soon."""
        self._is_cancelled = True
        if self._generation is not None:
            self._generation.cancel()

    async def _tokens(self) -> AsyncIterator[int]:
        accepted: list[int] = []
        costs: list[Usage] = []
        request = self._request
        try:
            while True:
                self._generation = generation = self._engine.generate(request)
                if self._is_cancelled:
                    generation.cancel()
                refused: Automaton | None = None
                async for token in generation:
                    if refused is not None:
                        continue  # cancelled below: only the usage is still awaited
                    refused = self._guide.look(token)
                    if refused is not None:
                        generation.cancel()
                        continue
                    accepted.append(token)
                    yield token
                costs.append(generation.usage)
                # Superseded: somebody else asks by now under the same key.
                if refused is None or self._is_cancelled or costs[-1].finish == "superseded":
                    break
                request = _again(self._request, accepted, refused, len(costs))
            self._usage = _total(costs, len(accepted))
        finally:
            self.cancel()


def _again(first: GenerationRequest, accepted: list[int], opening: Automaton, count: int) -> GenerationRequest:
    """The request for the rest of an answer."""
    sampling = first.sampling
    # The same seed would draw the same numbers once more.
    seed = (sampling.seed + count * SEED_STEP) % SEEDS
    return replace(
        first,
        prompt_ids=(*first.prompt_ids, *accepted),
        max_tokens=first.max_tokens - len(accepted),
        opening=opening,
        sampling=Sampling(temperature=sampling.temperature, top_p=sampling.top_p, seed=seed),
        is_rest=True,
    )


def _total(costs: list[Usage], accepted: int) -> Usage:
    """What all requests of one answer cost together; what came after a refusal counts as decoding."""
    again = costs[1:]
    return Usage(
        finish=costs[-1].finish,
        prompt_tokens=costs[0].prompt_tokens,
        reused_tokens=costs[0].reused_tokens,
        new_tokens=accepted,
        queue_s=sum(cost.queue_s for cost in costs),
        first_token_s=costs[0].first_token_s,
        decode_s=sum(cost.decode_s for cost in costs) + sum(cost.first_token_s for cost in again),
        drafted_tokens=sum(cost.drafted_tokens for cost in costs),
        accepted_tokens=sum(cost.accepted_tokens for cost in costs),
    )
