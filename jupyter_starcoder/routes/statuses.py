"""The error tree as HTTP statuses: the one table."""

from jupyter_starcoder import errors

# A 403 is of two kinds, told apart by the code of its body. "forbidden" comes from the server itself: this person may
# not, and logging in again may help. "not_permitted" is ours: the administrator's word, which holds for everybody.
STATUSES: dict[type[errors.StarcoderError], int] = {
    errors.StarcoderError: 500,
    errors.BadRequest: 400,
    errors.BadCursor: 400,
    errors.BadNotebook: 400,
    errors.CellTooLong: 413,
    errors.RequestTooLarge: 413,
    errors.CellsMissing: 409,
    errors.NotPermitted: 403,
    errors.ServerRefused: 502,
    errors.ExtraMissing: 503,
    errors.HistoryError: 503,
    errors.UnknownChat: 404,
    errors.ModelError: 500,
    errors.UnknownModel: 404,
    errors.ModelNotReady: 503,
    errors.ModelDamaged: 500,
    errors.ModelUnsupported: 422,
    errors.ModelTooLarge: 507,
    errors.DiskFull: 507,
    errors.EngineError: 500,
    errors.EngineBusy: 429,
    errors.EngineDied: 502,
    errors.SourceError: 502,
    errors.SourceUnreachable: 502,
    errors.SourceRefused: 502,
    errors.HashMismatch: 502,
    errors.ExportError: 500,
    errors.CheckpointDamaged: 500,
    errors.EvaluationError: 500,
}

# Codes of refusals that come from the server itself, before our own errors can.
SERVER_CODES = {403: "forbidden", 404: "not_found", 405: "method_not_allowed"}


def status_of(error: errors.StarcoderError) -> int:
    """The status of an error; a room's private leaf has that of the nearest one above it."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
