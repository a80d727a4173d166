"""The seam to what is done to models: fetched, prepared, loaded, removed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_starcoder.values.model import Progress
from jupyter_starcoder.values.stock import KnownModel, Machine

if TYPE_CHECKING:
    from jupyter_starcoder.question import LoadedModel

Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What is done to models, most of it slow; `local.py` and the tests bring their own."""

    models: Callable[[], tuple[KnownModel, ...]]  # reads the store: called in a thread
    machine: Callable[[], Machine]  # called in a thread
    is_prepared: Callable[[str], bool]  # quick
    edition: Callable[[str], str]  # quick: another text after a model was exported again; empty where it is not there
    prepare: Callable[[str, Watch], Awaitable[None]]  # fetches and exports it into the store
    discard: Callable[[str], None]  # takes away what an unfinished `prepare` left: called in a thread
    remove: Callable[[str], None]  # takes it out of the store: called in a thread
    load: Callable[[str, Watch], Awaitable["LoadedModel"]]  # starts its engine; ready when it returns
