"""What of a traceback tells how a cell failed."""

from jupyter_starcoder.notebook.outputs import plain
from jupyter_starcoder.values.conversation import Mishap

_HEADS = ("Cell In", "Input In", "<ipython-input", "File ")
_OWN = _HEADS[:3]  # frames in the notebook's cells, as versions of IPython name them
_FRAMES = 2
_LINES = 12  # of a traceback in another form
_CHARS = 300  # of a line
_MESSAGE_CHARS = 200


def short_traceback(mishap: Mishap) -> str:
    """The last frames, those in the notebook's cells if there are any, and the error."""
    lines = [line.rstrip()[:_CHARS] for line in plain(mishap.traceback).splitlines() if line.strip()]
    frames: list[list[str]] = []
    for line in lines:
        if line.startswith(_HEADS):
            frames.append([line])
        elif frames and line.lstrip().startswith(("-->", "---->", "->")):
            frames[-1].append(line.strip())
    own = [frame for frame in frames if frame[0].startswith(_OWN)]
    kept = (own or frames)[-_FRAMES:]
    shown = [line for frame in kept for line in frame] or lines[-_LINES:]
    verdict = short_line(mishap)
    return "\n".join([*(line for line in shown if line != verdict), verdict])


def short_line(mishap: Mishap) -> str:
    """Name and message on one line."""
    return " ".join(plain(mishap.line).split())[:_MESSAGE_CHARS]
