"""Finding the server that started this kernel."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_starcoder.magics.address import parent_server

INFO = {"hostname": "localhost", "port": 8888, "base_url": "/user/ada/", "token": "secret", "secure": False, "sock": ""}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Writes the file of a server that started this process."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)

    def to_file(info: object) -> None:
        (tmp_path / "jpserver-4711.json").write_text(json.dumps(info))

    return to_file


def test_server_of_this_kernel_is_found_with_its_token(write: Callable[[object], None]) -> None:
    """What the server wrote about itself is enough to reach it."""
    write(INFO | {"pid": 4711, "url": "ignored"})

    found = parent_server()

    assert found is not None
    assert (found.host, found.port, found.base_url, found.is_secure) == ("localhost", 8888, "/user/ada/", False)
    assert found.headers() == {"Authorization": "token secret"}


@pytest.mark.parametrize(("hostname", "host"), [("0.0.0.0", "127.0.0.1"), ("", "127.0.0.1"), ("::", "::1")])
def test_server_that_listens_everywhere_is_reached_over_loopback(
    write: Callable[[object], None], hostname: str, host: str
) -> None:
    """The token never leaves the machine."""
    write(INFO | {"hostname": hostname})

    found = parent_server()

    assert found is not None
    assert found.host == host


def test_server_under_a_hub_is_opened_with_the_hubs_token(
    write: Callable[[object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """JupyterHub gives a user's server no token of its own."""
    write(INFO | {"token": ""})
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hub")

    found = parent_server()

    assert found is not None
    assert found.headers() == {"Authorization": "token hub"}


def test_server_without_authentication_is_sent_an_agreeing_pair(write: Callable[[object], None]) -> None:
    """Its XSRF check compares a cookie with a header; they are another pair each time."""
    write(INFO | {"token": ""})

    found = parent_server()

    assert found is not None
    headers = found.headers()
    assert headers["Cookie"] == f"_xsrf={headers['X-XSRFToken']}"
    assert headers != found.headers()


@pytest.mark.parametrize("info", [[], {"port": 1}, INFO | {"port": "x"}, INFO | {"sock": "/run/jupyter.sock"}])
def test_file_that_does_not_fit_is_no_server(write: Callable[[object], None], info: object) -> None:
    """What cannot be read or reached is passed over: the session has its own model."""
    write(info)

    assert parent_server() is None


def test_process_without_a_parent_server_has_none(
    write: Callable[[object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain IPython, and a kernel that something else started."""
    assert parent_server() is None
    monkeypatch.delenv("JPY_PARENT_PID")
    assert parent_server() is None


@pytest.mark.parametrize(
    ("root", "session", "path"),
    [
        ("/home/ada", "/home/ada/work/trips.ipynb", "work/trips.ipynb"),
        ("/home/ada", "/tmp/trips.ipynb", ""),
        ("/home/ada", "", ""),
        ("", "/home/ada/work/trips.ipynb", ""),
    ],
)
def test_notebook_of_this_kernel_is_named_as_the_server_names_it(
    write: Callable[[object], None], monkeypatch: pytest.MonkeyPatch, root: str, session: str, path: str
) -> None:
    """By this path the server finds what the kernel holds; one that lies elsewhere is not named."""
    monkeypatch.setenv("JPY_SESSION_NAME", session)
    write(INFO | {"root_dir": root})

    found = parent_server()

    assert found is not None
    assert found.notebook_path == path
