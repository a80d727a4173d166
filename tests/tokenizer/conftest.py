"""A tokenizer with words, small enough to know by heart."""

from collections.abc import Callable

import msgspec
import pytest

from jupyter_starcoder.tokenizer.alphabet import LETTERS
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer

MakeTokenizer = Callable[..., Tokenizer]


def merges_for(words: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Merges that build each word from its left, and the tokens that they make."""
    merges: list[tuple[str, str]] = []
    made: list[str] = []
    for word in words:
        letters = [LETTERS[byte] for byte in word.encode()]
        for size in range(2, len(letters) + 1):
            pair = ("".join(letters[: size - 1]), letters[size - 1])
            if pair not in merges:
                merges.append(pair)
                made.append("".join(pair))
    return merges, made


@pytest.fixture(scope="session")
def make_tokenizer() -> MakeTokenizer:
    """Makes a byte-level BPE tokenizer that knows some words, and has `<end>` and `<mid>` for markers."""

    def make(words: list[str], **changes: object) -> Tokenizer:
        merges, made = merges_for(words)
        tokens = [*LETTERS, *made]
        added = [
            {"id": len(tokens) + number, "content": marker, "special": marker != "<mid>"}
            | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
            for number, marker in enumerate(["<end>", "<mid>", "   "])
        ]
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        plan = {
            "version": "1.0",
            "added_tokens": [token | {"special": token["content"] == "<end>"} for token in added],
            "pre_tokenizer": byte_level,
            "decoder": byte_level,
            "model": {"type": "BPE", "vocab": {t: n for n, t in enumerate(tokens)}, "merges": merges},
        }
        return Tokenizer(msgspec.json.encode(plan | changes).decode())

    return make
