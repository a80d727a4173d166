"""A hub that is not far away, also behind what organisations put before it."""

import http.server
import os
import shutil
import threading
from collections.abc import Iterator

import pytest

from tests.models.hub import FakeHub
from tests.models.office import Certificate, issue, serving

GET_OPENSSL = "no openssl is found, which makes certificates: apt-get install openssl"


@pytest.fixture
def hub() -> Iterator[str]:
    """The fake hub's address."""
    with serving(_fake_hub()) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def secure_port(certificate: Certificate) -> Iterator[int]:
    """Of the fake hub, where it has a certificate of the office's."""
    with serving(certificate.over(_fake_hub())) as port:
        yield port


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Of an authority that nobody knows."""
    openssl = shutil.which("openssl")
    if not openssl:
        if os.environ.get("CI"):
            pytest.fail(GET_OPENSSL)
        pytest.skip(GET_OPENSSL)
    return issue(openssl, tmp_path_factory.mktemp("office"))


def _fake_hub() -> http.server.HTTPServer:
    FakeHub.asked, FakeHub.ranges, FakeHub.stalled, FakeHub.released = [], [], None, threading.Event()
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeHub)
