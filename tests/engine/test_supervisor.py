"""The engine's process, started for real, with the fake engine or the tiny model in it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jupyter_starcoder.engine.process import EngineProcess, ending
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.engine.supervisor import Pauses, SupervisedEngine
from jupyter_starcoder.errors import EngineDied, EngineError, ModelDamaged
from jupyter_starcoder.values.generation import GenerationRequest
from jupyter_starcoder.values.model import Progress

FAKE_HOST = textwrap.dedent(
    """
    import sys
    from jupyter_starcoder.engine.fake import FakeEngine
    from jupyter_starcoder.engine.host import main
    from jupyter_starcoder.engine.rules import Rule

    rules = [Rule(ending="endless", answer="x" * 100_000, delay_s=0.002), Rule(answer="quick")]

    def open_fake(order):
        print("a native library that prints", flush=True)
        return FakeEngine(rules, model=order.folder)

    sys.exit(main(open_fake))
    """
)
FAKE = (sys.executable, "-c", FAKE_HOST)
WAIT_S = 30.0


def request(text: str, **more: object) -> GenerationRequest:
    """A request whose prompt spells `text`."""
    return GenerationRequest(prompt_ids=tuple(text.encode()), max_tokens=100_000, stop_ids=(), **more)  # type: ignore[arg-type]


async def text_of(engine: SupervisedEngine, prompt: str) -> str:
    """A whole answer."""
    return bytes([token async for token in engine.generate(request(prompt))]).decode()


def with_engine(
    body: Callable[[SupervisedEngine], Awaitable[None]],
    *,
    command: tuple[str, ...] = FAKE,
    pauses: Pauses | None = None,
) -> None:
    """Runs a test's body with an engine whose process is ended afterwards."""

    async def run() -> None:
        engine = SupervisedEngine(Path("some-model"), pauses=pauses, command=command)
        try:
            await body(engine)
        finally:
            await engine.close()

    asyncio.run(run())


def is_running(process_id: int) -> bool:
    """Whether such a process is there, and not only its exit status."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def wait_for_end(process_id: int) -> None:
    """Waits for a process that is not ours to end."""
    until_s = time.monotonic() + WAIT_S
    while is_running(process_id):
        assert time.monotonic() < until_s, "it did not end"
        time.sleep(0.01)


def test_supervisor_starts_on_the_first_request_and_ends_for_sure() -> None:
    """Nothing runs before it is needed, and nothing after it is closed."""

    async def body(engine: SupervisedEngine) -> None:
        assert (await engine.facts()).process_id == 0
        assert await text_of(engine, "x") == "quick"
        facts = await engine.facts()
        assert facts.model == "some-model"
        assert is_running(facts.process_id)
        assert facts.process_id != os.getpid()

        await engine.close()

        assert not is_running(facts.process_id)
        with pytest.raises(EngineDied, match="closed"):
            await text_of(engine, "x")

    with_engine(body)


def test_supervisor_idle_process_is_ended_and_started_again() -> None:
    """A model that nobody asks gives its memory back, says so, and answers the next request all the same."""

    async def story() -> None:
        engine = SupervisedEngine(Path("some-model"), EngineSettings(idle_minutes=0.2 / 60), command=FAKE)
        await engine.start()
        facts = await engine.facts()
        assert facts.is_loaded
        until_s = time.monotonic() + 0.5
        async for _ in engine.generate(request("endless")):
            if (await engine.facts()).process_id != facts.process_id:
                pytest.fail("it was ended in the middle of an answer")
            if time.monotonic() > until_s:
                break
        await asyncio.to_thread(wait_for_end, facts.process_id)

        resting = await engine.facts()
        assert not resting.is_loaded
        assert "the next request loads it" in resting.device
        assert await text_of(engine, "x") == "quick"
        again = await engine.facts()
        assert again.is_loaded
        assert again.process_id not in (0, facts.process_id)
        await engine.close()

    asyncio.run(story())


def test_supervisor_request_waits_for_an_idle_process_to_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes with one model would need its memory twice."""
    events: list[str] = []
    start, close = EngineProcess.start.__func__, EngineProcess.close  # type: ignore[attr-defined]

    async def started(kind: type[EngineProcess], *arguments: object) -> EngineProcess:
        events.append("start")
        process: EngineProcess = await start(kind, *arguments)
        return process

    async def closed(process: EngineProcess) -> None:
        events.append("closing")
        await asyncio.sleep(0.1)
        await close(process)
        events.append("closed")

    monkeypatch.setattr(EngineProcess, "start", classmethod(started))
    monkeypatch.setattr(EngineProcess, "close", closed)

    async def story() -> None:
        engine = SupervisedEngine(Path("some-model"), EngineSettings(idle_minutes=0.02 / 60), command=FAKE)
        await engine.start()
        while "closing" not in events:
            await asyncio.sleep(0.005)
        assert await text_of(engine, "x") == "quick"
        await engine.close()

    asyncio.run(story())

    assert events[:4] == ["start", "closing", "closed", "start"]


def test_supervisor_start_tells_progress_and_is_shared() -> None:
    """Everybody waits for the same start; a caller that gives up does not end it."""

    async def body(engine: SupervisedEngine) -> None:
        steps: list[Progress] = []
        first = asyncio.create_task(engine.start(steps.append))
        await asyncio.sleep(0)
        impatient = asyncio.create_task(text_of(engine, "x"))
        await asyncio.sleep(0)
        impatient.cancel()
        await first
        process_id = (await engine.facts()).process_id

        assert await text_of(engine, "x") == "quick"
        assert (await engine.facts()).process_id == process_id
        assert [step.step for step in steps] == ["loading the model"]

    with_engine(body)


def test_supervisor_killed_process_is_a_clear_error_and_the_next_request_works() -> None:
    """SIGKILL in the middle of an answer ends that answer, and only that."""

    async def body(engine: SupervisedEngine) -> None:
        await engine.start()
        killed = (await engine.facts()).process_id
        other = asyncio.create_task(text_of(engine, "endless"))
        generation = engine.generate(request("endless"))
        with pytest.raises(EngineDied, match=r"killed .*SIGKILL"):  # noqa: PT012 - killed on the way
            async for _ in generation:
                os.kill(killed, signal.SIGKILL)
        with pytest.raises(EngineDied, match="SIGKILL"):
            await other
        with pytest.raises(EngineError, match="not ended"):
            _ = generation.usage

        assert await text_of(engine, "x") == "quick"
        assert (await engine.facts()).process_id not in (0, killed)

    with_engine(body)


def test_supervisor_process_that_died_unseen_is_started_again() -> None:
    """A death while nobody asks costs the next request a start, no error."""

    async def body(engine: SupervisedEngine) -> None:
        await engine.start()
        killed = (await engine.facts()).process_id
        os.kill(killed, signal.SIGKILL)
        await asyncio.sleep(0.2)  # for the system to tell this process; both orders must work

        assert await text_of(engine, "x") == "quick"

    with_engine(body)


@pytest.mark.parametrize("can_start", [True, False])
def test_supervisor_process_that_ended_while_nobody_asked_is_tried_once(tmp_path: Path, *, can_start: bool) -> None:
    """Whoever looks at the engine learns whether it can answer, before anybody has to ask it for that."""
    flag = tmp_path / "broken"
    command = (sys.executable, "-c", f"import os, sys\nif os.path.exists({str(flag)!r}): sys.exit(3)\n{FAKE_HOST}")

    async def body(engine: SupervisedEngine) -> None:
        await engine.start()
        if not can_start:
            flag.touch()
        killed = (await engine.facts()).process_id
        os.kill(killed, signal.SIGKILL)
        until_s = time.monotonic() + WAIT_S
        while not (facts := await engine.facts()).fault and facts.process_id in (0, killed):
            assert time.monotonic() < until_s, facts
            await asyncio.sleep(0.01)

        assert ("status 3" in facts.fault, facts.is_loaded) == (not can_start, can_start)

    with_engine(body, command=command)


def test_supervisor_repeated_deaths_are_answered_with_growing_pauses() -> None:
    """A process that keeps dying is not started at every keystroke; an answer that goes well forgets it."""
    now = [100.0]
    pauses = Pauses((0.0, 5.0, 60.0), clock=lambda: now[0])

    async def kill_in_answer(engine: SupervisedEngine) -> None:
        generation = engine.generate(request("endless"))
        with pytest.raises(EngineDied, match="SIGKILL"):  # noqa: PT012 - killed on the way
            async for _ in generation:
                if process_id := (await engine.facts()).process_id:
                    os.kill(process_id, signal.SIGKILL)

    async def body(engine: SupervisedEngine) -> None:
        await kill_in_answer(engine)
        await kill_in_answer(engine)
        with pytest.raises(EngineDied, match=r"died 2 times in a row.*after 5 s"):
            await text_of(engine, "x")
        assert "died 2 times in a row" in (await engine.facts()).fault
        now[0] += 5.1
        await kill_in_answer(engine)
        now[0] += 5.1
        with pytest.raises(EngineDied, match=r"died 3 times in a row.*after 55 s"):
            await text_of(engine, "x")
        now[0] += 60.0
        assert await text_of(engine, "x") == "quick"
        await kill_in_answer(engine)
        assert await text_of(engine, "x") == "quick"

    with_engine(body, pauses=pauses)


def test_supervisor_process_that_ends_while_loading_says_what_it_said() -> None:
    """Without a report the last line of standard error is the best there is."""

    async def body(engine: SupervisedEngine) -> None:
        with pytest.raises(EngineDied, match=r"status 3 while it loaded the model \(no such library\)"):
            await engine.start()

    with_engine(
        body, command=(sys.executable, "-c", "import sys; print('no such library', file=sys.stderr); sys.exit(3)")
    )


def test_supervisor_command_that_is_not_there_is_named() -> None:
    """A Python that was removed is no crash."""

    async def body(engine: SupervisedEngine) -> None:
        with pytest.raises(EngineDied, match="could not be started"):
            await engine.start()

    with_engine(body, command=("/nonexistent/python",))


def test_supervisor_close_ends_a_process_that_does_not_want_to() -> None:
    """A host that ignores the end of its input is killed."""
    stubborn = textwrap.dedent(
        """
        import os, sys, time
        from jupyter_starcoder.engine.fake import FakeEngine
        from jupyter_starcoder.engine.host import main

        class Stubborn(FakeEngine):
            async def close(self):
                time.sleep(1000)

        os._exit = lambda code: None
        sys.exit(main(lambda order: Stubborn(model=order.folder)))
        """
    )

    async def body(engine: SupervisedEngine) -> None:
        await engine.start()
        process_id = (await engine.facts()).process_id
        await engine.close()
        assert not is_running(process_id)

    with_engine(body, command=(sys.executable, "-c", stubborn))


def test_supervisor_close_while_starting_leaves_no_process(tmp_path: Path) -> None:
    """A start that is given up takes its process with it."""
    note = tmp_path / "pid"
    slow = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(1000)"

    async def body(engine: SupervisedEngine) -> None:
        starting = asyncio.create_task(engine.start())
        while not note.exists() or not note.read_text():
            await asyncio.sleep(0.01)
        await engine.close()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert not is_running(int(note.read_text()))

    with_engine(body, command=(sys.executable, "-c", slow))


PARENT = """
import asyncio, sys, time
from pathlib import Path
from jupyter_starcoder.engine.supervisor import SupervisedEngine

async def main():
    engine = SupervisedEngine(Path("some-model"), command=(sys.executable, "-c", sys.argv[1]))
    await engine.start()
    path = engine._process._folder.path
    print((await engine.facts()).process_id, path, flush=True)
    time.sleep(1000)

asyncio.run(main())
"""


def test_host_ends_when_its_parent_is_killed() -> None:
    """No model is left in memory by a server that died, and no socket."""
    with subprocess.Popen([sys.executable, "-c", PARENT, FAKE_HOST], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process_id, path = parent.stdout.readline().split()
        assert is_running(int(process_id))
        assert Path(path).parent.stat().st_mode & 0o777 == 0o700
        parent.kill()
    wait_for_end(int(process_id))

    assert not Path(path).parent.exists()


def test_host_whose_parent_dies_while_it_loads_ends_too(tmp_path: Path) -> None:
    """A model that takes minutes to load does not keep its process, or the directory of its socket."""
    note = tmp_path / "note"
    loading = textwrap.dedent(
        f"""
        import os, sys, time
        from pathlib import Path
        from jupyter_starcoder.engine.host import main

        def open_slowly(order):
            Path({str(note)!r}).write_text(f"{{os.getpid()}} {{order.socket_path}} ")
            time.sleep(1000)

        sys.exit(main(open_slowly))
        """
    )
    with subprocess.Popen([sys.executable, "-c", PARENT, loading]) as parent:
        while not note.exists() or not note.read_text().endswith(" "):
            time.sleep(0.01)
        process_id, path = note.read_text().split()
        parent.kill()
    wait_for_end(int(process_id))

    assert not Path(path).parent.exists()


def test_host_secret_stands_on_no_command_line(tiny_model: Path) -> None:
    """Other users see command lines; and the environment is inherited by whatever a process starts."""

    async def body() -> None:
        engine = SupervisedEngine(tiny_model, EngineSettings(threads=1))
        await engine.start()
        process_id = (await engine.facts()).process_id
        words = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
        environment = Path(f"/proc/{process_id}/environ").read_bytes()
        await engine.close()

        assert words[1:4] == [b"-P", b"-m", b"jupyter_starcoder.engine.host"]
        assert words[4:] == [b""]
        assert not re.findall(rb"[0-9a-f]{64}", environment), "that is what a token looks like"

    asyncio.run(body())


def test_host_does_not_import_what_lies_in_the_servers_directory(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook's folder may hold a `numpy.py`."""
    (tmp_path / "numpy.py").write_text("raise SystemExit('imported from the working directory')")
    monkeypatch.chdir(tmp_path)

    async def body() -> None:
        engine = SupervisedEngine(tiny_model, EngineSettings(threads=1))
        await engine.start()
        await engine.close()

    asyncio.run(body())


def test_host_serves_the_tiny_model_as_this_process_does(tiny_model: Path) -> None:
    """Tokens and counts that cross the process are those of the engine within."""
    asked = GenerationRequest(prompt_ids=tuple(range(1, 20)), max_tokens=10, stop_ids=())

    async def body() -> None:
        from jupyter_starcoder.engine.local import LocalEngine

        settings = EngineSettings(threads=1)
        local = await asyncio.to_thread(LocalEngine, tiny_model, settings)
        remote = SupervisedEngine(tiny_model, settings)
        mine = [token async for token in local.generate(asked)]
        generation = remote.generate(asked)
        theirs = [token async for token in generation]
        await remote.close()
        await local.close()

        assert theirs == mine
        assert generation.usage.new_tokens == 10

    asyncio.run(body())


def test_host_damaged_model_keeps_its_error(tiny_copy: Path) -> None:
    """What is wrong with the folder reaches the caller as the same kind of error, also while the pause lasts."""
    (tiny_copy / "model.onnx.data").unlink()

    async def body() -> None:
        engine = SupervisedEngine(tiny_copy, EngineSettings(threads=1), pauses=Pauses((1000.0,)))
        for _ in range(2):
            with pytest.raises(ModelDamaged, match=r"model\.onnx\.data is missing"):
                await engine.start()
        await engine.close()

    asyncio.run(body())


@pytest.mark.parametrize(
    ("code", "words"),
    [(3, "ended with status 3"), (-11, "ended by SIGSEGV"), (-9, "killed (SIGKILL"), (-250, "signal 250")],
)
def test_ending_is_said_in_words(code: int, words: str) -> None:
    """An exit status is something that a person can look up."""
    assert words in ending(code)


def test_process_that_is_being_ended_ends_though_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ends it may be cancelled meanwhile: one that does not go by itself is killed all the same."""
    monkeypatch.setattr("jupyter_starcoder.engine.process.CLOSING_S", 0.2)

    async def story() -> None:
        process = await EngineProcess.start(Path("some-model"), EngineSettings(), lambda _progress: None, FAKE)
        os.kill(process.process_id, signal.SIGSTOP)  # as one that hangs
        ending = asyncio.create_task(process.close())
        for _ in range(20):
            await asyncio.sleep(0)
        ending.cancel()
        await asyncio.wait([ending])

        async with asyncio.timeout(WAIT_S):
            while is_running(process.process_id):
                await asyncio.sleep(0.01)
        await process.close()

    asyncio.run(story())
