"""Finds the Jupyter server that started this kernel."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec
from jupyter_core.paths import jupyter_runtime_dir

PARENT_VARIABLE = "JPY_PARENT_PID"  # set by jupyter_client for every kernel that it starts
HUB_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - a name; under JupyterHub this token opens the user's own server
SESSION_VARIABLE = "JPY_SESSION_NAME"  # set by jupyter_server: the notebook's file, as it was called at the start
LOOPBACK = {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listens everywhere


class ServerInfo(msgspec.Struct, frozen=True):
    """What jupyter_server writes into `jpserver-PID.json`, as far as it is of use here."""

    hostname: str
    port: int
    base_url: str
    token: str = ""
    secure: bool = False
    sock: str = ""
    root_dir: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server listens and what it wants to see."""

    host: str
    port: int
    base_url: str
    is_secure: bool
    token: str
    notebook_path: str  # of the notebook that this kernel runs, as the server names it; empty where it is not known

    def headers(self) -> dict[str, str]:
        """Authentication for one request."""
        if self.token:
            return {"Authorization": f"token {self.token}"}
        # A server without authentication still wants a cookie and a header that agree, as a page would send them.
        agreed = secrets.token_hex(16)
        return {"Cookie": f"_xsrf={agreed}", "X-XSRFToken": agreed}


def parent_server() -> Address | None:
    """The server that started this process, if it can be reached over a network address."""
    parent = os.environ.get(PARENT_VARIABLE, "")
    if not parent.isdigit():
        return None
    try:
        text = (Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json").read_bytes()
        info = msgspec.json.decode(text, type=ServerInfo)
    except (OSError, msgspec.DecodeError):
        return None
    if info.sock:
        return None
    return Address(
        host=LOOPBACK.get(info.hostname, info.hostname),
        port=info.port,
        base_url=info.base_url,
        is_secure=info.secure,
        token=info.token or os.environ.get(HUB_TOKEN_VARIABLE, ""),
        notebook_path=_notebook_path(info.root_dir),
    )


def _notebook_path(root_dir: str) -> str:
    file = os.environ.get(SESSION_VARIABLE, "")
    if not file or not root_dir or not Path(file).is_relative_to(root_dir):
        return ""
    return Path(file).relative_to(root_dir).as_posix()
