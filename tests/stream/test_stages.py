"""Single stages, where their chain does not show them."""

import pytest

from jupyter_starcoder.stream.opening import Opening
from jupyter_starcoder.stream.repetition import RepeatedPhrases
from jupyter_starcoder.stream.stops import StopTexts
from jupyter_starcoder.stream.syntax import Scanner
from jupyter_starcoder.stream.utf8 import Utf8Pieces


def test_stop_text_in_two_pieces_is_cut() -> None:
    """A stop text is found also where it arrives in two pieces."""
    stage = StopTexts(["\n\n"])

    assert [stage.feed("x = 1\n"), stage.feed("\ny = 2"), stage.close()] == ["x = 1", "", ""]
    assert stage.done


def test_stop_texts_the_one_complete_first_wins() -> None:
    """`ab` is complete before `abcd`, and `xab` reaches further back than `ab`."""
    stage = StopTexts(["abcd", "ab", "xab"])

    assert stage.feed("1xabcd") + stage.close() == "1"


def test_stop_text_half_there_at_the_end_is_given() -> None:
    """What was held back belongs to the answer when the stop text never becomes whole."""
    stage = StopTexts(["\nHuman:"])

    assert [stage.feed("a\nHum"), stage.close()] == ["a", "\nHum"]


def test_stop_texts_none_pass_everything() -> None:
    """Without stop texts nothing is held back."""
    stage = StopTexts([""])

    assert stage.feed("a\n") == "a\n"
    assert not stage.done


def test_opening_spelled_again_is_dropped() -> None:
    """The healed text is cut off in whatever pieces it comes."""
    stage = Opening("cyc")

    assert [stage.feed("c"), stage.feed("yclists']"), stage.close()] == ["", "lists']", ""]


def test_opening_spelled_otherwise_gives_nothing() -> None:
    """An answer that does not begin with what was typed cannot be put behind it."""
    stage = Opening("cyc")

    assert stage.feed("bike") + stage.close() == ""
    assert stage.done


def test_opening_empty_passes_everything() -> None:
    """Without healing there is nothing to drop."""
    assert Opening("").feed("abc") == "abc"


def test_phrase_twice_is_still_given_while_it_comes() -> None:
    """A phrase may come twice; only its third time is waited for."""
    stage = RepeatedPhrases()

    assert stage.feed("alpha beta alpha beta ") == "alpha beta alpha beta "


def test_lines_of_signs_end_an_answer_sooner_than_a_rule_does() -> None:
    """Empty comments down the whole cell say nothing; a long row of signs may be a heading's rule."""
    comments, rule = RepeatedPhrases(), RepeatedPhrases()

    assert comments.feed("]\n" + "# \n" * 20) == "]\n# \n# "
    assert comments.done
    assert rule.feed("#" + "-" * 80 + "\n") + rule.close() == "#" + "-" * 80 + "\n"
    assert not rule.done


@pytest.mark.parametrize(
    ("text", "brackets", "quote"),
    [
        ("f(x[", ["(", "["], ""),
        ("f(x[0])", [], ""),
        ("df['a", ["["], "'"),
        ("df[''", ["["], ""),
        ("'''a'b", [], "'''"),
        ("'''a'''", [], ""),
        ("''''''", [], ""),
        (r"'a\'b", [], "'"),
        ('"""a\\"""', [], '"""'),
        ("# don't (", [], ""),
        ("x = 'a\ny(", ["("], ""),
        ("x)", [], ""),
    ],
)
def test_scanner_knows_what_is_open(text: str, brackets: list[str], quote: str) -> None:
    """Brackets count outside strings and comments only; a string in single quotes ends with its line."""
    scanner = Scanner.after(text)

    assert (scanner.brackets, scanner.quote) == (brackets, quote)


def test_utf8_half_character_waits() -> None:
    """A character is given when its last byte came."""
    stage = Utf8Pieces()

    assert [stage.feed("🎈".encode()[:2]), stage.feed("🎈".encode()[2:])] == ["", "🎈"]


def test_utf8_half_character_at_the_end_is_replaced() -> None:
    """An answer that breaks off inside a character still is text."""
    stage = Utf8Pieces()
    stage.feed("🎈".encode()[:2])

    assert stage.close() == "\ufffd"
