"""A notebook copilot that runs StarCoder models on the user's own machine."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"

# Importing this package stays cheap: what these hooks need is imported when Jupyter or IPython calls them.


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab finds the front end."""
    return [{"src": "labextension", "dest": "jupyter-starcoder"}]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    """Where Jupyter Server finds the extension."""
    from jupyter_starcoder.app import StarcoderApp

    return [{"module": "jupyter_starcoder.app", "app": StarcoderApp}]


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """`%load_ext jupyter_starcoder`: adds the magics `%starcoder` and `%%starcoder`."""
    from jupyter_starcoder.magics.extension import load

    load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """`%unload_ext jupyter_starcoder`, and the first half of `%reload_ext`."""
    from jupyter_starcoder.magics.extension import unload

    unload(shell)
