"""The command `jupyter starcoder` as a whole."""

import argparse
import subprocess
import sys
from collections.abc import Callable

import pytest

from jupyter_starcoder import __version__, cli
from jupyter_starcoder.errors import UnknownModel

COMMAND = [sys.executable, "-m", "jupyter_starcoder.cli"]


def raising(error: BaseException) -> argparse.ArgumentParser:
    """A command line whose only command ends like this."""

    def run(_arguments: argparse.Namespace) -> int:
        raise error

    parser = argparse.ArgumentParser()
    parser.set_defaults(run=run)
    return parser


def test_error_of_ours_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads what happened and what to do."""
    status = cli.main([], raising(UnknownModel("no model is called 'x': list them")))

    assert status == 1
    assert capsys.readouterr() == ("", "error: no model is called 'x': list them\n")


def test_interruption_is_status_130_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is no error."""
    assert cli.main([], raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr() == ("", "")


def test_error_of_another_kind_is_not_hidden() -> None:
    """A defect shows itself."""
    with pytest.raises(ZeroDivisionError):
        cli.main([], raising(ZeroDivisionError()))


def test_reader_that_has_seen_enough_is_no_error() -> None:
    """`jupyter starcoder settings | head -1` ends quietly."""
    command = " ".join(COMMAND)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} settings | head -c 10"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout == "StarcoderC"
    assert done.stderr == ""


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` tells it."""
    with pytest.raises(SystemExit):
        cli.main(["--version"])

    assert __version__ in capsys.readouterr().out


def test_help_is_cheap() -> None:
    """Asking what there is imports no runtime, no tokenizer and no server."""
    code = (
        "import sys, jupyter_starcoder.cli as cli\n"
        "cli.parser().format_help()\n"
        "heavy = {'numpy', 'onnx', 'onnxruntime', 'tokenizers', 'tornado', 'jupyter_server', 'huggingface_hub'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_settings_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """What can be set is found without reading the source."""
    assert cli.main(["settings"]) == 0

    printed = capsys.readouterr().out
    assert "StarcoderConfig.model" in printed
    assert "StarcoderConfig.threads" in printed


def test_help_all_tells_commands_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """Jupyter's own commands print their settings by `--help-all`; a server cannot print those of an extension."""
    with pytest.raises(SystemExit, match=r"^0$"):
        cli.main(["--help-all"])

    printed = capsys.readouterr().out
    assert "doctor" in printed
    assert "--StarcoderConfig.debounce_ms=<" in printed


def test_error_of_the_system_is_one_line_with_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk is no defect of ours, and a traceback would bury what it says."""
    status = cli.main([], raising(OSError(28, "No space left on device", "models/x")))

    assert status == 1
    assert capsys.readouterr().err == "error: [Errno 28] No space left on device: 'models/x'\n"


def test_settings_that_are_not_allowed_are_told_as_everywhere(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """`settings` is what a person runs to find the mistake."""
    configure(threads="many")

    assert cli.main(["settings"]) == 1
    assert "threads" in capsys.readouterr().err
