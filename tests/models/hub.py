"""A hub on this machine, and a process of its own that gets a model from it.

huggingface_hub reads its environment when it is imported.
"""

import hashlib
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

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
            self._model("/".join(parts[2:4]), is_listing=parts[4:5] == ["tree"])
        elif "gated" in path:
            self._send(403, b"", {"X-Error-Code": "GatedRepo"})
        elif (content := REPOSITORIES.get("/".join(parts[:2]), {}).get(parts[-1])) is not None:
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

    def _model(self, name: str, *, is_listing: bool) -> None:
        """What there is: with the model, and as a list of its own, which huggingface_hub asks for from version 2 on."""
        if name == "some/gated":
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif name in REPOSITORIES:
            siblings = [
                {"rfilename": file, "size": len(content), "lfs": lfs(file, content)}
                for file, content in REPOSITORIES[name].items()
            ]
            facts = {"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}
            listing = [
                {"type": "file", "path": file, "size": len(content), "oid": file}
                for file, content in REPOSITORIES[name].items()
            ]
            self._send(200, json.dumps(listing if is_listing else facts).encode(), {"Content-Type": "application/json"})
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
