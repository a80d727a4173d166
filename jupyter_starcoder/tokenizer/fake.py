"""A tokenizer without a model: one token a byte."""

from collections.abc import Sequence

import msgspec

from jupyter_starcoder.tokenizer.alphabet import LETTERS
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer


def byte_tokenizer(markers: Sequence[str]) -> Tokenizer:
    """A real `Tokenizer` whose ids 0 to 255 are bytes; `markers` follow from 256, in their order.

    No token is longer than a byte, so none can run past a cursor: healing changes nothing.
    """
    added = [
        {
            "id": 256 + number,
            "content": marker,
            "special": True,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
        }
        for number, marker in enumerate(markers)
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    plan = {
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": byte_level,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": {letter: byte for byte, letter in enumerate(LETTERS)}, "merges": []},
    }
    return Tokenizer(msgspec.json.encode(plan).decode())
