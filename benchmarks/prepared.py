"""The model that a benchmark runs: an exported folder, by default the embedded one."""

import argparse
from pathlib import Path

from jupyter_starcoder.models.catalogue import EMBEDDED
from jupyter_starcoder.models.store import Store, default_root
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.generation import Encoded
from jupyter_starcoder.values.prompt import Prompt, Text


def embedded() -> Path:
    """The embedded model's folder, once `jupyter starcoder models get` has made it."""
    return Store(default_root()).folder(EMBEDDED)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Adds `--model`."""
    parser.add_argument("--model", type=Path, default=embedded(), help="a model's folder (default: the embedded model)")


def plain(tokenizer: Tokenizer, text: str) -> Encoded:
    """A prompt that is this text and nothing else."""
    return tokenizer.encode(Prompt(pieces=(Text(text),), stop_markers=(), heal=False))
