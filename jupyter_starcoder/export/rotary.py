"""Rotary positions: which kinds our graphs follow, and the tables that they turn queries and keys with."""

import numpy as np

from jupyter_starcoder.errors import ModelUnsupported
from jupyter_starcoder.export.checkpoint import Settings
from jupyter_starcoder.export.floats import Float32


def require_default(settings: Settings, family: str) -> None:
    """Makes sure that positions are not scaled.

    Raises:
        ModelUnsupported: they are.
    """
    scaling = settings.table("rope_scaling")
    kind = scaling.text("rope_type", scaling.text("type", "default"))
    if kind != "default":
        raise ModelUnsupported(f"rotary positions are scaled as {kind!r}: the {family} graph follows 'default' alone")


def rotary_tables(base: float, head_size: int, window_tokens: int) -> tuple[Float32, Float32]:
    """Cosines and sines of every position, each (window_tokens, head_size / 2)."""
    steps = np.arange(0, head_size, 2, dtype=np.float64) / head_size
    angles = np.outer(np.arange(window_tokens, dtype=np.float64), base**-steps)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
