"""The guide of an answer, on tokens of one byte."""

import pytest

from jupyter_starcoder.names.guide import MARGIN, MOST_REFUSALS, NameGuide, Vocabulary
from jupyter_starcoder.names.live import LiveNames
from jupyter_starcoder.tokenizer.fake import byte_tokenizer
from jupyter_starcoder.values.generation import Automaton
from kernels_ctx.snapshot import KernelSnapshot

TOKENS = byte_tokenizer(())
VOCABULARY = Vocabulary(TOKENS.bytes_of, TOKENS.automaton)


def guide(snapshot: KernelSnapshot, code: str, opening_text: str = "", above: tuple[str, ...] = ()) -> NameGuide:
    """A guide at the end of a cell."""
    return NameGuide(LiveNames(snapshot, above), VOCABULARY, code, opening_text)


def fed(judge: NameGuide, text: str) -> tuple[str, Automaton | None]:
    """What a guide accepts of a text, and what it asks for instead of the rest."""
    for place, byte in enumerate(text.encode()):
        if (refusal := judge.look(byte)) is not None:
            return text.encode()[:place].decode(), refusal
    return text, None


def first(automaton: Automaton | None) -> str:
    """The letters that an automaton allows at its start."""
    assert automaton is not None
    return "".join(sorted(chr(byte) for byte in memoryview(automaton.states[0].ids).cast("i")))


@pytest.mark.parametrize(
    ("code", "answer", "accepted", "instead"),
    [
        ("x = df", '["cyclists"].sum()', '["cyclists"].sum()', ""),
        ("x = df", '["cycles"]', '["cycl', "i"),
        ("x = df", '["speed"]', '["', "bcit"),
        ("x = df", '[["bridge", "speed"]]', '[["bridge", "', "bcit"),
        ("df", '["speed"] = 1\ny = df["speed"]', '["speed"] = 1\ny = df["speed"]', ""),
        ("x = df", ".bridge_name", ".bridge", ""),
        ("x = df", ".head()", ".head()", ""),
        ("x = ", "'é'  # €\ny = df['bri'", "'é'  # €\ny = df['bri", "d"),
        ('x = df["cyc', 'les"]', 'les"]', ""),  # the engine itself knows better, see `opening`
    ],
)
def test_guide_refuses_the_first_token_that_begins_no_name(
    code: str, answer: str, accepted: str, instead: str, snapshot: KernelSnapshot
) -> None:
    """All before it stays, and what is asked for begins where it ends."""
    taken, refusal = fed(guide(snapshot, code), answer)

    assert taken == accepted
    if taken != answer:
        assert first(refusal) == instead
        assert refusal is not None
        assert refusal.margin == MARGIN


@pytest.mark.parametrize(
    ("code", "opening_text", "letters"),
    [
        ('x = df["', "", "bcit"),
        ('x = df["', '["', "["),
        ('x = df["cyc', "", "l"),
        ('x = df["cyc', "cyc", "c"),
        ('x = df["bri', "ri", "r"),
        ('x = df["bri', '"bri', '"'),
    ],
)
def test_guide_at_a_cursor_opens_with_the_names_that_are_left(
    code: str, opening_text: str, letters: str, snapshot: KernelSnapshot
) -> None:
    """What is spelled again comes first; names that do not begin as typed are out, wherever spelling begins."""
    healing = Automaton(())
    opening = guide(snapshot, code, opening_text).opening(healing)

    assert first(opening) == letters
    assert opening is not None
    assert opening.outside is healing
    at, spelled = 0, b""
    while at >= 0:
        state = opening.states[at]
        steps = dict(zip(memoryview(state.ids).cast("i"), memoryview(state.targets).cast("i"), strict=True))
        token = max(steps)
        at, spelled = steps[token], spelled + bytes([token])
    assert spelled.decode().startswith(opening_text)
    assert (code + spelled.decode().removeprefix(opening_text)).removeprefix("x = ") in {
        f'df["{name}"' for name in ("bridge", "cyclists", "temperature", "it's")
    }


@pytest.mark.parametrize("code", ['x = df["new', 'df["', "x = 1", 'x = df["bridge"'])
def test_guide_at_a_cursor_where_anything_may_come_leaves_healing_alone(code: str, snapshot: KernelSnapshot) -> None:
    """Nothing begins like what is typed, or nothing is known of the place."""
    healing = Automaton(())

    assert guide(snapshot, code).opening(healing) is healing
    assert guide(snapshot, code).opening(None) is None


def test_guide_lets_what_is_typed_be_spelled_again(snapshot: KernelSnapshot) -> None:
    """A word that no name begins with is the user's own, though its first letters are those of a name."""
    judge = guide(snapshot, "df.heat", "heat")

    assert judge.opening(None) is None
    assert fed(judge, 'heat = df["speed"]') == ('heat = df["', fed(guide(snapshot, "x = df"), '["speed')[1])


def test_guide_gives_in_to_a_model_that_insists(snapshot: KernelSnapshot) -> None:
    """The same token again at the same place is the way out: it is not asked for another time."""
    judge = guide(snapshot, "x = df")
    accepted, _ = fed(judge, '["speed"')

    assert accepted == '["'
    assert fed(judge, 'speed"]') == ('speed"]', None)


def test_guide_asks_again_where_an_automaton_reached_no_further(snapshot: KernelSnapshot) -> None:
    """A refusal further on in the same name is another one, up to a limit."""
    judge = guide(snapshot, "x = df")
    refused = [fed(judge, text)[0] for text in ('["x', "bx", "rx", "ix")]

    assert refused == ['["', "b", "r", "ix"]
    assert MOST_REFUSALS == 3


def test_guide_knows_names_of_cells_above_that_were_not_run(snapshot: KernelSnapshot) -> None:
    """A name that no frame has yet may come; one that another frame has is that frame's alone."""
    above = ('df["speed"] = 1\nboth = df.assign(length=2)',)

    assert fed(guide(snapshot, "x = df", above=above), '["speed"]')[1] is None
    assert fed(guide(snapshot, "x = df", above=above), '["length"]')[0] == '["'
