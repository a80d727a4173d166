"""Bytes of tokens to text."""

import codecs


class Utf8Pieces:
    """Takes bytes in pieces and gives text. Half a character is held back; bytes that are no UTF-8 become U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, piece: bytes) -> str:
        """Takes the next bytes and gives the characters that are whole by now."""
        return self._decoder.decode(piece)

    def close(self) -> str:
        """Says that the bytes have ended; half a character at the end becomes U+FFFD."""
        return self._decoder.decode(b"", final=True)
