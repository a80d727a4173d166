"""What stands between a machine and the hub in many an organisation: a proxy, and certificates of its own."""

import base64
import http.server
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

HOST = "hub.invalid"  # a name that no name server may know: only the proxy gets there
OPENSSL_S = 60.0


class Proxy(http.server.ThreadingHTTPServer):
    """Leads to one server on this machine whatever host is asked for, where there is a login those who have it."""

    def __init__(self, port: int, login: str = "") -> None:
        """Args: port: of the server. login: `name:password`; empty where everybody may."""
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.port = port
        self.login = login
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tunnel(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self) -> None:
        """Joins both ends until one of them has enough."""
        proxy = cast("Proxy", self.server)
        proxy.asked.append(self.path)
        wanted = "Basic " + base64.b64encode(proxy.login.encode()).decode()
        self.close_connection = True
        if proxy.login and self.headers.get("Proxy-Authorization") != wanted:
            self.send_response(407)
            self.send_header("Proxy-Authenticate", 'Basic realm="office"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        with socket.create_connection(("127.0.0.1", proxy.port)) as there, suppress(ConnectionError):
            self.send_response(200)
            self.end_headers()
            other = {self.connection: there, there: self.connection}
            while True:
                for end in select.select([*other], [], [])[0]:
                    if not (piece := end.recv(1 << 16)):
                        return
                    other[end].sendall(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@dataclass(frozen=True)
class Certificate:
    """What a server for `HOST` and for this machine shows, and who says that it is one."""

    authority: Path
    chain: Path
    key: Path

    def over(self, server: http.server.HTTPServer) -> http.server.HTTPServer:
        """The same server, over TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        return server


def issue(openssl: str, folder: Path) -> Certificate:
    """Makes an authority, and a certificate that it signs."""
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    signed = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "more.cnf")
    (folder / "authority.cnf").write_text(
        "[req]\ndistinguished_name = name\nprompt = no\nx509_extensions = more\n[name]\nCN = The office\n"
        "[more]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n"
        "subjectKeyIdentifier = hash\n"
    )
    (folder / "more.cnf").write_text(
        f"subjectAltName = DNS:{HOST}, IP:127.0.0.1\nbasicConstraints = critical, CA:FALSE\n"
        "keyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth\n"
        "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
    )
    for command in (
        ("req", "-x509", *curve, "-config", "authority.cnf", "-keyout", "authority.key", "-out", "authority.pem"),
        ("req", *curve, "-config", "authority.cnf", "-keyout", "hub.key", "-out", "hub.csr"),
        ("x509", "-req", *signed, "-in", "hub.csr", "-out", "hub.pem"),
    ):
        subprocess.run([openssl, *command], cwd=folder, capture_output=True, check=True, timeout=OPENSSL_S)
    return Certificate(folder / "authority.pem", folder / "hub.pem", folder / "hub.key")


@contextmanager
def serving(server: http.server.HTTPServer) -> Iterator[int]:
    """Its port, while it answers."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
