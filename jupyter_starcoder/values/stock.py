"""What is known of the models here, of their way into the store, and of the machine that they would run on."""

from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.values.model import Device, Precision, Progress

DownloadState = Literal["waiting", "fetching", "exporting", "paused", "failed"]
ModelState = Literal["none", "waiting", "fetching", "exporting", "paused", "failed", "prepared", "served"]
Fit = Literal["fits", "tight", "too_large", "no_room", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is still to come of a model onto a disk, and what is free there; of several the disk that falls shortest."""

    needed_bytes: int  # about
    free_bytes: int

    @property
    def is_short(self) -> bool:
        """Whether it cannot come whole."""
        return self.needed_bytes > self.free_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """One model of the catalogue or the store."""

    name: str
    title: str
    licence: str
    precision: Precision  # it is in, or would be made in
    download_bytes: int  # about; 0 where it is not known
    is_prepared: bool
    disk_bytes: int = 0  # of its folder; 0 where it is not prepared
    memory_bytes: int = 0  # about what it takes when it runs; 0 where it is not known
    is_gated: bool = False  # its licence has to be accepted first, at `address`
    address: str = ""  # its page on the hub
    access: str = ""  # what to do once to be let in to it; empty where nothing has to be done
    resumes: bool = False  # a download that was paused goes on with what came, instead of beginning again
    note: str = ""
    room: Room | None = None  # for what is still to come; None where all is here, or the system does not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What models run on here."""

    kind: Device
    name: str  # of the GPU, or of the processor where the system tells it
    cores: int
    memory_bytes: int  # of the GPU, or of the machine; 0 where it is not known
    free_bytes: int  # of it; 0 where it is not known

    def fit(self, needed_bytes: int, room: Room | None = None) -> Fit:
        """Whether a model that needs so much memory can run here, once it has come."""
        is_known = bool(needed_bytes and self.memory_bytes)
        if is_known and needed_bytes > self.memory_bytes:
            return "too_large"
        if room is not None and room.is_short:
            return "no_room"
        if not is_known:
            return "unknown"
        return "tight" if self.free_bytes and needed_bytes > self.free_bytes else "fits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """How far one model is on its way into the store."""

    state: DownloadState
    progress: Progress | None = None
    bytes_per_s: float = 0.0  # while bytes come
    left_s: float | None = None  # of this step; None where it cannot be told
    message: str = ""  # what went wrong and what to do, when state is "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What a short answer of the served model took."""

    model: str
    device: str
    prompt_tokens: int
    first_token_ms: float
    new_tokens: int
    tokens_per_s: float
