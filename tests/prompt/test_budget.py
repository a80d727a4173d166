"""Prompts stay within their budget, and their beginning stays where it is."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_starcoder.prompt.budget import Candidate, beginning_of, best, end_of, first_kept
from jupyter_starcoder.prompt.choice import choose_family
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.values.conversation import Attachment, Change, Conversation, Subject, Turn
from jupyter_starcoder.values.notebook import Cell, Output, Place, Request
from jupyter_starcoder.values.prompt import Form, Marker, Prompt, Snippet

many = settings(max_examples=50)


NOTEBOOK = ("<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<empty_output>")
FIM = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
CHATML = frozenset(("<|im_start|>", "<|im_end|>", "<jupyter_script>", *NOTEBOOK))
STARCODER2 = frozenset((*FIM, "<file_sep>", "<jupyter_script>", *NOTEBOOK))
FAMILIES = {
    "plain": choose_family(frozenset()),
    "chatml": choose_family(CHATML),
    "starcoder": choose_family(frozenset((*FIM, "<filename>", *NOTEBOOK))),
    "starcoder2": choose_family(STARCODER2),
    "santacoder": choose_family(frozenset(("<fim-prefix>", "<fim-suffix>", "<fim-middle>"))),
    **{f"chatml as {form}": choose_family(CHATML, form) for form in get_args(Form)},
    **{f"starcoder2 as {form}": choose_family(STARCODER2, form) for form in get_args(Form)},
}


def quarters(text: str) -> int:
    """About what a tokenizer counts: a token for four characters."""
    return -(-len(text) // 4)


def tokens_of(prompt: Prompt, count: Callable[[str], int]) -> int:
    """What a prompt costs: texts between markers are one, as the tokenizer sees them."""
    total, run = 0, ""
    for piece in prompt.pieces:
        if isinstance(piece, Marker):
            total, run = total + count(run) + 1, ""
        else:
            run += piece.text
    return total + count(run)


lines = st.lists(st.sampled_from(["x = 1", "    y = 'é🎈'", "", "# " + "long " * 30, "df.head()"]), max_size=8).map(
    "\n".join
)
outputs = st.lists(st.builds(Output, kind=st.sampled_from(["stream", "error"]), text=lines), max_size=2).map(tuple)
cells = st.builds(Cell, kind=st.sampled_from(["code", "markdown", "raw"]), source=lines, outputs=outputs)
places = st.builds(
    Place,
    before=st.lists(cells, max_size=6).map(tuple),
    prefix=lines,
    suffix=lines,
    after=st.lists(cells, max_size=3).map(tuple),
    kind=st.sampled_from(["code", "markdown"]),
    path=st.sampled_from(["", "a/long-name-of-a-notebook.ipynb"]),
    request=st.one_of(st.none(), st.builds(Request, words=lines)),
)
snippets = st.lists(
    st.builds(
        Snippet,
        source=st.sampled_from(["kernel", "cells", "project"]),
        title=st.just("Variables"),
        text=lines,
        score=st.floats(0, 1),
        code=st.just("df.info()"),
        output=st.one_of(st.just(""), lines),
        cell=st.one_of(st.none(), st.integers(0, 5)),
    ),
    max_size=3,
)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("count", [len, quarters])
@many
@given(place=places, context=snippets, request_text=lines, budget=st.integers(1, 600))
def test_prompt_stays_within_its_budget(
    name: str, count: Callable[[str], int], place: Place, context: list[Snippet], request_text: str, budget: int
) -> None:
    """Whatever it is made of, a prompt has at least one token and at most as many as it may."""
    family = FAMILIES[name]
    turns = (Turn("person", place.prefix), Turn("assistant", request_text), Turn("person", place.suffix))
    laid = (Attachment(kind="frame", label="trips", text=request_text),)

    for prompt in (
        family.complete(place, context, budget, count),
        family.explain(place, Subject(code=place.source), (), context, budget, count),
        family.explain(
            place, Subject(kind="error", code=place.source, text=request_text), turns, context, budget, count
        ),
        family.chat(place, Conversation(turns=turns, attachments=laid), context, budget, count),
        family.edit(place, Change(text=place.source, wish=request_text, mishap=place.prefix), context, budget, count),
        family.generate(place, request_text, context, budget, count),
    ):
        assert 1 <= tokens_of(prompt, count) <= budget
        assert prompt.pieces == tuple(piece for section in prompt.sections for piece in section.pieces)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("suffix", ["", " + 1"])
def test_prompt_that_fits_exactly_is_cut_when_it_may_have_one_token_less(name: str, suffix: str) -> None:
    """Markers and file names count as well: nothing is over by the few tokens of a frame."""
    before = tuple(Cell(kind="code", source="a\nb", outputs=(Output(kind="stream", text="c"),)) for _ in range(40))
    place = Place(before=before, prefix="x", suffix=suffix, after=())
    whole = tokens_of(FAMILIES[name].complete(place, (), 100_000, len), len)

    reserve = 4  # a transcript that is cut inside a triplet, or shows a frame, needs so many markers more
    assert tokens_of(FAMILIES[name].complete(place, (), whole + reserve, len), len) == whole
    for budget in range(whole - 12, whole):
        assert tokens_of(FAMILIES[name].complete(place, (), budget, len), len) <= budget


def beginning(prompt: Prompt, cell_prefix: str) -> str:
    """What stands in front of the cursor's cell."""
    text = "".join(piece.spelling if isinstance(piece, Marker) else piece.text for piece in prompt.pieces)
    return text[: text.index(cell_prefix)]


@pytest.mark.parametrize("name", ["plain", "starcoder"])
@pytest.mark.parametrize("above", [0, 7, 30])
def test_prompt_beginning_stays_while_a_person_types(name: str, above: int) -> None:
    """In 50 keystrokes the cells that are kept change at most once: the engine reuses the rest."""
    family: PromptFamily = FAMILIES[name]
    before = tuple(Cell(kind="code", source=f"x{number} = {number}\n" * 20, outputs=()) for number in range(40))
    place = Place(before=before, prefix="y = 1\n" * above, suffix="", after=())
    typed = "result = frame.groupby('bridge')['cyclists'].mean()"

    seen = [
        beginning(family.complete(replace(place, prefix=f"{place.prefix}#!{typed[:size]}"), (), 700, quarters), "#!")
        for size in range(50)
    ]

    assert sum(old != new for old, new in pairwise(seen)) <= 1
    assert len(seen[0]) > 700, "most of the room is used"


def test_first_kept_moves_in_coarse_steps() -> None:
    """While the room shrinks token by token, what is left out changes once a step."""
    costs = [10] * 50
    starts = [first_kept(costs, room, 40) for room in range(300, 100, -1)]

    assert starts == sorted(starts)
    assert sum(old != new for old, new in pairwise(starts)) == 5
    assert all(sum(costs[start:]) <= room for start, room in zip(starts, range(300, 100, -1), strict=True))


def test_first_kept_keeps_the_nearest_that_fits() -> None:
    """Rounding up never takes away the last cell where it fits."""
    assert first_kept([100, 60], 80, 200) == 1
    assert first_kept([100, 90], 80, 200) == 2
    assert first_kept([], 0, 10) == 0


@many
@given(text=lines, limit=st.integers(0, 80))
def test_cut_text_keeps_whole_lines_where_one_fits(text: str, limit: int) -> None:
    """An end and a beginning are within the limit, and whole lines unless one line alone is too long."""
    end, start = end_of(text, limit, len), beginning_of(text, limit, len)

    assert len(end) <= limit
    assert len(start) <= limit
    assert text.endswith(end)
    assert text.startswith(start)
    if text and limit >= len(text):
        assert end == start == text
    if text and limit:
        assert end
        assert start


def test_end_of_huge_text_is_not_counted_whole() -> None:
    """A cell of megabytes costs no more than what is kept of it."""
    counted: list[int] = []

    def count(text: str) -> int:
        counted.append(len(text))
        return len(text)

    end_of("x = 1\n" * 1_000_000, 100, count)

    assert sum(counted) < 10_000


def test_best_come_by_score_in_their_own_order() -> None:
    """What does not fit is left out with all that is worse; a better score never changes the order."""
    low, high = (Candidate((f"{n}\n{n}\n" * 8,), n) for n in (1, 2))

    assert best([low, high], 100, len) == ((0, low.texts[0]), (1, high.texts[0]))
    assert best([low, high], 32 + 20, len) == ((1, high.texts[0]),)
    assert best([low, high], 20, len) == ((1, "2\n" * 10),)
    assert best([low, high], 10, len) == ()
    assert best([low], 0, len) == ()


def test_best_are_many_before_they_are_long() -> None:
    """Each is kept with few details, then the best ones get back theirs."""
    low, high = (Candidate((str(n) * 50, str(n) * 20, str(n) * 5), n) for n in (1, 2))

    assert best([low, high], 10, len) == ((0, low.texts[2]), (1, high.texts[2]))
    assert best([low, high], 30, len) == ((0, low.texts[2]), (1, high.texts[1]))
    assert best([low, high], 75, len) == ((0, low.texts[1]), (1, high.texts[0]))


def test_best_cuts_a_list_behind_a_member() -> None:
    """Half a column's name is worse than none."""
    columns = Candidate(("df: " + ", ".join(f"'column_{number}' (int64)" for number in range(100)),), 1.0)

    ((_, text),) = best([columns], 100, len)

    assert text.endswith(" (int64)")
    assert len(text) <= 100
