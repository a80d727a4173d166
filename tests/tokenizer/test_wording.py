"""Automata out of texts."""

from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.choice import Choice
from jupyter_starcoder.values.generation import FREE, Automaton
from jupyter_starcoder.values.prompt import Prompt, Text

MakeTokenizer = Callable[..., Tokenizer]

NAMES = st.lists(st.text("abc_é ']\\0", min_size=1, max_size=6), min_size=1, max_size=8, unique=True)
WORDS = st.lists(st.from_regex(r"[abé_][abé_0]{0,4}", fullmatch=True), min_size=1, max_size=8, unique=True)
CHOICES = NAMES.map(lambda names: Choice(tuple(name + '"' for name in names))) | WORDS.map(
    lambda words: Choice(tuple(words), is_word=True)
)
KNOWN = ["a", "ab", "abc", '"]', '")', "_a", "a_b", "é", " a", "bc_", "ab0"]


def steps(automaton: Automaton, at: int) -> dict[int, int]:
    """The tokens that a state allows, and where they lead."""
    state = automaton.states[at]
    listed = dict(zip(array("i", state.ids), array("i", state.targets), strict=True))
    return dict.fromkeys(array("i", automaton.behind), FREE) | listed if state.may_end else listed


def check_walk(tokenizer: Tokenizer, choice: Choice, data: st.DataObject) -> None:
    """Walks at random until all is allowed: what is spelled is one of the texts, and nothing else on the way."""
    automaton = tokenizer.automaton(choice)
    assert automaton is not None
    at, spelled = 0, b""
    while at != FREE:
        allowed = steps(automaton, at)
        token = data.draw(st.sampled_from(sorted(allowed)))
        spelled += tokenizer.bytes_of(token)
        at = allowed[token]
        assert choice.progress(spelled) == ("done" if at == FREE else "inside")


def check_spelled(tokenizer: Tokenizer, choice: Choice) -> None:
    """Each text can be spelled as the tokenizer itself cuts it, and letter by letter."""
    automaton = tokenizer.automaton(choice)
    assert automaton is not None
    behind = ids_of(tokenizer, "(") if choice.is_word else []
    for text in choice.texts:
        single = [ids_of(tokenizer, letter) for letter in text]
        for ids in (ids_of(tokenizer, text), [token for letter in single for token in letter]):
            at = 0
            for token in [*ids, *behind]:
                assert at != FREE
                at = steps(automaton, at)[token]
            assert at == FREE


def ids_of(tokenizer: Tokenizer, text: str) -> list[int]:
    """A text in tokens."""
    return list(tokenizer.encode(Prompt(pieces=(Text(text),), stop_markers=())).ids)


@given(choice=CHOICES, data=st.data())
def test_automaton_of_bytes_spells_its_texts_and_nothing_else(choice: Choice, data: st.DataObject) -> None:
    """One token a byte: the simplest vocabulary there is."""
    tokenizer = byte_tokenizer(())

    check_walk(tokenizer, choice, data)
    check_spelled(tokenizer, choice)


@given(choice=CHOICES, data=st.data())
def test_automaton_of_words_spells_its_texts_and_nothing_else(
    words: Tokenizer, choice: Choice, data: st.DataObject
) -> None:
    """Tokens of several letters, some of which run past the end of a text."""
    check_walk(words, choice, data)
    check_spelled(words, choice)


@pytest.mark.model
@settings(max_examples=50)
@given(choice=CHOICES, data=st.data())
def test_automaton_of_the_embedded_tokenizer_spells_its_texts_and_nothing_else(
    embedded: Tokenizer, choice: Choice, data: st.DataObject
) -> None:
    """A vocabulary of 49,152 tokens."""
    check_walk(embedded, choice, data)
    check_spelled(embedded, choice)


@pytest.fixture(scope="module")
def words(make_tokenizer: MakeTokenizer) -> Tokenizer:
    """Knows some words, and tokens that run past a quote."""
    return make_tokenizer(KNOWN)


@pytest.fixture(scope="module")
def embedded(embedded_model: Path) -> Tokenizer:
    """The embedded model's tokenizer."""
    return Tokenizer.load(embedded_model)


def test_automaton_goes_on_from_what_is_spelled(words: Tokenizer) -> None:
    """Only the texts that begin so are left."""
    automaton = words.automaton(Choice(('abc"', 'ab0"', 'b"')), b"ab")

    assert automaton is not None
    assert {words.bytes_of(token) for token in steps(automaton, 0)} == {b"c", b"0"}


def test_automaton_that_nothing_begins_is_none(words: Tokenizer) -> None:
    """No text begins so, or the text is there already."""
    assert words.automaton(Choice(('abc"',)), b"x") is None
    assert words.automaton(Choice(('abc"',)), b'abc"') is None


def test_automaton_of_thousands_is_bounded(words: Tokenizer) -> None:
    """A frame of 5,000 columns makes no message of megabytes: behind what it reaches everything is allowed."""
    automaton = words.automaton(Choice(tuple(f'abc_{number:05}"' for number in range(5000))))

    assert automaton is not None
    assert len(automaton.states) <= 1024
    assert all(-1 <= target < len(automaton.states) for at in automaton.states for target in array("i", at.targets))


def test_choice_without_texts_is_refused() -> None:
    """A choice of nothing would leave the model nothing to say."""
    for texts in ((), ("a", "")):
        with pytest.raises(BadRequest, match="choice"):
            Choice(texts)
