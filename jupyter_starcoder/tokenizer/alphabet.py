"""The alphabet that byte-level tokenizers write bytes in.

Bytes that print as one character of Latin-1 stand for themselves; the others take the code points from 256 on.

Source: the byte-level alphabet of GPT-2's published tokenizer, which StarCoder and SmolLM share.
"""

_PRINTABLE = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]


def _letters() -> tuple[str, ...]:
    others = (byte for byte in range(256) if byte not in _PRINTABLE)
    spelled = {byte: chr(byte) for byte in _PRINTABLE} | {byte: chr(256 + n) for n, byte in enumerate(others)}
    return tuple(spelled[byte] for byte in range(256))


LETTERS = _letters()  # the letter of each byte
_BYTES = {letter: byte for byte, letter in enumerate(LETTERS)}


def spelled_bytes(token: str) -> bytes | None:
    """The bytes that a token of the vocabulary stands for; None where it is not written in this alphabet."""
    try:
        return bytes([_BYTES[letter] for letter in token])
    except KeyError:
        return None
