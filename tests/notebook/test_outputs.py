"""Outputs as short plain text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_starcoder.notebook.outputs import CUT, error_text, plain, shorten
from jupyter_starcoder.values.notebook import Output

many = settings(max_examples=60)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://a\x07link\x1b]8;;\x07", "link"),
        (" 10%\r 50%\r100%\nend", "100%\nend"),
        ("a\r\nb", "a\nb"),
        ("done\r", "done"),
    ],
)
def test_plain_is_what_a_person_saw_last(raw: str, text: str) -> None:
    """Colours go, progress bars stand at their end."""
    assert plain(raw) == text


def test_error_text_ends_with_name_and_value_once() -> None:
    """IPython's traceback has the verdict in it; it is not said twice."""
    assert error_text("KeyError", "'a'", ["\x1b[31m---\x1b[0m", "----> 1 x['a']", "KeyError: 'a'"]).split("\n") == [
        "---",
        "----> 1 x['a']",
        "KeyError: 'a'",
    ]


def test_error_text_without_traceback_is_the_verdict() -> None:
    """A traceback may be empty."""
    assert error_text("Stop", "", []) == "Stop"


def test_shorten_stream_is_cut_at_its_end() -> None:
    """As in the notebooks that StarCoder learned from."""
    assert shorten([Output(kind="stream", text="abcdef")], 4) == (Output(kind="stream", text="abcd" + CUT),)


def test_shorten_error_is_cut_in_its_middle() -> None:
    """The failing line and the error's name both stay."""
    assert shorten([Output(kind="error", text="line 1 ... KeyError")], 12)[0].text == "line 1" + CUT + "yError"


def test_shorten_error_gets_room_beside_a_long_stream() -> None:
    """What was printed before does not push the error out."""
    short = shorten([Output(kind="stream", text="x" * 100), Output(kind="error", text="E: bad")], 20)

    assert [output.text for output in short] == ["x" * 14 + CUT, "E: bad"]


def test_shorten_leaves_short_and_drops_empty() -> None:
    """An output without text is none."""
    kept = Output(kind="result", text="1")

    assert shorten([Output(kind="stream", text=" \n"), kept], 10) == (kept,)
    assert shorten([], 10) == ()


outputs = st.lists(
    st.builds(Output, kind=st.sampled_from(["stream", "result", "error"]), text=st.text(max_size=40)), max_size=6
)


@many
@given(given=outputs, limit=st.integers(0, 60))
def test_shorten_stays_within_the_limit(given: list[Output], limit: int) -> None:
    """However many outputs there are, together they keep to the limit, beside the marks of what was cut."""
    short = shorten(given, limit)

    assert sum(len(output.text) for output in short) <= limit + len(CUT) * len(short)
    if sum(len(output.text) for output in given) <= limit:
        assert list(short) == [output for output in given if output.text.strip()]
