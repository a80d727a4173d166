"""Prompts to token ids, and token ids to bytes."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec
import tokenizers

from jupyter_starcoder.errors import ModelDamaged, ModelUnsupported
from jupyter_starcoder.tokenizer.alphabet import spelled_bytes
from jupyter_starcoder.tokenizer.counts import CountCache
from jupyter_starcoder.tokenizer.healing import Healed, Healer, tokens_to_take_back
from jupyter_starcoder.tokenizer.vocabulary import Vocabulary
from jupyter_starcoder.tokenizer.wording import Wording
from jupyter_starcoder.values.choice import Choice
from jupyter_starcoder.values.generation import Automaton, Encoded
from jupyter_starcoder.values.model import TOKENIZER_FILE
from jupyter_starcoder.values.prompt import Marker, Prompt


class Tokenizer:
    """A byte-level tokenizer. Text never becomes a special token, whatever it spells; only a `Marker` does."""

    def __init__(self, definition: str) -> None:
        """Args: definition: what a tokenizer.json holds.

        Raises:
            ModelDamaged: it cannot be read.
            ModelUnsupported: it is no byte-level BPE.
        """
        checked = _checked(definition)
        try:
            self._backend = tokenizers.Tokenizer.from_str(checked)
        except Exception as error:  # the library raises plain Exception for whatever it cannot read
            raise ModelDamaged(f"the tokenizer cannot be read ({error}): export the model again") from error
        self._backend.no_truncation()
        self._backend.no_padding()
        self._backend.encode_special_tokens = True
        added = self._backend.get_added_tokens_decoder()
        self._marker_ids: dict[str, int] = {token.content: number for number, token in added.items() if token.special}
        self._spellings = _spellings(self._backend.get_vocab(with_added_tokens=False))
        for number, token in added.items():
            self._spellings[number] = b"" if token.special else token.content.encode()
        vocabulary = Vocabulary({number: text for number, text in self._spellings.items() if text})
        self._healer = Healer(vocabulary)
        self._wording = Wording(vocabulary)
        self._automata: OrderedDict[tuple[Choice, bytes], Automaton | None] = OrderedDict()
        self._counts: Callable[[str], int] = CountCache(self._counted)

    @classmethod
    def load(cls, folder_or_file: Path) -> "Tokenizer":
        """The tokenizer of a model's folder, or of a tokenizer.json.

        Raises:
            ModelDamaged: the file is missing or cannot be read.
            ModelUnsupported: it is no byte-level BPE.
        """
        path = folder_or_file / TOKENIZER_FILE if folder_or_file.is_dir() else folder_or_file
        try:
            definition = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ModelDamaged(f"{path} cannot be read ({error}): export the model again") from error
        return cls(definition)

    @property
    def markers(self) -> frozenset[str]:
        """Spellings of the special tokens."""
        return frozenset(self._marker_ids)

    def require(self, markers: Iterable[str]) -> None:
        """Makes sure that each marker is one token here.

        Raises:
            ModelUnsupported: some are not; the message names them.
        """
        missing = sorted(set(markers) - self._marker_ids.keys())
        if missing:
            raise ModelUnsupported(
                f"the tokenizer lacks {', '.join(missing)}: choose a model that was trained with them"
            )

    def id_of(self, marker: str) -> int:
        """The id of a marker.

        Raises:
            ModelUnsupported: it is not one token here.
        """
        self.require([marker])
        return self._marker_ids[marker]

    def count(self, text: str) -> int:
        """Tokens that a text costs by itself. Asking again for the same text costs next to nothing."""
        return self._counts(text)

    def bytes_of(self, token_id: int) -> bytes:
        """What a token spells, perhaps half a character; nothing for a marker and for an id that no token has."""
        return self._spellings.get(token_id, b"")

    def encode(self, prompt: Prompt) -> Encoded:
        """A prompt as the engine takes it, healed at its end where the prompt asks for it.

        Raises:
            ModelUnsupported: one of its markers is not one token here.
        """
        ids: list[int] = []
        run: list[str] = []
        for piece in prompt.pieces:
            if isinstance(piece, Marker):
                ids += self._encoding("".join(run)).ids
                ids.append(self.id_of(piece.spelling))
                run = []
            else:
                run.append(piece.text)
        last = self._encoding("".join(run))
        healed = self._healed(last) if prompt.heal else None
        if healed and len(ids) + len(last.ids) == healed.tokens:
            healed = None  # the engine needs at least one token to start from
        kept = last.ids[: -healed.tokens] if healed else last.ids
        return Encoded(
            ids=(*ids, *kept),
            stop_ids=tuple(self.id_of(marker) for marker in prompt.stop_markers),
            opening=healed.opening if healed else None,
            opening_text=healed.text if healed else "",
        )

    def automaton(self, choice: Choice, begun: bytes = b"") -> Automaton | None:
        """What spells the rest of one of some texts; None where no token does. Asking again costs next to nothing."""
        key = (choice, begun)
        if key not in self._automata:
            self._automata[key] = self._wording.automaton(choice, begun)
            if len(self._automata) > _KNOWN_CHOICES:
                self._automata.popitem(last=False)
        return self._automata[key]

    def _healed(self, encoding: tokenizers.Encoding) -> Healed | None:
        spellings = [self.bytes_of(token) for token in encoding.ids[-LONGEST_TAIL_TOKENS:]]
        tokens = tokens_to_take_back(encoding.word_ids[-LONGEST_TAIL_TOKENS:], spellings)
        text = b"".join(spellings[-tokens:]) if tokens else b""
        opening = self._healer.opening(text) if text else None
        return Healed(tokens, text.decode(), opening) if opening else None

    def _encoding(self, text: str) -> tokenizers.Encoding:
        return self._backend.encode(_without_surrogates(text), add_special_tokens=False)

    def _counted(self, text: str) -> int:
        size: int = len(self._encoding(text))
        return size


_KNOWN_CHOICES = 32
LONGEST_TAIL_TOKENS = 65  # one more than the bytes that healing takes back: a token has at least one byte


def _checked(definition: str) -> str:
    """The tokenizer.json, every added token that is written like a marker made one.

    Raises:
        ModelDamaged: it is not JSON.
        ModelUnsupported: it is no byte-level BPE.
    """
    try:
        plan = msgspec.json.decode(definition, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise ModelDamaged(f"the tokenizer is not JSON ({error}): export the model again") from error
    model = plan.get("model")
    kind = model.get("type", "BPE") if isinstance(model, dict) else None
    if kind != "BPE" or '"ByteLevel"' not in definition:
        raise ModelUnsupported(f"the tokenizer is {kind}, not byte-level BPE: choose a model of the StarCoder family")
    added = plan.get("added_tokens")
    tokens = [token for token in added if isinstance(token, dict)] if isinstance(added, list) else []
    unmarked = [t for t in tokens if not t.get("special") and _is_written_like_a_marker(str(t.get("content")))]
    if not unmarked:
        return definition
    for token in unmarked:
        # Some exports leave the flag out, and text that spells the marker would then become it.
        token["special"] = True
    return msgspec.json.encode(plan).decode()


def _is_written_like_a_marker(spelling: str) -> bool:
    return spelling.startswith("<") and spelling.endswith(">") and len(spelling) > 2


def _spellings(vocabulary: Mapping[str, int]) -> dict[int, bytes]:
    found = {number: spelled_bytes(token) for token, number in vocabulary.items()}
    return {number: spelling for number, spelling in found.items() if spelling is not None}


def _without_surrogates(text: str) -> str:
    """Text with halves of characters, which a browser may send, replaced: they cannot be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
