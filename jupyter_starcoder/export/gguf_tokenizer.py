"""A tokenizer of the `tokenizers` library, built out of a GGUF file's metadata."""

from collections.abc import Callable

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported

CONTROL, USER_DEFINED = 3, 4  # tokenizer.ggml.token_type; source: GGUF specification, section "Tokenizer"

# How text is split before byte-pair merges, by the name that llama.cpp gives the kind.
SPLITTERS: dict[str, Callable[[], pre_tokenizers.PreTokenizer]] = {
    "smollm": lambda: pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
        ]
    ),
}
SPLITTERS["starcoder"] = SPLITTERS["smollm"]  # llama.cpp splits both the same way (llama-vocab.cpp)


def build_tokenizer(field: Callable[[str], object], origin: str) -> Tokenizer:
    """The tokenizer that a GGUF file describes.

    Args:
        field: gives the value of a metadata key, None without it.
        origin: the file, for messages.

    Raises:
        ModelUnsupported: not byte-level BPE, or split in a way that we do not know.
        CheckpointDamaged: lists are missing or do not fit each other.
    """
    model, splitter = field("tokenizer.ggml.model"), field("tokenizer.ggml.pre")
    if model != "gpt2":
        raise ModelUnsupported(
            f"{origin} has a tokenizer of kind {model!r}: we build byte-level BPE ('gpt2') from GGUF"
        )
    if splitter not in SPLITTERS:
        known = ", ".join(SPLITTERS)
        raise ModelUnsupported(f"{origin} splits text as {splitter!r}: of GGUF files we know {known}")
    tokens, kinds, merges = (field(f"tokenizer.ggml.{key}") for key in ("tokens", "token_type", "merges"))
    if not (isinstance(tokens, list) and isinstance(kinds, list) and isinstance(merges, list)):
        raise CheckpointDamaged(f"{origin} lacks tokens, token types or merges of its tokenizer: get the file again")
    if len(tokens) != len(kinds):
        raise CheckpointDamaged(f"{origin} has {len(tokens)} tokens but {len(kinds)} token types: get the file again")

    vocabulary = {token: number for number, token in enumerate(tokens)}
    pairs = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=pairs))
    tokenizer.pre_tokenizer = SPLITTERS[splitter]()
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, kinds, strict=True) if kind in (CONTROL, USER_DEFINED)]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tokenizer
