"""What a library may quote of an address or a header must not come into a log or before other people's eyes."""

import re

SECRETS = (
    (re.compile(r"(\w+://)[^\s/]+@"), r"\1"),  # name and password, which may hold an @ themselves
    (re.compile(r"(\w+://[^\s?]+)\?\S+"), r"\1"),  # what an address is signed with
    # A header, written out or as Python shows it: b'Authorization': b'Basic …'.
    (
        re.compile(r"""(\bauthorization['"]?\s*[:=,]\s*b?['"]?(?:bearer|basic|token)\s+)[^\s'"]+""", re.IGNORECASE),
        r"\1…",
    ),
    # Without the header's name only what is too long for a word: "basic model" stays.
    (re.compile(r"\b((?:bearer|basic|token)\s+)[\w.~+/=-]{20,}", re.IGNORECASE), r"\1…"),
    (re.compile(r"\bhf_\w+"), "hf_…"),  # a token of the hub
)


def without_secrets(text: str) -> str:
    """The same text without passwords, signatures and tokens."""
    for secret, instead in SECRETS:
        text = secret.sub(instead, text)
    return text
