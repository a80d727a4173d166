"""`jupyter starcoder settings`: what can be set, and what is set now."""

import argparse
import sys
from collections.abc import Sequence

from jupyter_starcoder.config import StarcoderConfig, load_config, load_settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = commands.add_parser("settings", help="print what can be set, and what is set now")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Prints every setting with its help and its value."""
    load_settings()  # a value that is not allowed is told as everywhere
    sys.stdout.write(StarcoderConfig.class_get_help(StarcoderConfig(config=load_config())) + "\n")
    return 0


class HelpAll(argparse.Action):
    """`--help-all`, as Jupyter's own commands have it: the commands, and every setting with its default."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        """Args: as argparse gives them."""
        super().__init__(option_strings, dest, nargs=0, help="show this help and every setting of the server, and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_values: object) -> None:
        """Prints, and ends the command."""
        parser.print_help()
        sys.stdout.write("\n" + StarcoderConfig.class_get_help() + "\n")
        parser.exit()
