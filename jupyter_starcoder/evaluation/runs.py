"""Where runs and benchmarks lie when nobody says otherwise."""

import datetime
import re
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.report import REPORT_FILE
from jupyter_starcoder.evaluation.results import RESULTS_FILE, Record, Results, read_record


def default_root() -> Path:
    """The folder of all that evaluation keeps."""
    return Path(jupyter_data_dir()) / "starcoder" / "evaluation"


def data_path() -> Path:
    """Where benchmarks are looked for.

    Raises:
        EvaluationError: there is no such folder.
    """
    folder = default_root() / "data"
    if not folder.is_dir():
        raise EvaluationError(f"no benchmark is here: give its file with --data, or put it into {folder}")
    return folder


def open_results(folder: Path | None, record: Record, *, resumes: bool) -> Results:
    """The results of a run that goes on, or of a new one.

    Args:
        folder: where; None for a new folder, or the newest one of a run like this that was not finished.
        record: how the run is made.
        resumes: whether one is to go on; a new one begins where there is none.

    Raises:
        EvaluationError: the folder holds another run.
    """
    folder = folder_for(folder, record, resumes=resumes)
    if resumes and (folder / RESULTS_FILE).exists():
        return Results.resume(folder, record)
    return Results.begin(folder, record)


def folder_for(folder: Path | None, record: Record, *, resumes: bool) -> Path:
    """The folder of a run; the arguments are those of `open_results`."""
    if folder is not None:
        return folder
    root = default_root() / "runs"
    return (_unfinished(root, record) if resumes else None) or _fresh(root, record)


def _stem(record: Record) -> str:
    answers = record.conditions["answers"]
    name = str(answers.get("model") or answers.get("given")) if isinstance(answers, dict) else ""
    return re.sub(r"[^\w.-]+", "-", f"{record.conditions['task_set']}-{name}")


def _fresh(root: Path, record: Record) -> Path:
    """A folder that nobody has yet."""
    stamp = datetime.datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    root.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        folder = root / (f"{_stem(record)}-{stamp}" + (f"-{number}" if number > 1 else ""))
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise EvaluationError(f"{root} holds a thousand runs of this second: give another folder with --output")


def _unfinished(root: Path, record: Record) -> Path | None:
    """The newest run like this that has no report yet."""
    begun = [path.parent for path in root.glob(f"{_stem(record)}-*/{RESULTS_FILE}")]
    waiting = [folder for folder in sorted(begun, reverse=True) if not (folder / REPORT_FILE).exists()]
    return next((folder for folder in waiting if _is_alike(folder, record)), None)


def _is_alike(folder: Path, record: Record) -> bool:
    try:
        older = read_record(folder)
    except EvaluationError:
        return False  # killed before its first line was whole
    return not record.differing(older)
