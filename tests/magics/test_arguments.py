"""What stands behind a magic's name."""

import pytest

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.magics.arguments import CELL_OPTIONS, Arguments, read_arguments, read_command


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("", Arguments()),
        ("plot it, don't print", Arguments(words="plot it, don't print")),
        ("--run --into df2 sum --run it", Arguments(run=True, into="df2", words="sum --run it")),
        ("--model=small --explain", Arguments(model="small", explain=True)),
        ("--model small -- --run is an option", Arguments(model="small", words="--run is an option")),
    ],
)
def test_options_stand_in_front_and_words_stay_as_they_are(line: str, arguments: Arguments) -> None:
    """A request may hold quotes and dashes of its own."""
    assert read_arguments(line, CELL_OPTIONS) == arguments


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--rum it", "--rum is not known here: do you mean --run"),
        ("--fast", "there are --model, --run"),
        ("--model", "--model needs the name of a model"),
        ("--into --run", "--into needs the name of a variable"),
        ("--into 2x it", "--into 2x is no name"),
        ("--into class it", "--into class is no name"),
    ],
)
def test_wrong_options_are_named_with_what_helps(line: str, says: str) -> None:
    """The nearest option is proposed."""
    with pytest.raises(BadRequest, match=says):
        read_arguments(line, CELL_OPTIONS)


def test_command_comes_with_its_words() -> None:
    """Options of another command are none of this one's."""
    assert read_command("edit --model small use numpy") == ("edit", Arguments(model="small", words="use numpy"))
    assert read_command(" ") == ("help", Arguments())
    with pytest.raises(BadRequest, match="--new is not known here"):
        read_command("edit --new it")
    with pytest.raises(BadRequest, match="do you mean explain"):
        read_command("expalin")
