"""Models that are only pretended, out of a JSON file: for tests and the work on the front end.

The file is a list of objects with `name` and, where wanted, `download_bytes`, `bytes_per_s` (0 stands still), `fails`
(a message), `is_prepared`, `is_gated`, `memory_bytes`, `free_disk_bytes`. It is read again at every step. The model
that answers from rules is there unless the file names it as well.
"""

import asyncio
from pathlib import Path

import msgspec

from jupyter_starcoder.errors import ModelError
from jupyter_starcoder.values.model import Progress
from jupyter_starcoder.values.stock import KnownModel, Machine, Room
from jupyter_starcoder.workshop import Watch

TICK_S = 0.05
MACHINE = Machine(kind="cpu", name="Pretended processor", cores=4, memory_bytes=8 << 30, free_bytes=6 << 30)


class Pretended(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model of the file."""

    name: str
    download_bytes: int = 90_000_000
    bytes_per_s: int = 0
    fails: str = ""
    is_prepared: bool = False
    is_gated: bool = False
    memory_bytes: int = 500 << 20
    free_disk_bytes: int = 1 << 40


class FakeStock:
    """Pretended models, of which those that were got are remembered."""

    def __init__(self, served: str, path: Path | None) -> None:
        self._served = served
        self._path = path
        self._got: set[str] = set()
        self._removed: set[str] = set()
        self._here_bytes: dict[str, int] = {}

    def models(self) -> tuple[KnownModel, ...]:
        """The one that answers, and those of the file."""
        return tuple(
            KnownModel(
                name=model.name,
                title="Answers from rules" if model.name == self._served else model.name.title(),
                licence="" if model.name == self._served else "apache-2.0",
                precision="fp32",
                download_bytes=model.download_bytes,
                is_prepared=self.is_prepared(model.name),
                disk_bytes=model.download_bytes if self.is_prepared(model.name) else 0,
                memory_bytes=model.memory_bytes,
                is_gated=model.is_gated,
                address=f"https://huggingface.co/some/{model.name}" if model.is_gated else "",
                access="accept its licence and put a token into HF_TOKEN" if model.is_gated else "",
                resumes=True,
                room=None if self.is_prepared(model.name) else self._room(model),
            )
            for model in self._read()
        )

    def is_prepared(self, name: str) -> bool:
        """Whether it was got, or is said to be there."""
        if name in self._got or name in self._removed:
            return name in self._got
        return any(model.name == name and model.is_prepared for model in self._read())

    async def prepare(self, name: str, watch: Watch) -> None:
        """Goes on from where it was, as fast as the file says now."""
        step = "downloading"
        while self._here_bytes.get(name, 0) < (model := self._model(name)).download_bytes:
            if model.fails:
                raise ModelError(model.fails)
            done = self._here_bytes[name] = min(
                model.download_bytes, self._here_bytes.get(name, 0) + int(model.bytes_per_s * TICK_S)
            )
            watch(Progress(step=step, done=done, total=model.download_bytes, unit="bytes", phase="fetching"))
            await asyncio.sleep(TICK_S)
        self._got.add(name)
        self._removed.discard(name)

    def discard(self, name: str) -> None:
        """Forgets what came."""
        self._here_bytes.pop(name, None)

    def remove(self, name: str) -> None:
        """Forgets the model."""
        self._got.discard(name)
        self._removed.add(name)
        self.discard(name)

    def _room(self, model: Pretended) -> Room:
        to_come_bytes = model.download_bytes - self._here_bytes.get(model.name, 0)
        return Room(needed_bytes=max(0, to_come_bytes), free_bytes=model.free_disk_bytes)

    def _model(self, name: str) -> Pretended:
        for model in self._read():
            if model.name == name:
                return model
        raise ModelError(f"{name} is not among the pretended models")

    def _read(self) -> tuple[Pretended, ...]:
        first = Pretended(name=self._served, download_bytes=0, is_prepared=True)
        if self._path is None or not self._path.is_file():
            return (first,)
        written = msgspec.json.decode(self._path.read_bytes(), type=tuple[Pretended, ...])
        return written if any(model.name == self._served for model in written) else (first, *written)
