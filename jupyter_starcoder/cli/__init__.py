"""`jupyter starcoder …`: the whole road without a server or a browser."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence

from jupyter_starcoder import __version__
from jupyter_starcoder.cli import complete, doctor, eval, export, models, settings
from jupyter_starcoder.errors import StarcoderError

INTERRUPTED = 128 + signal.SIGINT  # what a shell expects of a command that Ctrl-C ended

Run = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None, commands: argparse.ArgumentParser | None = None) -> int:
    """Runs one command and gives its exit status.

    Args:
        argv: what stands behind `jupyter starcoder`; what this process was called with when None.
        commands: other commands than ours.
    """
    arguments = (commands or parser()).parse_args(argv)
    run: Run = arguments.run
    try:
        status = run(arguments)
        sys.stdout.flush()
    except StarcoderError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough (`… | head`). Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A full disk, a folder that may not be written: the system's own words name it, a traceback would bury them.
        sys.stderr.write(f"error: {error}\n")
        return 1
    return status


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="jupyter starcoder", description="A notebook copilot on your own machine.")
    top.add_argument("--version", action="version", version=f"jupyter_starcoder {__version__}")
    top.add_argument("--help-all", action=settings.HelpAll)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (complete, export, models, eval, doctor, settings):
        command.add_parser(commands)
    return top
