"""Reads a notebook file, or a source file as a notebook of one cell."""

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from jupyter_starcoder.errors import BadNotebook
from jupyter_starcoder.notebook.outputs import error_text, plain
from jupyter_starcoder.values.notebook import Cell, CellKind, Notebook, Output

_LANGUAGES = {".py": "python", ".r": "r", ".jl": "julia"}
_KINDS: dict[object, CellKind] = {"code": "code", "markdown": "markdown", "raw": "raw"}


def read_notebook(path: Path) -> Notebook:
    """The notebook in a file: `.ipynb` of format 3 or 4, or a source file, which becomes one code cell.

    Raises:
        BadNotebook: the file is not there, or holds no notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadNotebook(f"{path} cannot be read ({error.strerror}): check the path") from error
    except UnicodeDecodeError as error:
        raise BadNotebook(f"{path} is not UTF-8 text: save it again from Jupyter") from error
    if path.suffix.lower() in _LANGUAGES:
        return Notebook(
            cells=(Cell(kind="code", source=text),), language=_LANGUAGES[path.suffix.lower()], path=path.name
        )
    try:
        return _notebook(_parsed(text, path), path)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadNotebook(f"{path} is JSON but no notebook ({error!r}): save it again from Jupyter") from error


def _parsed(text: str, path: Path) -> Mapping[str, object]:
    """The file's JSON, brought to format 4."""
    import nbformat  # here: it brings jsonschema, which nothing else needs

    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadNotebook(f"{path} is not JSON ({error}): restore it, or save it again from Jupyter") from error
    if not isinstance(found, dict) or found.get("nbformat") not in (3, 4):
        version = found.get("nbformat", "no format") if isinstance(found, dict) else type(found).__name__
        raise BadNotebook(f"{path} holds {version!r}, not a notebook of format 3 or 4: open and save it in Jupyter")
    with warnings.catch_warnings():
        # A notebook without cell ids can be read all the same.
        warnings.simplefilter("ignore")
        try:
            upgraded: Mapping[str, object] = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        except (nbformat.ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = str(error).partition("\n")[0]
            raise BadNotebook(f"{path} breaks the notebook format ({reason}): open and save it in Jupyter") from error
    return upgraded


def _notebook(found: Mapping[str, object], path: Path) -> Notebook:
    cells = found["cells"]
    if not isinstance(cells, list):
        raise TypeError("cells is not a list")
    return Notebook(cells=tuple(cell_of(cell) for cell in cells), language=_language(found), path=path.name)


def _language(found: Mapping[str, object]) -> str:
    metadata = _mapping(found.get("metadata"))
    named = _mapping(metadata.get("language_info")).get("name") or _mapping(metadata.get("kernelspec")).get("language")
    return named.lower() if isinstance(named, str) and named else "python"


def cell_of(cell: Mapping[str, object]) -> Cell:
    """A cell of format 4."""
    outputs, run = cell.get("outputs", []), cell.get("execution_count")
    texts = [_output(output) for output in outputs] if isinstance(outputs, list) else []
    return Cell(
        kind=_KINDS[cell["cell_type"]],
        source=_joined(cell["source"]),
        outputs=tuple(output for output in texts if output is not None),
        run=run if isinstance(run, int) else 0,
    )


def _output(output: Mapping[str, object]) -> Output | None:
    match output["output_type"]:
        case "stream":
            return Output(kind="stream", text=plain(_joined(output["text"])))
        case "execute_result" | "display_data":
            text = plain(_joined(_mapping(output.get("data")).get("text/plain", "")))
            return Output(kind="result", text=text) if text else None
        case "error":
            traceback = output.get("traceback", [])
            lines = [str(line) for line in traceback] if isinstance(traceback, list) else []
            return Output(kind="error", text=error_text(str(output["ename"]), str(output["evalue"]), lines))
        case _:
            return None


def _joined(source: object) -> str:
    """Text that the format allows to be a string or a list of lines."""
    if isinstance(source, str):
        return source
    if isinstance(source, Sequence):
        return "".join(str(line) for line in source)
    raise TypeError(f"{type(source).__name__} where text is due")


def _mapping(found: object) -> Mapping[str, object]:
    return found if isinstance(found, Mapping) else {}
