"""A model in this process, read asynchronously."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.passes import Pass
from jupyter_starcoder.engine.protocol import Engine
from jupyter_starcoder.engine.runtime import PassSwitch
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import BadRequest, EngineBusy, EngineError, ModelDamaged
from jupyter_starcoder.values.generation import FREE, Automaton, GenerationRequest, Sampling, State, Usage

Ask = Callable[[Engine, GenerationRequest], tuple[list[int], Usage]]

LONG = GenerationRequest(prompt_ids=tuple(range(1, 20)), max_tokens=60, stop_ids=())


@pytest.fixture
def slow_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets each pass take 10 ms, so that an answer of 60 tokens is not over before its reader says a word."""
    run = Session.run

    def slow(session: Session, each: Pass, switch: PassSwitch | None = None) -> NDArray[np.float32]:
        time.sleep(0.01)
        return run(session, each, switch)

    monkeypatch.setattr(Session, "run", slow)


async def until_idle(engine: Engine) -> None:
    """Waits until nothing runs; the test's timeout ends a wait for nothing."""
    while (facts := await engine.facts()).is_busy or facts.waiting:
        await asyncio.sleep(0.005)


def test_local_answers_and_reuses(engine: LocalEngine, ask: Ask) -> None:
    """Two equal requests have equal answers, and the second finds the prompt in the cache."""
    first, cold = ask(engine, LONG)
    second, warm = ask(engine, LONG)

    assert first == second
    assert (cold.reused_tokens, warm.reused_tokens) == (0, 17)
    assert (cold.new_tokens, cold.finish) == (60, "length")


def test_local_facts_name_model_and_device(engine: LocalEngine) -> None:
    """An idle engine says what it serves."""
    facts = asyncio.run(engine.facts())

    assert (facts.model, facts.device, facts.waiting, facts.is_busy) == ("tiny", "CPU", 0, False)


def test_local_bad_request_is_raised_to_its_reader(engine: LocalEngine, ask: Ask) -> None:
    """An error of the worker's thread comes out where the answer is read."""
    with pytest.raises(BadRequest, match="window"):
        ask(engine, GenerationRequest(prompt_ids=(1,) * 200, max_tokens=1, stop_ids=()))


@pytest.mark.usefixtures("slow_passes")
def test_local_cancel_between_tokens_ends_with_usage(engine: LocalEngine) -> None:
    """A cancelled answer ends by itself and says how far it came."""

    async def read() -> tuple[int, Usage]:
        generation = engine.generate(LONG)
        count = 0
        async for _ in generation:
            count += 1
            if count == 3:
                generation.cancel()
        return count, generation.usage

    count, usage = asyncio.run(read())

    assert usage.finish == "cancelled"
    assert 3 <= count == usage.new_tokens < 60


def test_local_cancelled_before_reading_never_runs(engine: LocalEngine) -> None:
    """What is cancelled first costs nothing."""

    async def read() -> Usage:
        generation = engine.generate(LONG)
        generation.cancel()
        assert [token async for token in generation] == []
        return generation.usage

    usage = asyncio.run(read())

    assert (usage.finish, usage.prompt_tokens, usage.new_tokens) == ("cancelled", 19, 0)


@pytest.mark.usefixtures("slow_passes")
def test_local_loop_that_is_left_stops_the_worker(engine: LocalEngine) -> None:
    """A consumer that breaks out of its loop need not say so."""

    async def read() -> None:
        generation = engine.generate(LONG)
        async for _ in generation:
            break
        await until_idle(engine)

        with pytest.raises(EngineError, match="not ended"):
            _ = generation.usage

    asyncio.run(read())


@pytest.mark.usefixtures("slow_passes")
def test_local_cancelled_task_stops_the_worker(engine: LocalEngine) -> None:
    """A reader's task that is cancelled takes its answer with it."""

    async def read() -> None:
        got_one = asyncio.Event()

        async def consume() -> None:
            async for _ in engine.generate(LONG):
                got_one.set()

        task = asyncio.create_task(consume())
        await got_one.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_idle(engine)

    asyncio.run(read())


@pytest.mark.usefixtures("slow_passes")
def test_local_full_queue_is_busy_where_it_is_read(tiny_model: Path) -> None:
    """A request over the bound fails by itself, the others go on."""

    async def read() -> list[str]:
        engine = await asyncio.to_thread(LocalEngine, tiny_model, EngineSettings(max_waiting=2, threads=1))
        generations = [engine.generate(LONG) for _ in range(12)]

        async def drain(index: int) -> str:
            try:
                async for _ in generations[index]:
                    pass
            except EngineBusy:
                return "busy"
            return generations[index].usage.finish

        ends = await asyncio.gather(*(drain(index) for index in range(12)))
        await engine.close()
        return ends

    ends = asyncio.run(read())

    assert ends[0] == "length"
    assert set(ends) == {"length", "busy"}


@pytest.mark.usefixtures("slow_passes")
def test_local_close_ends_running_answers_as_cancelled(tiny_model: Path) -> None:
    """Whoever reads while the engine is closed comes to an end."""

    async def read() -> str:
        engine = await asyncio.to_thread(LocalEngine, tiny_model, EngineSettings(threads=1))
        generation = engine.generate(LONG)
        async for _ in generation:
            await engine.close()
        with pytest.raises(EngineError, match="closed"):
            await anext(aiter(engine.generate(LONG)))
        return generation.usage.finish

    assert asyncio.run(read()) == "cancelled"


def test_local_serves_one_event_loop_after_the_other(engine: LocalEngine, ask: Ask) -> None:
    """An engine outlives the loop of its first reader, also one that ended in the middle of an answer."""

    async def abandon() -> None:
        await anext(aiter(engine.generate(LONG)))

    asyncio.run(abandon())
    asyncio.run(until_idle(engine))

    assert ask(engine, LONG)[1].finish == "length"


def test_local_damaged_folder_is_raised_by_the_constructor(tiny_copy: Path) -> None:
    """A model that cannot be loaded never becomes an engine."""
    (tiny_copy / "model.onnx.data").write_bytes(b"short")

    with pytest.raises(ModelDamaged, match="5 bytes"):
        LocalEngine(tiny_copy)


@pytest.mark.model
def test_local_embedded_model_answers_a_cancel_while_prefilling(
    embedded_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A prompt of 4,000 tokens is left in the middle; the time it took is printed."""

    async def read() -> tuple[Usage, float]:
        engine = await asyncio.to_thread(LocalEngine, embedded_model)
        prompt = tuple(100 + number * 37 % 40000 for number in range(4000))
        generation = engine.generate(GenerationRequest(prompt_ids=prompt, max_tokens=4, stop_ids=()))

        async def consume() -> list[int]:
            return [token async for token in generation]

        reading = asyncio.create_task(consume())
        while not (await engine.facts()).is_busy:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.2)
        began_s = time.perf_counter()
        generation.cancel()
        assert await reading == []
        took_s = time.perf_counter() - began_s
        again = engine.generate(GenerationRequest(prompt_ids=prompt[:40], max_tokens=1, stop_ids=()))
        async for _ in again:
            pass
        await engine.close()
        assert again.usage.finish == "length"
        return generation.usage, took_s

    usage, took_s = asyncio.run(read())
    with capsys.disabled():
        print(f"\ncancelled while prefilling after {took_s * 1e3:.0f} ms")

    assert usage.finish == "cancelled"


@pytest.mark.model
def test_local_embedded_model_reuse_is_exact(embedded_model: Path) -> None:
    """The embedded model continues an edited prompt as it does from nothing."""
    start = [100 + number * 37 % 40000 for number in range(150)]  # nonsense: its likeliest tokens are near ties
    edited = start[:90] + [500 + number for number in range(30)]

    async def read() -> tuple[list[int], list[int], int]:
        settings = EngineSettings(cache_mb=400)
        engine = await asyncio.to_thread(LocalEngine, embedded_model, settings)
        answers = []
        for prompt in (edited, start, edited):
            generation = engine.generate(GenerationRequest(prompt_ids=tuple(prompt), max_tokens=16, stop_ids=()))
            answers.append([token async for token in generation])
        await engine.close()
        return answers[0], answers[2], generation.usage.reused_tokens

    cold, warm, reused = asyncio.run(read())

    assert (warm, reused) == (cold, 90)


@pytest.mark.model
def test_local_embedded_model_drafts_change_nothing(embedded_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Eight-bit weights round alike for any number of guesses, greedy and sampled; many are right here."""
    base = [100 + number * 37 % 40000 for number in range(60)]
    prompts = [base * 4, base + base[:30], [*range(500, 540)] * 3]
    samplings = (Sampling(), Sampling(temperature=0.7, top_p=0.9, seed=5))

    async def read(draft_tokens: int) -> tuple[list[list[int]], int, int]:
        settings = EngineSettings(window_tokens=1024, draft_tokens=draft_tokens)
        engine = await asyncio.to_thread(LocalEngine, embedded_model, settings)
        answers, drafted, accepted = [], 0, 0
        for prompt in prompts:
            for sampling in samplings:
                request = GenerationRequest(prompt_ids=tuple(prompt), max_tokens=40, stop_ids=(), sampling=sampling)
                generation = engine.generate(request)
                answers.append([token async for token in generation])
                drafted += generation.usage.drafted_tokens
                accepted += generation.usage.accepted_tokens
        await engine.close()
        return answers, drafted, accepted

    plain, _, _ = asyncio.run(read(0))
    guessed, drafted, accepted = asyncio.run(read(15))
    with capsys.disabled():
        print(f"\n{accepted} of {drafted} guessed tokens were right, of {sum(map(len, plain))}")

    assert guessed == plain
    assert 0 < accepted < drafted


@pytest.mark.model
def test_local_embedded_model_answers_together_as_alone(
    embedded_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four answers of other lengths, lanes, samplings and guesses, one of them left half-way, in eight bits."""
    base = [100 + number * 37 % 40000 for number in range(200)]
    opening = Automaton((State.of({500: 1, 501: 1}), State.of({502: 0, 503: FREE})))
    requests = [
        GenerationRequest(prompt_ids=tuple(base[:150]), max_tokens=40, stop_ids=(), lane="chat"),
        GenerationRequest(prompt_ids=tuple(base[150:160] * 6), max_tokens=40, stop_ids=(), lane="chat"),
        GenerationRequest(
            prompt_ids=tuple(base[40:45]),
            max_tokens=40,
            stop_ids=(),
            lane="chat",
            sampling=Sampling(temperature=0.8, top_p=0.9, seed=5),
        ),
        GenerationRequest(prompt_ids=tuple(base[90:130]), max_tokens=40, stop_ids=(), lane="chat", opening=opening),
        GenerationRequest(prompt_ids=tuple(base[60:120]), max_tokens=40, stop_ids=()),
    ]

    async def read(engine: LocalEngine, request: GenerationRequest, most: int) -> list[int]:
        generation, tokens = engine.generate(request), []
        async for token in generation:
            tokens.append(token)
            if len(tokens) == most:
                generation.cancel()
        return tokens[:most]

    async def both() -> tuple[list[list[int]], list[list[int]]]:
        settings = EngineSettings(window_tokens=512)
        engine = await asyncio.to_thread(LocalEngine, embedded_model, settings)
        together = await asyncio.gather(
            *(read(engine, request, 10 if at == 1 else 40) for at, request in enumerate(requests))
        )
        await engine.close()
        engine = await asyncio.to_thread(LocalEngine, embedded_model, settings)
        alone = [await read(engine, request, 40) for request in requests]
        await engine.close()
        return together, alone

    together, alone = asyncio.run(both())
    with capsys.disabled():
        print(f"\n{len({token for tokens in alone for token in tokens})} different tokens in five answers")

    assert together[1] == alone[1][:10]
    assert [*together[:1], *together[2:]] == [*alone[:1], *alone[2:]]
