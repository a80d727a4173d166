"""`jupyter starcoder settings`: what can be set, and what is set now."""

import argparse
import sys

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
