"""Weights that are on this machine already."""

from pathlib import Path

from jupyter_starcoder.errors import SourceUnreachable
from jupyter_starcoder.models.source import Fetched, Report


class FolderSource:
    """A folder with config.json, tokenizer.json and safetensors."""

    def fetch(self, reference: str, progress: Report) -> Fetched:
        """The folder itself.

        Raises:
            SourceUnreachable: it is not there.
        """
        folder = Path(reference).expanduser()
        if not (folder / "config.json").is_file():
            raise SourceUnreachable(f"{folder} has no config.json: give a folder that holds a checkpoint")
        return Fetched(path=folder, source=f"folder:{folder.resolve().name}")


class GgufFileSource:
    """A `.gguf` file."""

    def fetch(self, reference: str, progress: Report) -> Fetched:
        """The file itself.

        Raises:
            SourceUnreachable: it is not there.
        """
        path = Path(reference).expanduser()
        if not path.is_file():
            raise SourceUnreachable(f"{path} is not there: give a .gguf file")
        return Fetched(path=path, source=f"gguf:{path.name}")
