"""A real notebook server with real kernels."""

# Imported rather than named in `pytest_plugins`: two of its fixtures are autouse and are wanted in this folder only.
from pytest_jupyter.jupyter_server import *  # noqa: F403
