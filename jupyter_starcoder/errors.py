"""Every error this package raises on purpose.

StarcoderError
├── BadRequest              what was asked for cannot be done as it was asked
│   ├── BadCursor           the cursor lies outside the notebook or the cell
│   ├── BadNotebook         the notebook cannot be read
│   ├── CellTooLong         a cell cannot be changed within the model's window
│   └── RequestTooLarge     the body is over the limit
├── CellsMissing            the server no longer holds cells that the request names by hash
├── NotPermitted            an administrator has switched this off, or locked it
├── ServerRefused           the notebook server does not let this kernel ask
├── ExtraMissing            an optional part (onnxruntime, torch) is not installed, or is installed twice
├── HistoryError            conversations cannot be read or kept
│   └── UnknownChat         no conversation of that name
├── ModelError
│   ├── UnknownModel        no catalogue entry, folder or file of that name
│   ├── ModelNotReady       it is not loaded (yet): being prepared, loading, or not there
│   ├── ModelDamaged        files are missing, cut short, or not those that were written
│   ├── ModelUnsupported    an architecture, tokenizer or file format that we cannot run
│   ├── ModelTooLarge       it does not fit into the memory that is free
│   └── DiskFull            no space is left for it
├── EngineError
│   ├── EngineBusy          the queue is full
│   └── EngineDied          the engine's process ended
├── SourceError             weights could not be fetched
│   ├── SourceUnreachable   no answer, or no such file there
│   ├── SourceRefused       gated model, or wrong credentials
│   └── HashMismatch        the file that came is not the one that was asked for
├── ExportError             a checkpoint could not be written as a graph
│   └── CheckpointDamaged   a tensor or file of the checkpoint is missing or has the wrong shape
└── EvaluationError         a benchmark cannot be read, or its programs cannot be run

`code` is the error's name on the wire (HTTP and engine socket): it never changes once released.
Cancelling is not an error. A message says what happened, with which value, and what to do.
"""

from collections.abc import Iterator
from typing import ClassVar


class StarcoderError(Exception):
    """Root of the tree: catch it to catch everything that we raise on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(StarcoderError):
    """What was asked for cannot be done as it was asked."""

    code = "bad_request"


class BadCursor(BadRequest):
    """The cursor lies outside the notebook or the cell."""

    code = "bad_cursor"


class BadNotebook(BadRequest):
    """The notebook cannot be read."""

    code = "bad_notebook"


class CellTooLong(BadRequest):
    """A cell does not fit into the model's window twice: as it is, and as it becomes."""

    code = "cell_too_long"


class RequestTooLarge(BadRequest):
    """The body is over the limit."""

    code = "request_too_large"


class CellsMissing(StarcoderError):
    """The server no longer holds cells that the request names by hash: send these in full."""

    code = "cells_missing"

    def __init__(self, hashes: tuple[str, ...]) -> None:
        super().__init__(f"{len(hashes)} cells are not known here: send them in full")
        self.hashes = hashes


class NotPermitted(StarcoderError):
    """An administrator has switched this off, or locked it; who asks makes no difference."""

    code = "not_permitted"


class ServerRefused(StarcoderError):
    """The notebook server does not let this kernel ask: no right to, or the extension is not enabled there."""

    code = "server_refused"


class ExtraMissing(StarcoderError):
    """An optional part is not installed, or is installed twice."""

    code = "extra_missing"


class HistoryError(StarcoderError):
    """Conversations cannot be read or kept."""

    code = "history_error"


class UnknownChat(HistoryError):
    """No conversation of that name."""

    code = "unknown_chat"


class ModelError(StarcoderError):
    """Something about a model."""

    code = "model_error"


class UnknownModel(ModelError):
    """No catalogue entry, folder or file of that name."""

    code = "unknown_model"


class ModelNotReady(ModelError):
    """The model is not loaded (yet)."""

    code = "model_not_ready"


class ModelDamaged(ModelError):
    """Files of the model are missing, cut short, or not those that were written."""

    code = "model_damaged"


class ModelUnsupported(ModelError):
    """An architecture, tokenizer or file format that we cannot run."""

    code = "model_unsupported"


class ModelTooLarge(ModelError):
    """It does not fit into the memory that is free."""

    code = "model_too_large"


class DiskFull(ModelError):
    """No space is left for a model."""

    code = "disk_full"


class EngineError(StarcoderError):
    """The engine could not answer."""

    code = "engine_error"


class EngineBusy(EngineError):
    """The engine's queue is full."""

    code = "engine_busy"


class EngineDied(EngineError):
    """The engine's process ended before the answer did."""

    code = "engine_died"


class SourceError(StarcoderError):
    """Weights could not be fetched."""

    code = "source_error"


class SourceUnreachable(SourceError):
    """No answer from where the weights come from, or no such file there."""

    code = "source_unreachable"


class SourceRefused(SourceError):
    """A gated model, or wrong credentials."""

    code = "source_refused"


class HashMismatch(SourceError):
    """The file that came is not the one that was asked for."""

    code = "hash_mismatch"


class ExportError(StarcoderError):
    """A checkpoint could not be written as a graph."""

    code = "export_error"


class CheckpointDamaged(ExportError):
    """A tensor or file of the checkpoint is missing or has the wrong shape."""

    code = "checkpoint_damaged"


class EvaluationError(StarcoderError):
    """A benchmark's data cannot be read, or its programs cannot be run here."""

    code = "evaluation_error"


def tree(root: type[StarcoderError] = StarcoderError) -> Iterator[type[StarcoderError]]:
    """Every class of the tree, root first."""
    yield root
    for leaf in root.__subclasses__():
        yield from tree(leaf)


def from_code(code: str, message: str) -> StarcoderError:
    """The error that another process sent as code and message."""
    for kind in tree():
        if kind.code == code and kind is not CellsMissing:
            return kind(message)
    return StarcoderError(message)
