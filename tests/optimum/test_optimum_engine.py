"""Models that optimum exported, behind the same engine."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.engine.supervisor import SupervisedEngine
from jupyter_starcoder.errors import BadRequest, ModelDamaged, ModelUnsupported
from jupyter_starcoder.values.generation import FREE, Automaton, GenerationRequest, State, Usage
from jupyter_starcoder.values.model import DATA_FILE, GRAPH_FILE

if TYPE_CHECKING:
    from tests.optimum.conftest import Ask, Random

PROMPT = tuple(range(40, 63))
SETTINGS = EngineSettings(prefill_chunk_tokens=4, threads=1, pass_target_s=60.0)


def request(*ids: int, max_tokens: int = 20, stop_ids: tuple[int, ...] = ()) -> GenerationRequest:
    """A greedy request."""
    return GenerationRequest(prompt_ids=ids, max_tokens=max_tokens, stop_ids=stop_ids)


@pytest.fixture
def engine(by_optimum: Callable[[str], Path]) -> Iterator[LocalEngine]:
    """The random gpt_neox in this process, with parts of a prompt of 4 tokens."""
    opened = LocalEngine(by_optimum("gpt_neox"), SETTINGS)
    yield opened
    asyncio.run(opened.close())


@pytest.mark.parametrize("kind", ["gpt_neox", "codegen"])
def test_optimum_greedy_tokens_are_those_of_transformers(
    kind: str, by_optimum: Callable[[str], Path], random_checkpoint: "Callable[[str], Random]", ask: "Ask"
) -> None:
    """The prompt goes in by parts, and comes out as transformers' own generate has it."""
    opened = LocalEngine(by_optimum(kind), SETTINGS)
    try:
        tokens, usage = ask(opened, request(*PROMPT, max_tokens=40))
    finally:
        asyncio.run(opened.close())

    expected = random_checkpoint(kind).greedy([*PROMPT], 40)
    assert tokens == expected
    assert len(set(expected)) > 4, "a model that repeats itself would show little"
    assert (usage.prompt_tokens, usage.new_tokens) == (len(PROMPT), len(expected))


def test_optimum_shared_prefix_is_reused_with_the_same_tokens(engine: LocalEngine, ask: "Ask") -> None:
    """A longer, a shorter and another prompt after the first answer as they do alone."""
    longer, shorter, other = (*PROMPT, 9, 8, 7), PROMPT[:11], (7, *PROMPT)
    alone = {}
    for ids in (longer, shorter, other):
        ask(engine, request(1, 2, 3, max_tokens=1))  # forgets what came before
        tokens, usage = ask(engine, request(*ids))
        alone[ids] = tokens
        assert usage.reused_tokens == 0

    reused = []
    ask(engine, request(*PROMPT))
    for ids in (longer, shorter, other):
        tokens, usage = ask(engine, request(*ids))
        assert tokens == alone[ids]
        reused.append(usage.reused_tokens)

    assert reused == [len(PROMPT), len(shorter) - 2, 0]


def test_optimum_stops_at_a_stop_id(engine: LocalEngine, ask: "Ask") -> None:
    """And leaves it out."""
    tokens, _ = ask(engine, request(*PROMPT))
    stop = tokens[5]

    stopped, usage = ask(engine, request(*PROMPT, stop_ids=(stop,)))

    assert stopped == tokens[: tokens.index(stop)]
    assert usage.finish == "stop"


def test_optimum_opening_is_followed(engine: LocalEngine, ask: "Ask") -> None:
    """The automaton's tokens come first, whatever the model likes."""
    opening = Automaton((State.of({65: 1}), State.of({66: FREE})))

    tokens, _ = ask(engine, GenerationRequest(prompt_ids=PROMPT, max_tokens=4, stop_ids=(), opening=opening))

    assert tokens[:2] == [65, 66]


def test_optimum_cancel_ends_with_usage(engine: LocalEngine) -> None:
    """A cancelled answer ends between two tokens, and the next one is answered."""

    async def read() -> tuple[int, Usage]:
        generation = engine.generate(request(*PROMPT, max_tokens=100))
        count = 0
        async for _ in generation:
            count += 1
            if count == 2:
                generation.cancel()
        return count, generation.usage

    count, usage = asyncio.run(read())

    assert usage.finish == "cancelled"
    assert 2 <= count <= usage.new_tokens < 100


def test_optimum_bad_requests_are_refused(engine: LocalEngine, ask: "Ask") -> None:
    """Longer than the window, or tokens that the model does not have."""
    with pytest.raises(BadRequest, match="window 128"):
        ask(engine, request(*[1] * 128))
    with pytest.raises(BadRequest, match="token 320"):
        ask(engine, request(1, 320))


def test_optimum_is_served_by_the_host_process(
    by_optimum: Callable[[str], Path], random_checkpoint: "Callable[[str], Random]"
) -> None:
    """The same host, supervisor and socket as for our own graphs."""

    async def run() -> list[int]:
        engine = SupervisedEngine(by_optimum("gpt_neox"), SETTINGS)
        try:
            await engine.start(lambda _: None)
            assert (await engine.facts()).model == "random"
            return [token async for token in engine.generate(request(*PROMPT))]
        finally:
            await engine.close()

    assert asyncio.run(run()) == random_checkpoint("gpt_neox").greedy([*PROMPT], 20)


@pytest.mark.parametrize("name", [GRAPH_FILE, DATA_FILE, "config.json"])
def test_optimum_damaged_folder_is_named(name: str, by_optimum: Callable[[str], Path], tmp_path: Path) -> None:
    """A file that was cut short is found before anything is loaded."""
    folder = Path(shutil.copytree(by_optimum("gpt_neox"), tmp_path / "model"))
    with (folder / name).open("rb+") as file:
        file.truncate(100)

    with pytest.raises(ModelDamaged, match=f"{name} has 100 bytes"):
        LocalEngine(folder, SETTINGS)


@pytest.mark.parametrize("name", [GRAPH_FILE, "config.json"])
def test_optimum_file_of_something_else_is_named(name: str, by_optimum: Callable[[str], Path], tmp_path: Path) -> None:
    """Right in size, wrong in content."""
    folder = Path(shutil.copytree(by_optimum("gpt_neox"), tmp_path / "model"))
    (folder / name).write_bytes(b"\xff" * (folder / name).stat().st_size)

    with pytest.raises(ModelDamaged, match="export the model again"):
        LocalEngine(folder, SETTINGS)


def test_our_session_does_not_take_it(by_optimum: Callable[[str], Path]) -> None:
    """Its graph has other inputs."""
    with pytest.raises(ModelUnsupported, match="family 'optimum'"):
        Session(by_optimum("gpt_neox"), SETTINGS)
