"""What stands behind a magic's name: options first, then words that are taken as they are."""

import keyword
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from jupyter_starcoder.errors import BadRequest

FLAGS = ("--run", "--explain", "--new", "--help")
VALUES = {"--model": "the name of a model", "--into": "the name of a variable"}
MODEL = ("--model", "--help")
CELL_OPTIONS = ("--model", "--run", "--explain", "--into", "--help")
COMMANDS = {
    "complete": MODEL,
    "explain": MODEL,
    "edit": MODEL,
    "fix": MODEL,
    "chat": ("--new", *MODEL),
    "status": ("--help",),
    "help": ("--help",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """One line, read."""

    words: str = ""
    model: str = ""
    into: str = ""
    run: bool = False
    explain: bool = False
    new: bool = False
    help: bool = False


def read_arguments(line: str, allowed: Collection[str]) -> Arguments:
    """The options at the beginning of a line, and the words behind them; `--` ends the options.

    Raises:
        BadRequest: an option is not known or not whole.
    """
    flags: set[str] = set()
    values: dict[str, str] = {}
    rest = line.strip()
    while rest.startswith("--"):
        option, _, rest = _first(rest)
        if option == "--":
            break
        option, equals, value = option.partition("=")
        if option not in allowed:
            raise BadRequest(_unknown(option, allowed))
        if option in FLAGS:
            flags.add(option)
            continue
        if not equals:
            value, _, rest = _first(rest)
        if not value or value.startswith("--"):
            raise BadRequest(f"{option} needs {VALUES[option]} behind it")
        values[option] = value
    into = values.get("--into", "")
    if into and (not into.isidentifier() or keyword.iskeyword(into)):
        raise BadRequest(f"--into {into} is no name that Python could bind: choose another")
    return Arguments(
        words=rest,
        model=values.get("--model", ""),
        into=into,
        run="--run" in flags,
        explain="--explain" in flags,
        new="--new" in flags,
        help="--help" in flags,
    )


def read_command(line: str) -> tuple[str, Arguments]:
    """The command of a line magic, and what stands behind it.

    Raises:
        BadRequest: there is no such command, or an option of it is wrong.
    """
    name, _, rest = _first(line.strip())
    if name in {"", "--help"}:
        return "help", Arguments()
    if name not in COMMANDS:
        close = get_close_matches(name, COMMANDS, n=1)
        hint = f"do you mean {close[0]}?" if close else "%starcoder help lists what there is"
        raise BadRequest(f"%starcoder {name} is not known: {hint}")
    return name, read_arguments(rest, COMMANDS[name])


def _first(text: str) -> tuple[str, str, str]:
    parts = text.split(None, 1)
    return (parts[0] if parts else ""), " ", (parts[1] if len(parts) > 1 else "")


def _unknown(option: str, allowed: Collection[str]) -> str:
    close = get_close_matches(option, allowed, n=1)
    hint = f"do you mean {close[0]}?" if close else f"there are {', '.join(allowed)}"
    return f"the option {option} is not known here: {hint}"
