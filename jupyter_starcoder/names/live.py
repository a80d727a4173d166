"""The live frames of one notebook, as code in one of its cells may name them."""

from collections.abc import Iterable
from dataclasses import replace

from jupyter_starcoder.names.changes import World, new_keys
from jupyter_starcoder.names.frames import frames_of
from jupyter_starcoder.names.places import NamePlace, place_at_end
from kernels_ctx.snapshot import KernelSnapshot


class LiveNames:
    """What a kernel holds, and what cells above add to it once they run."""

    def __init__(self, snapshot: KernelSnapshot, above: Iterable[str]) -> None:
        """Args: snapshot: of a Python kernel. above: the code of the cells above."""
        frames = frames_of(snapshot)
        # A name that some frame has was made by a cell that did run: it belongs to that frame alone.
        known = frozenset(key for frame in frames.values() for key in frame.keys)
        added = new_keys(above) - known if frames else frozenset()
        self._frames = {name: replace(frame, keys=frame.keys | added) for name, frame in frames.items()}

    def __bool__(self) -> bool:
        return bool(self._frames)

    def place_at(self, code: str) -> NamePlace | None:
        """What must come next at the end of the code of a cell; None where anything may."""
        return place_at_end(code, World(self._frames)) if self._frames else None
