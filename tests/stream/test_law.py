"""The law of all stages: how the text is cut into pieces never changes the result."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_starcoder.stream.block import Block
from jupyter_starcoder.stream.brackets import Brackets
from jupyter_starcoder.stream.circles import Circles
from jupyter_starcoder.stream.fence import Fence
from jupyter_starcoder.stream.indentation import Indentation
from jupyter_starcoder.stream.opening import LeadingBlank, Opening
from jupyter_starcoder.stream.overlap import LineOverlap, RestOverlap
from jupyter_starcoder.stream.passages import RepeatedPassages
from jupyter_starcoder.stream.repetition import RepeatedLines, RepeatedPhrases
from jupyter_starcoder.stream.sequence import answer_stages, change_stages, completion_stages
from jupyter_starcoder.stream.stage import Chain, TextStage
from jupyter_starcoder.stream.stops import StopTexts
from jupyter_starcoder.stream.surrounded import Surrounded
from jupyter_starcoder.stream.trailing import TrailingSpace
from jupyter_starcoder.stream.utf8 import Utf8Pieces
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Prompt, Text

many = settings(max_examples=60)


WORDS = [
    "a",
    "b",
    "else",
    " ",
    "    ",
    "\n",
    "\n\n",
    ":",
    "(",
    ")",
    "[",
    "]",
    "'",
    '"',
    '"""',
    "#",
    "\\",
    "🎈",
    "\U0001f9d1",
    "é",
    "0, ",
    "```",
]
code = st.lists(st.sampled_from([*WORDS, "x = 1\n", "return x", "def f(x):\n    "]), max_size=25).map("".join)


def in_pieces(draw: st.DataObject, text: str) -> list[str]:
    """The text, cut at drawn places; empty pieces occur."""
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def through(stage: TextStage, pieces: list[str]) -> str:
    """What a stage gives, all in all."""
    return "".join([*(stage.feed(piece) for piece in pieces), stage.close()])


def through_until_done(stage: TextStage, pieces: list[str]) -> str:
    """What a stage gives when it is no longer fed once it says that it is done."""
    given: list[str] = []
    for piece in pieces:
        if stage.done:
            break
        given.append(stage.feed(piece))
    return "".join([*given, stage.close()])


STAGES: dict[str, Callable[[str, str], TextStage]] = {
    "opening": lambda prefix, suffix: Opening(suffix[:2]),
    "leading": lambda prefix, suffix: LeadingBlank(),
    "stops": lambda prefix, suffix: StopTexts([suffix[:3], "\n\n", "ab", "🎈a"]),
    "block": lambda prefix, suffix: Block(prefix),
    "brackets": Brackets,
    "indentation": lambda prefix, suffix: Indentation(prefix),
    "rest": lambda prefix, suffix: RestOverlap(prefix, suffix.strip() or ")"),
    "rest after space": lambda prefix, suffix: RestOverlap(prefix, " " + (suffix.strip() or "a")),
    "line": lambda prefix, suffix: LineOverlap(prefix, suffix.partition("\n")[0] or "x"),
    "lines": lambda prefix, suffix: RepeatedLines(prefix),
    "passages": lambda prefix, suffix: RepeatedPassages(prefix),
    "phrases": lambda prefix, suffix: RepeatedPhrases(),
    "trailing": lambda prefix, suffix: TrailingSpace(),
    "completion": lambda prefix, suffix: Chain(
        completion_stages(
            Place(before=(), prefix=prefix, suffix=suffix, after=()),
            Prompt(pieces=(Text("x"),), stop_markers=(), stop_texts=("\n# Output:",)),
        )
    ),
    "fence": lambda prefix, suffix: Fence(),
    "circles": lambda prefix, suffix: Circles(),
    "surrounded": lambda prefix, suffix: Surrounded(prefix, "x", suffix),
    "change": lambda prefix, suffix: Chain(
        change_stages(
            Prompt(pieces=(Text("x"),), stop_markers=(), stop_texts=("\n```",)), (prefix, "x = 1", suffix), ""
        )
    ),
    "answer": lambda prefix, suffix: Chain(
        answer_stages(Prompt(pieces=(Text("x"),), stop_markers=(), stop_texts=("\n```", "\nHuman:")))
    ),
}


ADDING = ("indentation", "completion", "surrounded", "change")


@pytest.mark.parametrize("name", STAGES)
@many
@given(prefix=code, suffix=code, answer=code, data=st.data())
def test_stage_pieces_of_any_size_give_the_same(
    name: str, prefix: str, suffix: str, answer: str, data: st.DataObject
) -> None:
    """One piece, drawn pieces, single characters: the result is the same, also when feeding ends at `done`."""
    make = STAGES[name]
    whole = through(make(prefix, suffix), [answer])
    pieces = in_pieces(data, answer)

    assert through(make(prefix, suffix), pieces) == whole
    assert through(make(prefix, suffix), list(answer)) == whole
    assert through_until_done(make(prefix, suffix), pieces) == whole


@pytest.mark.parametrize("name", STAGES)
@many
@given(prefix=code, suffix=code, answer=code)
def test_stage_closed_twice_gives_nothing_more(name: str, prefix: str, suffix: str, answer: str) -> None:
    """What was given at the end is not given again."""
    stage = STAGES[name](prefix, suffix)
    through(stage, [answer])

    assert stage.close() == ""


@pytest.mark.parametrize("name", [name for name in STAGES if name not in ADDING])
@many
@given(prefix=code, suffix=code, answer=code)
def test_stage_gives_only_what_it_was_fed(name: str, prefix: str, suffix: str, answer: str) -> None:
    """Stages take away, but for blanks of indentation and for what stands around a text that is changed."""
    assert through(STAGES[name](prefix, suffix), [answer]) in answer


@many
@given(prefix=code, suffix=code, answer=code)
def test_completion_adds_nothing_but_blanks(prefix: str, suffix: str, answer: str) -> None:
    """Without its blanks, a completion is a stretch of what the model wrote."""
    given_text = through(STAGES["completion"](prefix, suffix), [answer])

    assert "".join(given_text.split()) in "".join(answer.split())


@many
@given(text=st.text(), junk=st.binary(max_size=4), data=st.data())
def test_utf8_pieces_of_any_size_give_the_same(text: str, junk: bytes, data: st.DataObject) -> None:
    """Half characters wait for their other half; bytes that are none are replaced in the same way."""
    content = text.encode("utf-8", "replace") + junk
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    pieces = [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    stage = Utf8Pieces()

    assert "".join([*map(stage.feed, pieces), stage.close()]) == content.decode("utf-8", "replace")


@many
@given(text=code, before=code, behind=code)
def test_change_that_changes_nothing_gives_the_same_bytes(text: str, before: str, behind: str) -> None:
    """Whatever the text repeats, and whatever stands around it."""
    text = text.strip()
    if text.startswith("```"):
        return  # this is what models put around an answer
    stages = change_stages(Prompt(pieces=(Text("x"),), stop_markers=()), (before, text, behind), "")

    assert through(Chain(stages), [text]) == before + text + behind
