"""The engine without a model."""

import asyncio
import json
from pathlib import Path

import pytest

from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.rules import Rule
from jupyter_starcoder.errors import EngineDied, EngineError
from jupyter_starcoder.values.generation import FREE, Automaton, GenerationRequest, State


def request(text: str, *, max_tokens: int = 100, **more: object) -> GenerationRequest:
    """A request whose prompt spells `text`."""
    return GenerationRequest(prompt_ids=tuple(text.encode()), max_tokens=max_tokens, stop_ids=(), **more)  # type: ignore[arg-type]


def answer_of(engine: FakeEngine, asked: GenerationRequest) -> tuple[str, str]:
    """The answer's text and how it ended."""

    async def read() -> tuple[str, str]:
        generation = engine.generate(asked)
        ids = [token async for token in generation]
        return bytes(ids).decode(), generation.usage.finish

    return asyncio.run(read())


def test_fake_first_matching_rule_answers() -> None:
    """The first rule whose ending is the prompt's end is used."""
    engine = FakeEngine([Rule(ending="x = ", answer="42"), Rule(answer="else")])

    assert answer_of(engine, request("y\nx = ")) == ("42", "stop")
    assert answer_of(engine, request("y")) == ("else", "stop")


def test_fake_markers_are_left_out_of_matching() -> None:
    """An id that is not a byte is no part of the prompt's text."""
    engine = FakeEngine([Rule(ending="ab", answer="c")])
    asked = GenerationRequest(prompt_ids=(300, 97, 301, 98, 302), max_tokens=9, stop_ids=())

    assert answer_of(engine, asked) == ("c", "stop")


def test_fake_longest_answer_ends_as_length() -> None:
    """`max_tokens` cuts the answer."""
    engine = FakeEngine([Rule(answer="abcdef")])

    assert answer_of(engine, request("x", max_tokens=3)) == ("abc", "length")


def test_fake_stop_id_ends_the_answer() -> None:
    """A stop id is not part of the answer."""
    engine = FakeEngine([Rule(answer="ab\ncd")])
    asked = GenerationRequest(prompt_ids=(1,), max_tokens=9, stop_ids=(10,))

    assert answer_of(engine, asked) == ("ab", "stop")


def test_fake_opening_is_spelled_first_and_counts_as_prompt() -> None:
    """With an opening the fake spells it, and chooses its rule as if it stood in the prompt."""
    engine = FakeEngine([Rule(ending="import", answer=" os")])
    opening = Automaton((State.of({ord("r"): 1}), State.of({ord("t"): FREE})))

    assert answer_of(engine, request("impo", opening=opening)) == ("rt os", "stop")


@pytest.mark.parametrize("count", [0, 2, 3])
def test_fake_dies_after_so_many_tokens(count: int) -> None:
    """A rule can let the engine die in the middle of an answer, and at its end."""

    async def read() -> list[int]:
        ids = []
        with pytest.raises(EngineDied):  # noqa: PT012 - what came before the error counts
            async for token in FakeEngine([Rule(answer="abc", dies_after=count)]).generate(request("x")):
                ids.append(token)
        return ids

    assert len(asyncio.run(read())) == count


def test_fake_cancel_ends_a_slow_answer() -> None:
    """Cancelling is heard while the fake waits for its next token."""

    async def read() -> tuple[list[int], str]:
        generation = FakeEngine([Rule(answer="abc", delay_s=60.0)]).generate(request("x"))
        asyncio.get_running_loop().call_later(0.01, generation.cancel)
        return [token async for token in generation], generation.usage.finish

    assert asyncio.run(read()) == ([], "cancelled")


def test_fake_newer_request_supersedes_the_older() -> None:
    """A request with the same `replaces` ends the one being read."""

    async def read() -> tuple[str, str]:
        engine = FakeEngine([Rule(ending="1", answer="abc", delay_s=60.0), Rule(answer="new")])
        older = engine.generate(request("1", replaces="cell"))
        newer = engine.generate(request("2", replaces="cell"))

        async def drain() -> None:
            assert [token async for token in older] == []

        reading = asyncio.create_task(drain())
        await asyncio.sleep(0)
        assert len([token async for token in newer]) == 3
        await reading
        return older.usage.finish, newer.usage.finish

    assert asyncio.run(read()) == ("superseded", "stop")


def test_fake_rules_file_is_read_for_every_request(tmp_path: Path) -> None:
    """A test can change the file while the engine stands."""
    path = tmp_path / "rules.json"
    engine = FakeEngine.from_file(path)
    for answer in ("one", "two"):
        path.write_text(json.dumps([{"ending": "", "answer": answer, "delay_s": 0, "dies_after": None}]))

        assert answer_of(engine, request("x")) == (answer, "stop")


@pytest.mark.parametrize("text", ["{", '{"answer": "x"}', '[{"answr": "x"}]'])
def test_fake_bad_rules_file_is_named(tmp_path: Path, text: str) -> None:
    """A file that does not hold rules gives an error that names it."""
    path = tmp_path / "rules.json"
    path.write_text(text)

    with pytest.raises(EngineError, match=r"rules\.json"):
        answer_of(FakeEngine.from_file(path), request("x"))


def test_fake_answer_is_read_once() -> None:
    """A second reading is refused instead of giving nothing."""

    async def read() -> None:
        generation = FakeEngine([Rule(answer="a")]).generate(request("x"))
        with pytest.raises(EngineError, match="not ended"):
            _ = generation.usage
        assert [token async for token in generation] == [97]
        with pytest.raises(EngineError, match="read already"):
            aiter(generation)

    asyncio.run(read())
