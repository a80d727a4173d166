"""Prompts to ids, and ids to bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_starcoder.errors import ModelDamaged, ModelUnsupported
from jupyter_starcoder.tokenizer.counts import CountCache
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.prompt import Marker, Prompt, Text

many = settings(max_examples=60)


MakeTokenizer = Callable[..., Tokenizer]


def prompt(*pieces: Marker | Text, heal: bool = False) -> Prompt:
    """A prompt that stops at `<end>`."""
    return Prompt(pieces=pieces, stop_markers=("<end>",), heal=heal)


def test_markers_are_those_written_like_markers(make_tokenizer: MakeTokenizer) -> None:
    """An added token that is written like a marker is one, also where the export forgot to say so; blanks are not."""
    assert make_tokenizer([]).markers == {"<end>", "<mid>"}


def test_require_names_what_is_missing(make_tokenizer: MakeTokenizer) -> None:
    """The error names each marker that is not one token."""
    tokenizer = make_tokenizer([])
    tokenizer.require(["<end>"])

    with pytest.raises(ModelUnsupported, match="lacks <a>, <b>:"):
        tokenizer.require(["<b>", "<end>", "<a>"])


def test_encode_marker_is_one_token_and_text_is_not(make_tokenizer: MakeTokenizer) -> None:
    """What a person types never becomes a special token, whatever it spells."""
    tokenizer = make_tokenizer([])
    end, mid = tokenizer.id_of("<end>"), tokenizer.id_of("<mid>")

    ids = tokenizer.encode(prompt(Marker("<mid>"), Text("a<end><mid>"), Marker("<end>"))).ids

    assert ids == (mid, *b"a<end><mid>", end)


def test_encode_text_between_markers_is_one_run(make_tokenizer: MakeTokenizer) -> None:
    """Where two texts meet, a token may span both."""
    tokenizer = make_tokenizer(["ab"])

    assert (
        len(tokenizer.encode(prompt(Text("a"), Text("b"), Marker("<end>"), Text("a"), Marker("<end>"), Text("b"))).ids)
        == 5
    )


def test_encode_unknown_stop_marker_is_refused(make_tokenizer: MakeTokenizer) -> None:
    """A prompt cannot stop at what the model does not know."""
    with pytest.raises(ModelUnsupported, match="<none>"):
        make_tokenizer([]).encode(Prompt(pieces=(Text("a"),), stop_markers=("<none>",)))


def test_bytes_of_every_token_spell_the_text(make_tokenizer: MakeTokenizer) -> None:
    """Tokens put together are the text; markers spell nothing, nor do ids that no token has."""
    tokenizer = make_tokenizer(["hello", "é🎈"])
    ids = tokenizer.encode(prompt(Text("hello é🎈    x"), Marker("<end>"))).ids

    assert b"".join(map(tokenizer.bytes_of, ids)).decode() == "hello é🎈    x"
    assert tokenizer.bytes_of(99_999) == b""
    assert tokenizer.bytes_of(-1) == b""


def test_count_is_the_length_of_the_encoding(make_tokenizer: MakeTokenizer) -> None:
    """Counting and encoding agree."""
    tokenizer = make_tokenizer(["hello"])

    assert tokenizer.count("hello you") == len(tokenizer.encode(prompt(Text("hello you"))).ids) == 5


def test_count_half_character_from_a_browser_is_counted(make_tokenizer: MakeTokenizer) -> None:
    """A lone surrogate cannot be written as UTF-8; it is replaced instead of failing."""
    assert make_tokenizer([]).count("a\ud83d") == 1 + len("\ufffd".encode())


@pytest.mark.parametrize(
    ("definition", "error"),
    [
        ("{", ModelDamaged),
        ('{"model": {"type": "WordPiece"}}', ModelUnsupported),
        ('{"model": {"type": "BPE", "vocab": 3}, "pre_tokenizer": {"type": "ByteLevel"}}', ModelDamaged),
    ],
)
def test_load_bad_file_is_named(tmp_path: Path, definition: str, error: type[Exception]) -> None:
    """A file that is cut short, or of another kind of tokenizer, says so."""
    (tmp_path / "tokenizer.json").write_text(definition)

    with pytest.raises(error):
        Tokenizer.load(tmp_path)


def test_load_missing_file_is_damage(tmp_path: Path) -> None:
    """A model folder without a tokenizer is half a model."""
    with pytest.raises(ModelDamaged, match="export the model again"):
        Tokenizer.load(tmp_path)


def test_count_cache_forgets_the_oldest() -> None:
    """Texts are counted once while they fit; the one asked for longest ago goes first."""
    asked: list[str] = []

    def count(text: str) -> int:
        asked.append(text)
        return len(text)

    cache = CountCache(count, limit_chars=5)
    for text in ["aa", "bb", "aa", "cc", "aa", "bb"]:
        assert cache(text) == 2

    assert asked == ["aa", "bb", "cc", "bb"]


@many
@given(text=st.text(), tail=st.text(max_size=5))
def test_byte_tokenizer_gives_bytes_and_heals_nothing(text: str, tail: str) -> None:
    """Ids are bytes, markers follow, and a cursor inside a word changes nothing."""
    tokenizer = byte_tokenizer(["<a>", "<end>"])
    encoded = tokenizer.encode(prompt(Text(text), Marker("<a>"), Text(tail), heal=True))

    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    clean_tail = tail.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert encoded.ids == (*clean.encode(), 256, *clean_tail.encode())
    assert encoded.stop_ids == (257,)
    assert encoded.opening is None
    assert encoded.opening_text == ""
