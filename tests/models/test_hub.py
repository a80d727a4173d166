"""The hub: only what is needed is got, refusals say what to do, and the cache alone does without a network.

huggingface_hub reads its environment when it is imported, so each case runs in a process of its own.
"""

import hashlib
import http.server
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMIT = "a" * 40
PROGRAM = (
    "import json, sys\n"
    "from jupyter_starcoder.errors import StarcoderError\n"
    "from jupyter_starcoder.models.hub import HubSource\n"
    "try:\n"
    "    fetched = HubSource().fetch(sys.argv[1], lambda progress: None)\n"
    "    names = sorted(path.name for path in fetched.path.iterdir())\n"
    "    print(json.dumps([fetched.revision, fetched.source, names]))\n"
    "except StarcoderError as error:\n"
    "    print(json.dumps([error.code, error.message]))\n"
)
# Ends the process at the first attempt, whoever catches errors around it.
NO_NETWORK = (
    "import os, socket\n"
    "def trap(*_, **__):\n"
    "    os._exit(97)\n"
    "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = trap\n"
)
FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "model.safetensors": b"weights",
    "pytorch_model.bin": b"pickle",
    "README.md": b"words",
}
LARGE = bytes(range(256)) * (96 << 10)  # 24 MiB: what comes is kept in steps of 10 MiB
SHARDED = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "model.safetensors.index.json": b"{}",
    "model-00001-of-00002.safetensors": b"first",
    "model-00002-of-00002.safetensors": b"second",
    "model-fp32.safetensors": b"something else",
}
REPOSITORIES = {
    "some/open": FILES,
    "some/pickles": {"config.json": b"{}", "pytorch_model.bin": b"pickle"},
    "some/sharded": SHARDED,
    "some/large": {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": LARGE},
    "some/damaged": {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": b"wights"},
    "some/gated-files": FILES,
}


class FakeHub(http.server.BaseHTTPRequestHandler):
    """Answers as the hub does."""

    asked: list[str]
    ranges: list[str]
    stalled: threading.Event | None  # set when a large file stopped in its middle, which it then does once
    released: threading.Event

    def do_HEAD(self) -> None:
        """Facts of a file."""
        self.do_GET()

    def do_GET(self) -> None:
        """A repository's facts, or a file."""
        type(self).asked.append(self.path)
        path = self.path.partition("?")[0]
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._model("/".join(parts[2:4]))
        elif "gated" in path:
            self._send(403, b"", {"X-Error-Code": "GatedRepo"})
        elif (content := REPOSITORIES["/".join(parts[:2])].get(parts[-1])) is not None:
            self._file(content, {"ETag": f'"{parts[-1]}"', "X-Repo-Commit": COMMIT})
        else:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})

    def _file(self, content: bytes, headers: dict[str, str]) -> None:
        """All of it, or what a range asks for."""
        wanted = self.headers.get("Range", "")
        start = int(wanted.removeprefix("bytes=").partition("-")[0] or 0)
        if self.command == "GET" and wanted:
            type(self).ranges.append(wanted)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, content[start:], headers)

    def _model(self, name: str) -> None:
        if name == "some/gated":
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif name in REPOSITORIES:
            siblings = [
                {"rfilename": file, "size": len(content), "lfs": lfs(file, content)}
                for file, content in REPOSITORIES[name].items()
            ]
            facts = {"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}
            self._send(200, json.dumps(facts).encode(), {"Content-Type": "application/json"})
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "GET":
            return
        if len(content) == len(LARGE) and (stalled := type(self).stalled):
            self.wfile.write(content[: 12 << 20])
            type(self).stalled = None
            stalled.set()
            self.released.wait(60)
            self.close_connection = True
            return
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def lfs(name: str, content: bytes) -> dict[str, object] | None:
    """What the hub says of a large file; one of them comes with other bytes than it promises."""
    if not name.endswith(".safetensors"):
        return None
    promised = b"weights" if content == b"wights" else content
    return {"sha256": hashlib.sha256(promised).hexdigest(), "size": len(content), "pointerSize": 128}


@pytest.fixture
def hub() -> Iterator[str]:
    """The fake hub's address."""
    FakeHub.asked, FakeHub.ranges, FakeHub.stalled, FakeHub.released = [], [], None, threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeHub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def surroundings(home: Path, **environment: str) -> dict[str, str]:
    """Of a process of its own."""
    return {"HF_HOME": str(home), "PATH": "", "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "*", **environment}


def fetch(reference: str, home: Path, *, program: str = PROGRAM, **environment: str) -> list[object]:
    """What a process of its own got, or the error's code and message."""
    result = subprocess.run(
        [sys.executable, "-c", program, reference],
        env=surroundings(home, **environment),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: list[object] = json.loads(result.stdout)
    return answer


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
