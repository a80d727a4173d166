"""Cursors inside a word."""

from array import array
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_starcoder.tokenizer.healing import Healer, tokens_to_take_back
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.tokenizer.vocabulary import Vocabulary
from jupyter_starcoder.values.generation import FREE, Automaton
from jupyter_starcoder.values.prompt import Marker, Prompt, Text

many = settings(max_examples=100)


MakeTokenizer = Callable[..., Tokenizer]


def allowed(opening: Automaton, state: int) -> dict[int, int]:
    """The steps of one state."""
    ids, targets = array("i"), array("i")
    ids.frombytes(opening.states[state].ids)
    targets.frombytes(opening.states[state].targets)
    return dict(zip(ids, targets, strict=True))


def spellings(opening: Automaton, bytes_of: Callable[[int], bytes], state: int = 0) -> set[bytes]:
    """Everything that can be spelled until all is allowed."""
    found: set[bytes] = set()
    for token, target in allowed(opening, state).items():
        rests = {b""} if target == FREE else spellings(opening, bytes_of, target)
        found |= {bytes_of(token) + rest for rest in rests}
    return found


def test_heal_in_a_word_goes_back_to_its_start(make_tokenizer: MakeTokenizer) -> None:
    """`cyc` is taken back whole, and may become `cycl` + anything."""
    tokenizer = make_tokenizer(["cycl", "cyc", "df"])
    encoded = tokenizer.encode(Prompt(pieces=(Text("df['cyc"),), stop_markers=(), heal=True))

    assert b"".join(map(tokenizer.bytes_of, encoded.ids)) == b"df['"
    assert encoded.opening_text == "cyc"
    assert encoded.opening is not None
    found = spellings(encoded.opening, tokenizer.bytes_of)
    assert {b"cyc", b"cycl"} <= found
    assert all(spelled.startswith(b"cyc") for spelled in found)


@pytest.mark.parametrize(
    ("text", "opening_text"),
    [
        ("x = ", " "),
        ("if a:\n", "\n"),
        ("if a:\n    ", "\n    "),
        ("df['", "['"),
        ("x.", "."),
        ("n = 12", " 12"),
        ("é🎈", "🎈"),
    ],
)
def test_heal_goes_back_to_where_the_tokenizer_cuts(
    make_tokenizer: MakeTokenizer, text: str, opening_text: str
) -> None:
    """Blanks go back whole, signs and words to their start."""
    longer = ["['x", " x", "\n  ", "  x", ".x", " 12x", "🎈x"]
    tokenizer = make_tokenizer(longer)
    encoded = tokenizer.encode(Prompt(pieces=(Text("a = b\n" + text),), stop_markers=(), heal=True))

    assert encoded.opening_text == opening_text
    assert b"".join(map(tokenizer.bytes_of, encoded.ids)).decode() + opening_text == "a = b\n" + text


def test_heal_where_no_token_crosses_the_cursor_changes_nothing(make_tokenizer: MakeTokenizer) -> None:
    """Spelling the same text again would cost steps and change nothing."""
    encoded = make_tokenizer(["abc"]).encode(Prompt(pieces=(Text("x abd"),), stop_markers=(), heal=True))

    assert encoded.opening is None
    assert bytes(encoded.ids[:1]) == b"x"


def test_heal_behind_a_marker_changes_nothing(make_tokenizer: MakeTokenizer) -> None:
    """A marker is a safe boundary."""
    tokenizer = make_tokenizer(["abc"])
    encoded = tokenizer.encode(Prompt(pieces=(Text("ab"), Marker("<end>")), stop_markers=(), heal=True))

    assert encoded.opening is None


def test_heal_never_leaves_the_engine_without_a_token(make_tokenizer: MakeTokenizer) -> None:
    """A prompt of one word keeps it."""
    encoded = make_tokenizer(["import"]).encode(Prompt(pieces=(Text("imp"),), stop_markers=(), heal=True))

    assert encoded.ids
    assert encoded.opening is None


def test_heal_never_allows_a_marker(make_tokenizer: MakeTokenizer) -> None:
    """`<` can become many things, but not the special token."""
    tokenizer = make_tokenizer(["<ent", "<en"])
    encoded = tokenizer.encode(Prompt(pieces=(Text("a<"),), stop_markers=(), heal=True))

    assert encoded.opening is not None
    assert tokenizer.id_of("<end>") not in {
        token for state in range(len(encoded.opening.states)) for token in allowed(encoded.opening, state)
    }


def test_take_back_stops_at_the_longest_length() -> None:
    """Of a word without end, at most 64 bytes go back."""
    assert tokens_to_take_back([0] * 40, [b"abc"] * 40) == 21


def test_take_back_does_not_begin_inside_a_character() -> None:
    """Where the limit falls inside a character, less goes back: the rest must be text."""
    balloon = "🎈".encode()
    spelled = [b"a", balloon[:1], balloon[1:2], balloon[2:], *[b"x"] * 61]

    assert tokens_to_take_back([0] * len(spelled), spelled) == 61


texts = st.text(alphabet="abc ", min_size=1, max_size=7).map(str.encode)


def ways(text: bytes, tokens: list[bytes]) -> set[bytes]:
    """What can be spelled with tokens so that the last one reaches the end of `text` or runs past it."""
    found = {token for token in tokens if token.startswith(text)}
    for token in tokens:
        if text.startswith(token) and token != text:
            found |= {token + rest for rest in ways(text[len(token) :], tokens)}
    return found


@many
@given(text=texts, words=st.lists(texts, max_size=10, unique=True))
def test_opening_spells_exactly_the_text(text: bytes, words: list[bytes]) -> None:
    """The automaton has every way to spell the text and to run past its end, no other, and no dead end; there is none
    where no way runs past the end.
    """
    tokens = dict(enumerate(words))
    expected = ways(text, words)

    opening = Healer(Vocabulary(tokens)).opening(text)

    assert (opening is not None) == any(len(way) > len(text) for way in expected)
    if opening:
        assert spellings(opening, tokens.__getitem__) == expected
        assert all(allowed(opening, state) for state in range(len(opening.states)))


@pytest.mark.parametrize(
    "words", [[b"a", b"ab", b"c", b"cd"], [b"a", b"b", b"abcd"], [b"a", b"ab", b"bc", b"bcd", b"c"]]
)
def test_opening_leaves_out_ways_that_get_stuck(words: list[bytes]) -> None:
    """A token after which the text cannot be finished is not allowed."""
    opening = Healer(Vocabulary(dict(enumerate(words)))).opening(b"abc")

    assert opening is not None
    assert spellings(opening, words.__getitem__) == ways(b"abc", words)
    assert all(allowed(opening, state) for state in range(len(opening.states)))


@many
@given(
    words=st.lists(st.binary(min_size=1, max_size=4), min_size=1, unique=True), start=st.binary(min_size=1, max_size=3)
)
def test_vocabulary_finds_all_that_begin_alike(words: list[bytes], start: bytes) -> None:
    """The range of the sorted vocabulary holds exactly the tokens with that beginning, also around byte 255."""
    vocabulary = Vocabulary(dict(enumerate([*words, b"\xff\xff\xff\xff\xff"])))
    ids = array("i")
    ids.frombytes(vocabulary.beginning_with(start))

    expected = {number for number, word in enumerate([*words, b"\xff\xff\xff\xff\xff"]) if word.startswith(start)}
    assert set(ids) == expected
    assert vocabulary.count_beginning_with(start) == len(expected)
