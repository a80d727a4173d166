"""The hub: only what is needed is got, refusals say what to do, and the cache alone does without a network."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from jupyter_starcoder.errors import SourceUnreachable
from jupyter_starcoder.models.hub import HubSource
from tests.models.hub import COMMIT, LARGE, PROGRAM, SHARDED, FakeHub, fetch, surroundings

# Ends the process at the first attempt, whoever catches errors around it.
NO_NETWORK = (
    "import os, socket\n"
    "def trap(*_, **__):\n"
    "    os._exit(97)\n"
    "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = trap\n"
)


def test_only_what_an_export_needs_is_got(hub: str, tmp_path: Path) -> None:
    """Not the pickles, not the words."""
    answer = fetch("some/open", tmp_path, HF_ENDPOINT=hub)

    assert answer == [COMMIT, "hub:some/open", ["config.json", "model.safetensors", "tokenizer.json"]]
    assert not [path for path in FakeHub.asked if "pytorch_model" in path]


def test_a_model_in_the_cache_needs_no_network(hub: str, tmp_path: Path) -> None:
    """With HF_HUB_OFFLINE not one request is made."""
    fetch("some/open", tmp_path, HF_ENDPOINT=hub)
    FakeHub.asked.clear()

    answer = fetch("some/open", tmp_path, HF_ENDPOINT=hub, HF_HUB_OFFLINE="1")

    assert answer == [COMMIT, "hub:some/open", ["config.json", "model.safetensors", "tokenizer.json"]]
    assert FakeHub.asked == []


def test_offline_makes_no_network_call_at_all(hub: str, tmp_path: Path) -> None:
    """Not to the hub, not to a name server: every attempt would end the process."""
    fetch("some/sharded", tmp_path, HF_ENDPOINT=hub)

    answer = fetch("some/sharded", tmp_path, program=NO_NETWORK + PROGRAM, HF_ENDPOINT=hub, HF_HUB_OFFLINE="1")

    assert answer[:2] == [COMMIT, "hub:some/sharded"]


def test_the_trap_for_network_calls_springs(hub: str, tmp_path: Path) -> None:
    """The same program without HF_HUB_OFFLINE is ended by it."""
    with pytest.raises(subprocess.CalledProcessError) as error:
        fetch("some/sharded", tmp_path, program=NO_NETWORK + PROGRAM, HF_ENDPOINT=hub)

    assert error.value.returncode == 97


def test_all_shards_that_belong_together_are_got(hub: str, tmp_path: Path) -> None:
    """With their index, and no other weights."""
    answer = fetch("some/sharded", tmp_path, HF_ENDPOINT=hub)

    assert answer[2] == sorted(SHARDED.keys() - {"model-fp32.safetensors"})


def test_a_download_killed_in_the_middle_goes_on_where_it_was(hub: str, tmp_path: Path) -> None:
    """Kill -9: the next one asks for the rest alone, and the file is whole."""
    FakeHub.stalled = stalled = threading.Event()
    command = [sys.executable, "-c", PROGRAM, "some/large"]
    variables = surroundings(tmp_path, HF_ENDPOINT=hub)
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL) as process:
        assert stalled.wait(60)
        for _ in range(600):  # until what came is on the disk
            if [path for path in tmp_path.rglob("*.incomplete") if path.stat().st_size >= 10 << 20]:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    FakeHub.released.set()

    answer = fetch("some/large", tmp_path, HF_ENDPOINT=hub)

    assert answer[0] == COMMIT
    assert FakeHub.ranges == [f"bytes={10 << 20}-"]
    [weights] = tmp_path.rglob("snapshots/*/model.safetensors")
    assert weights.read_bytes() == LARGE


def test_parts_that_nobody_goes_on_with_are_taken_away(hub: str, tmp_path: Path) -> None:
    """A newer huggingface_hub was killed with one of them; the other is being fetched by some program just now."""
    stranded, wanted = (tmp_path / "hub/models--some--open/blobs" / f"{etag}.0123abcd.incomplete" for etag in "ab")
    locks = tmp_path / "hub/.locks/models--some--open"
    for folder in (stranded.parent, locks):
        folder.mkdir(parents=True)
    for part in (stranded, wanted):
        part.write_bytes(b"half")

    with FileLock(locks / "b.lock"):
        fetch("some/open", tmp_path, HF_ENDPOINT=hub)

    assert (stranded.exists(), wanted.exists()) == (False, True)


def test_a_file_with_another_hash_is_refused_and_removed(hub: str, tmp_path: Path) -> None:
    """The next try gets it again; the rest of the cache stays."""
    code, message = fetch("some/damaged", tmp_path, HF_ENDPOINT=hub)

    assert code == "hash_mismatch"
    assert "model.safetensors" in str(message)
    assert "get the model again" in str(message)
    assert not list(tmp_path.rglob("snapshots/*/model.safetensors"))
    assert list(tmp_path.rglob("snapshots/*/config.json"))


def test_a_model_whose_files_alone_are_gated_says_the_same(hub: str, tmp_path: Path) -> None:
    """The hub tells everybody what there is, and gives it to those who accepted."""
    code, message = fetch("some/gated-files", tmp_path, HF_ENDPOINT=hub)

    assert code == "source_refused"
    assert "https://huggingface.co/some/gated-files" in str(message)
    assert "HF_TOKEN" in str(message)


def test_offline_without_the_model_says_what_to_do(tmp_path: Path) -> None:
    """The variable is named."""
    code, message = fetch("some/open", tmp_path, HF_HUB_OFFLINE="1")

    assert code == "source_unreachable"
    assert "HF_HUB_OFFLINE" in str(message)


def test_a_gated_model_says_what_to_accept_and_where_the_token_goes(hub: str, tmp_path: Path) -> None:
    """The page and the variable are named."""
    code, message = fetch("some/gated", tmp_path, HF_ENDPOINT=hub)

    assert code == "source_refused"
    assert "https://huggingface.co/some/gated" in str(message)
    assert "HF_TOKEN" in str(message)


def test_the_command_says_it_in_one_line_and_leaves_nothing(hub: str, tmp_path: Path) -> None:
    """As a person who exports a gated model without a token sees it."""
    program = "import sys; from jupyter_starcoder.cli import main; sys.exit(main())"
    target = tmp_path / "model"
    result = subprocess.run(
        [sys.executable, "-c", program, "export", "some/gated", "--output", str(target)],
        env=surroundings(tmp_path / "home", HF_ENDPOINT=hub),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode != 0
    assert "https://huggingface.co/some/gated" in result.stderr
    assert "HF_TOKEN" in result.stderr
    assert "Traceback" not in result.stderr
    assert not target.exists()


def test_a_model_that_is_not_there_is_unreachable(hub: str, tmp_path: Path) -> None:
    """Misspelt, or private."""
    code, message = fetch("some/nothing", tmp_path, HF_ENDPOINT=hub)

    assert code == "source_unreachable"
    assert "check the spelling" in str(message)


def test_pickles_are_not_got(hub: str, tmp_path: Path) -> None:
    """The reason is given, and how to name another revision."""
    code, message = fetch("some/pickles", tmp_path, HF_ENDPOINT=hub)

    assert code == "model_unsupported"
    assert "owner/name@revision" in str(message)
    assert "save_pretrained" in str(message)
    assert not [path for path in FakeHub.asked if "resolve" in path]


def test_a_hub_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    """No network, or a wrong endpoint."""
    code, message = fetch("some/open", tmp_path, HF_ENDPOINT="http://127.0.0.1:1")

    assert code == "source_unreachable"
    assert "the hub was not reached" in str(message)
    assert "Connection refused" in str(message)
    assert "Pool" not in str(message)  # how a library is built is no help


def test_a_failure_of_any_library_below_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which one huggingface_hub speaks through has changed twice; its own error is always one of that library's."""

    class HTTPError(Exception):
        """As each of them calls its root."""

    class ConnectError(HTTPError):
        """A failure."""

    class HubError(HTTPError, OSError):
        """As huggingface_hub derives its own."""

    def fail(*_: object, **__: object) -> None:
        raise ConnectError("no route to it")

    monkeypatch.setattr("huggingface_hub.errors.HfHubHTTPError", HubError)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", fail)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)

    with pytest.raises(SourceUnreachable, match="no route to it"):
        HubSource().fetch("some/open", lambda _progress: None)
