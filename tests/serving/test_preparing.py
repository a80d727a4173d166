"""Preparing a model in a process of its own."""

import asyncio
import sys
from pathlib import Path

import pytest

from jupyter_starcoder import preparing
from jupyter_starcoder.errors import ModelError
from jupyter_starcoder.values.model import Progress
from jupyter_starcoder.values.secrets import without_secrets
from jupyter_starcoder.values.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store in a folder of the test's."""
    return Settings(model="small", models_dir=tmp_path)


def script(text: str) -> tuple[str, ...]:
    """A command that does this instead of preparing."""
    return (sys.executable, "-c", text)


def test_preparation_that_succeeds_tells_every_step(settings: Settings) -> None:
    """Each line of progress is passed on; what is none is passed over."""
    seen: list[Progress] = []
    text = """print('{"step": "downloading", "done": 3, "total": 9, "unit": "bytes"}'); print("a library's chatter")"""

    asyncio.run(preparing.prepare_in_process("small", settings, seen.append, script(text)))

    assert seen == [Progress(step="downloading", done=3, total=9, unit="bytes")]


def test_preparation_that_fails_gives_the_commands_own_message(settings: Settings) -> None:
    """What the command says is what the front end shows."""
    text = "import sys; print('noise', file=sys.stderr); sys.exit('error: the disk is full: make room')"

    with pytest.raises(ModelError, match=r"^the disk is full: make room$"):
        asyncio.run(preparing.prepare_in_process("small", settings, lambda _: None, script(text)))


def test_preparation_that_fails_tells_no_secret(settings: Settings) -> None:
    """A proxy's password, a signature and a token stay with the command; what helps is still said."""
    said = "403 for https://me:pass@host.example/file?sig=abc&x=1 with Bearer hf_abcDEF123: accept the licence"
    text = f"import sys; sys.exit('error: {said}')"

    with pytest.raises(ModelError) as caught:
        asyncio.run(preparing.prepare_in_process("small", settings, lambda _: None, script(text)))

    assert caught.value.message == "403 for https://host.example/file with Bearer hf_…: accept the licence"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("sent Authorization: Bearer abc.def, refused", "sent Authorization: Bearer … refused"),
        ("{'authorization': 'Basic bWU6cGFzcw=='}", "{'authorization': 'Basic …'}"),
        ("(b'Proxy-Authorization', b'BASIC bWU6cGFzcw==')", "(b'Proxy-Authorization', b'BASIC …')"),
        ("AUTHORIZATION=token ghp_abc", "AUTHORIZATION=token …"),
        ("it sent bearer abcdefghijklmnopqrstuvwxyz", "it sent bearer …"),
        ("a basic model needs a token for it", "a basic model needs a token for it"),
    ],
)
def test_header_with_credentials_is_told_without_them(said: str, told: str) -> None:
    """However a library writes it; words that only look alike stay."""
    assert without_secrets(said) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no answer of http://ada:secret@proxy:1", "no answer of http://proxy:1"),
        ("no answer of http://ada:p@ss@proxy:1/a", "no answer of http://proxy:1/a"),
        ("see https://host.example/@scope/name", "see https://host.example/@scope/name"),
    ],
)
def test_address_with_a_password_is_told_without_it(said: str, told: str) -> None:
    """Whatever the password is made of: what stands before the last @ is no part of the host."""
    assert without_secrets(said) == told


def test_preparation_that_is_killed_names_its_status(settings: Settings) -> None:
    """A process that could not even complain is told of."""
    text = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

    with pytest.raises(ModelError, match="status -9"):
        asyncio.run(preparing.prepare_in_process("small", settings, lambda _: None, script(text)))


def test_preparation_that_is_cancelled_ends_its_process(settings: Settings, tmp_path: Path) -> None:
    """Choosing another model does not leave a download behind."""
    mark = tmp_path / "ended"
    text = (
        "import signal, sys, time, pathlib\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(mark)!r}).touch(), sys.exit()))\n"
        """print('{"step": "downloading"}', flush=True)\n"""
        "time.sleep(60)"
    )

    async def story() -> None:
        begun = asyncio.Event()
        work = asyncio.ensure_future(
            preparing.prepare_in_process("small", settings, lambda _: begun.set(), script(text))
        )
        await asyncio.wait_for(begun.wait(), 20)
        work.cancel()
        await asyncio.wait([work])
        assert work.cancelled()

    asyncio.run(story())

    assert mark.exists()


def test_preparation_does_not_run_modules_of_the_working_directory(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server is started where notebooks are, and a `msgspec.py` may lie beside them."""
    (tmp_path / "msgspec.py").write_text("raise SystemExit('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ModelError, match="'nosuch' is no model"):
        asyncio.run(preparing.prepare_in_process("nosuch", settings, lambda _: None))


def test_preparation_goes_into_the_servers_own_store(settings: Settings, tmp_path: Path) -> None:
    """Whatever the configuration files say: the server may have been told otherwise on its command line."""
    text = "import sys; sys.exit('error: ' + ' '.join(sys.argv[1:]))"

    with pytest.raises(ModelError, match=f"--store {tmp_path}"):
        asyncio.run(preparing.prepare_in_process("small", settings, lambda _: None, script(text)))
