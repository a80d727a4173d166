"""Puts the magics into a session, and takes them out again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from jupyter_starcoder.magics.magics import StarcoderMagics
from jupyter_starcoder.magics.matcher import matcher
from jupyter_starcoder.magics.reading import ours_as_meant

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

PLACE = "_starcoder_unload"  # on the shell: one session may load and unload several times


def load(shell: "InteractiveShell") -> None:
    """Adds the magics, their completions, what mends their lines, and the hook that hears of errors."""
    unload(shell)
    magics = StarcoderMagics(shell)
    # Nothing about us is configured there, and its last entry tells whether running cells draw figures inline.
    shell.configurables.remove(magics)  # type: ignore[arg-type]
    completing = matcher(magics.models)
    shell.register_magics(magics)
    shell.events.register("post_run_cell", magics.history.note_result)
    shell.input_transformers_cleanup.append(ours_as_meant)
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(completing)

    def take_out() -> None:
        shell.events.unregister("post_run_cell", magics.history.note_result)
        shell.input_transformers_cleanup.remove(ours_as_meant)
        if shell.Completer is not None:
            shell.Completer.custom_matchers.remove(completing)
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop("starcoder", None)
        magics.close()

    setattr(shell, PLACE, take_out)


def unload(shell: "InteractiveShell") -> None:
    """Takes out what `load` added; does nothing where it added nothing."""
    take_out: Callable[[], None] | None = getattr(shell, PLACE, None)
    if take_out is not None:
        delattr(shell, PLACE)
        take_out()
