"""What every handler is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_starcoder.chats.store import ChatStore
from jupyter_starcoder.library import Library
from jupyter_starcoder.routes.cells import CellMemory
from jupyter_starcoder.serving import Serving
from jupyter_starcoder.values.chat import Frame
from jupyter_starcoder.values.settings import Settings

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import Copilot


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The parts that `app.py` built for the handlers."""

    settings: Settings
    serving: Serving
    library: Library
    make_copilot: Callable[[], "Copilot"]  # what it imports is heavy: asked for only when a model is there
    chats: ChatStore
    frames_of: Callable[[str], Awaitable[tuple[Frame, ...]]]  # in the live kernel of the notebook at a path
    cells: CellMemory = field(default_factory=CellMemory)
