"""The hub: only what is needed is got, refusals say what to do, and the cache alone does without a network.

huggingface_hub reads its environment when it is imported, so each case runs in a process of its own.
"""

import http.server
import json
import subprocess
import sys
import threading
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
FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "model.safetensors": b"weights",
    "pytorch_model.bin": b"pickle",
    "README.md": b"words",
}


class FakeHub(http.server.BaseHTTPRequestHandler):
    """Answers as the hub does: one repository that is open, one that is gated, one of pickles alone."""

    asked: list[str]

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
        elif (content := FILES.get(parts[-1])) is not None:
            self._send(200, content, {"ETag": f'"{parts[-1]}"', "X-Repo-Commit": COMMIT})
        else:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})

    def _model(self, name: str) -> None:
        if name == "some/gated":
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif name in ("some/open", "some/pickles"):
            names = FILES if name == "some/open" else ["config.json", "pytorch_model.bin"]
            siblings = [{"rfilename": file, "size": len(FILES[file])} for file in names]
            facts = {"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}
            self._send(200, json.dumps(facts).encode(), {"Content-Type": "application/json"})
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    """The fake hub's address."""
    FakeHub.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeHub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(reference: str, home: Path, **environment: str) -> list[object]:
    """What a process of its own got, or the error's code and message."""
    variables = {"HF_HOME": str(home), "PATH": "", "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "*", **environment}
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, reference], env=variables, capture_output=True, text=True, check=True
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
    assert not [path for path in FakeHub.asked if "resolve" in path]


def test_a_hub_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    """No network, or a wrong endpoint."""
    code, message = fetch("some/open", tmp_path, HF_ENDPOINT="http://127.0.0.1:1")

    assert code == "source_unreachable"
    assert "the hub was not reached" in str(message)
    assert "Connection refused" in str(message)
    assert "Pool" not in str(message)  # how a library is built is no help
