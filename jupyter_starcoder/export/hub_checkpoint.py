"""A folder as the Hugging Face hub lays it out: config.json, tokenizer.json and safetensors, whole or in shards."""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from jupyter_starcoder.errors import CheckpointDamaged, ModelUnsupported, UnknownModel
from jupyter_starcoder.export.checkpoint import ALL, Settings
from jupyter_starcoder.export.floats import Float32, Stored, float32_of
from jupyter_starcoder.export.safetensors_file import SafetensorsFile
from jupyter_starcoder.values.model import TOKENIZER_FILE

CONFIG_FILE = "config.json"
GENERATION_FILE = "generation_config.json"
INDEX_FILE = "model.safetensors.index.json"
SINGLE_FILE = "model.safetensors"


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


class HubCheckpoint:
    """A folder that is open for reading."""

    licence = ""  # config.json does not say; it stands in the model card

    def __init__(self, folder: Path) -> None:
        """Reads the settings and the files' headers.

        Raises:
            UnknownModel: there is no config.json.
            CheckpointDamaged: files are missing or cannot be read.
            ModelUnsupported: its weights are Python pickles.
        """
        self._folder = folder
        if not (folder / CONFIG_FILE).is_file():
            raise UnknownModel(f"{folder} has no {CONFIG_FILE}: give a folder with it, tokenizer.json and safetensors")
        values = _json_object(folder / CONFIG_FILE)
        self.settings = Settings(values, str(folder / CONFIG_FILE))
        self.architecture = self.settings.text("model_type", "")
        generation = folder / GENERATION_FILE
        sources = [values] + ([_json_object(generation)] if generation.is_file() else [])
        self.end_ids = tuple({i: None for item in sources for i in Settings(item, "").ids("eos_token_id")})
        self._files = self._open_files()

    def _open_files(self) -> dict[str, SafetensorsFile]:
        """Every tensor's name with the file that holds it."""
        index = self._folder / INDEX_FILE
        if index.is_file():
            return self._open_shards(index)
        single = self._folder / SINGLE_FILE
        if single.is_file():
            file = SafetensorsFile(single)
            return dict.fromkeys(file.names, file)
        if any(self._folder.glob("*.bin")):
            raise ModelUnsupported(
                f"{self._folder} holds its weights as .bin files only: these are Python pickles, which can run any "
                "code when they are opened, so we do not; get a revision that has safetensors, or convert them "
                "where you trust them (`AutoModelForCausalLM.from_pretrained(folder).save_pretrained(another)`)"
            )
        raise CheckpointDamaged(f"{self._folder} has no {SINGLE_FILE} and no {INDEX_FILE}: get the weights")

    def _open_shards(self, index: Path) -> dict[str, SafetensorsFile]:
        try:
            weight_map = msgspec.json.decode(index.read_bytes(), type=_Index).weight_map
        except (OSError, msgspec.DecodeError) as error:
            raise CheckpointDamaged(f"{index} cannot be read ({error}): get it again") from error
        missing = sorted(name for name in set(weight_map.values()) if not self._is_shard(name))
        if missing:
            raise CheckpointDamaged(f"{self._folder} lacks {', '.join(missing)}, named in {INDEX_FILE}: get them")
        shards = {name: SafetensorsFile(self._folder / name) for name in set(weight_map.values())}
        for tensor, name in weight_map.items():
            if tensor not in shards[name].names:
                raise CheckpointDamaged(
                    f"{self._folder / name} lacks {tensor}, which {INDEX_FILE} promises: get it again"
                )
        return {tensor: shards[name] for tensor, name in weight_map.items()}

    def _is_shard(self, name: str) -> bool:
        """Whether a name out of the index is a plain name (an index may come from anywhere) of a file that is there."""
        return Path(name).name == name and (self._folder / name).is_file()

    def has(self, name: str) -> bool:
        """Whether there is such a tensor."""
        return name in self._files

    def shape(self, name: str) -> tuple[int, ...]:
        """Of the tensor.

        Raises:
            CheckpointDamaged: it is missing.
        """
        return self._file(name).shape(name)

    def read(self, name: str, rows: slice = ALL) -> Float32:
        """These rows of the tensor in float32.

        Raises:
            CheckpointDamaged: it is missing or cannot be read.
        """
        return float32_of(self.read_stored(name, rows))

    def read_stored(self, name: str, rows: slice = ALL) -> Stored:
        """As `read`, in the type of number that they are stored in."""
        return self._file(name).read(name, rows)

    def _file(self, name: str) -> SafetensorsFile:
        if name not in self._files:
            raise CheckpointDamaged(
                f"{self._folder} has no tensor {name}: the checkpoint does not fit its {CONFIG_FILE}"
            )
        return self._files[name]

    def write_tokenizer(self, path: Path) -> None:
        """Copies tokenizer.json.

        Raises:
            ModelUnsupported: there is none.
        """
        source = self._folder / TOKENIZER_FILE
        if not source.is_file():
            raise ModelUnsupported(
                f"{self._folder} has no {TOKENIZER_FILE}: save it with transformers' AutoTokenizer(...).save_pretrained"
            )
        shutil.copyfile(source, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open: each tensor opens its file."""


def _json_object(path: Path) -> dict[str, object]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError) as error:
        raise CheckpointDamaged(f"{path} cannot be read ({error}): get it again") from error
