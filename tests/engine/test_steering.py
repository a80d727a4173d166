"""An answer whose tokens a guide judges."""

import asyncio
from collections.abc import Sequence

from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import Rule
from jupyter_starcoder.engine.steering import Steered
from jupyter_starcoder.values.generation import FREE, Automaton, GenerationRequest, Sampling, State, Usage


class Refusing:
    """Refuses a letter as often as it may, and asks for another one in its place."""

    def __init__(self, letter: str, instead: str, times: int = 1) -> None:
        self._letter = ord(letter)
        self._opening = Automaton((State.of({ord(instead): FREE}),))
        self._times = times
        self.seen: list[int] = []

    def look(self, token: int) -> Automaton | None:
        """See `Guide.look`."""
        self.seen.append(token)
        if token != self._letter or not self._times:
            return None
        self._times -= 1
        return self._opening


def read(engine: FakeEngine, guide: Refusing, request: GenerationRequest) -> tuple[str, Usage]:
    """A whole answer."""

    async def collect() -> tuple[str, Usage]:
        generation = Steered(engine, request, guide)
        text = bytes([token async for token in generation]).decode()
        return text, generation.usage

    return asyncio.run(collect())


def asked(prompt: str, *, max_tokens: int = 20, sampling: Sampling | None = None) -> GenerationRequest:
    """A request."""
    return GenerationRequest(
        prompt_ids=tuple(prompt.encode()), max_tokens=max_tokens, stop_ids=(), sampling=sampling or Sampling()
    )


def prompts(requests: Sequence[GenerationRequest]) -> list[str]:
    """What an engine was given."""
    return [bytes(request.prompt_ids).decode() for request in requests]


def test_steered_answer_that_nobody_refuses_is_one_request() -> None:
    """A guide that is content changes nothing."""
    engine = FakeEngine([Rule(answer="abc")])

    text, usage = read(engine, Refusing("x", "y"), asked("p"))

    assert (text, usage.finish, usage.new_tokens, len(engine.requests)) == ("abc", "stop", 3, 1)


def test_steered_refusal_asks_for_the_rest_behind_what_was_accepted() -> None:
    """The refused token and all behind it are never given; the guide sees each token once."""
    engine = FakeEngine([Rule(ending="paby", answer="z"), Rule(answer="abxcdef")])
    guide = Refusing("x", "y")

    text, usage = read(engine, guide, asked("p"))

    assert text == "abyz"
    assert prompts(engine.requests) == ["p", "pab"]
    assert engine.requests[1].max_tokens == 18
    assert [request.is_rest for request in engine.requests] == [False, True]
    assert bytes(guide.seen).decode() == "abxyz"
    assert (usage.finish, usage.prompt_tokens, usage.new_tokens) == ("stop", 1, 4)


def test_steered_refusals_add_up() -> None:
    """Each refusal is one more request; the last one tells how it ended."""
    engine = FakeEngine([Rule(ending="y", answer="xx"), Rule(answer="x")])

    text, usage = read(engine, Refusing("x", "y", times=3), asked("p", max_tokens=5))

    assert text == "yyyxx"
    assert len(engine.requests) == 4
    assert (usage.finish, usage.new_tokens) == ("length", 5)


def test_steered_requests_draw_from_seeds_of_their_own() -> None:
    """The numbers that were drawn before a refusal are not drawn again; the same seed gives the same requests."""
    engines = [FakeEngine([Rule(ending="y", answer="x"), Rule(answer="x")]) for _ in range(2)]
    for engine in engines:
        read(engine, Refusing("x", "y", times=2), asked("p", sampling=Sampling(temperature=1.0, seed=2**70)))

    seeds = [[request.sampling.seed for request in engine.requests] for engine in engines]
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0])) == 3
    assert all(-(2**63) <= seed < 2**64 for seed in seeds[0][1:])


def test_steered_superseded_answer_does_not_come_back() -> None:
    """Whoever asks later under the same key is not disturbed by a refusal."""
    engine = FakeEngine([Rule(ending="new", answer="ok"), Rule(answer="x")])

    class Late(Refusing):
        """Refuses while a newer request begins."""

        def look(self, token: int) -> Automaton | None:
            """See `Guide.look`."""
            engine._running[0].end("superseded")
            return super().look(token)

    _, usage = read(engine, Late("x", "y"), asked("old"))

    assert (usage.finish, len(engine.requests)) == ("superseded", 1)


def test_steered_cancelled_answer_ends() -> None:
    """Whoever has enough gets the cost and no second request."""
    engine = FakeEngine([Rule(answer="abc", delay_s=0.001)])

    async def leave() -> Usage:
        generation = Steered(engine, asked("p"), Refusing("b", "y"))
        async for _ in generation:
            generation.cancel()
        return generation.usage

    usage = asyncio.run(leave())
    assert (usage.finish, usage.new_tokens, len(engine.requests)) == ("cancelled", 1, 1)
