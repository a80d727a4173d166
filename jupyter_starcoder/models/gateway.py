"""The way out of an organisation's network: its proxies and certificates, and what to do where one is in the way."""

import re
from urllib.parse import urlsplit
from urllib.request import getproxies

from jupyter_starcoder.errors import SourceUnreachable

KINDS = ("HTTPS", "HTTP", "ALL", "PIP")  # of the variables `…_PROXY`
UNTRUSTED = re.compile(r"issuer certificate|self.signed certificate|not trusted", re.IGNORECASE)
UNKNOWN = re.compile(r"(?:failed: |error:? )407\b|proxy authentication required", re.IGNORECASE)
# Not as an address, whose login would be taken out of the message.
LOGIN = (
    "NAME:PASSWORD@ stands in front of the proxy's host, and a special character of either is written as % with its "
    "code (%40 for @, %2F for /)"
)


def require_readable_proxies() -> None:
    """Refuses the address of a proxy before a library does, which may quote a piece of the password.

    Raises:
        SourceUnreachable: one in the environment cannot be read.
    """
    proxies = getproxies()
    if proxies.get("no") == "*":
        return
    for kind in KINDS:
        if not _is_readable(proxies.get(kind.lower(), "")):
            raise SourceUnreachable(
                f"the proxy's address in the environment variable {kind}_PROXY cannot be read: {LOGIN}"
            )


def advice(said: str, certificates: str) -> str:
    """What to do about the proxy or the certificate that somebody complained of; empty where it is neither.

    Args:
        said: the complaint.
        certificates: the environment variables that name a file of certificates to whoever complained.
    """
    if UNKNOWN.search(said):
        return f"the proxy wants a name and a password, or others than it was given: in HTTPS_PROXY {LOGIN}"
    if UNTRUSTED.search(said):
        return (
            "this machine does not know who signed the certificate that came, as where an organisation has its own: "
            f"set {certificates} to a file (PEM) that holds the organisation's certificate as well; on Debian and "
            "Ubuntu this is /etc/ssl/certs/ca-certificates.crt, once it was installed there"
        )
    return ""


def _is_readable(address: str) -> bool:
    """Whether there is none, or one whose login is not cut off by a `/`, `?` or `#` of its own."""
    if not address:
        return True
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        return bool(parts.hostname) and (parts.port or 1) > 0 and "@" not in parts.path + parts.query + parts.fragment
    except ValueError:
        return False
