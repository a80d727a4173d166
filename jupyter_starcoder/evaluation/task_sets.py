"""Every benchmark, by the name that the command knows."""

from collections.abc import Callable
from pathlib import Path

from jupyter_starcoder.evaluation import ds1000, humaneval, mbpp, multipl_e
from jupyter_starcoder.evaluation.data import DataFile, find_data, read_data
from jupyter_starcoder.evaluation.problem import TaskSet

MAKERS: dict[str, Callable[[DataFile], TaskSet]] = {
    "ds1000": ds1000.DS1000,
    "humaneval": humaneval.HumanEval,
    "mbpp": mbpp.MBPP,
    "multipl-e": multipl_e.MultiPLE,
}
PROMPTS: dict[str, tuple[str, ...]] = {
    "ds1000": ds1000.DS1000.prompts,
    "humaneval": humaneval.HumanEval.prompts,
    "mbpp": mbpp.MBPP.prompts,
    "multipl-e": multipl_e.MultiPLE.prompts,
}


def file_names(name: str, language: str) -> tuple[str, ...]:
    """What the data's file is called in a folder of benchmarks."""
    own = {"ds1000": ds1000.FILES, "humaneval": humaneval.FILES, "mbpp": mbpp.FILES}
    return own[name] if name in own else multipl_e.FILES[language]


def open_task_set(name: str, path: Path, language: str) -> tuple[TaskSet, DataFile]:
    """A benchmark from its file, or from a folder where it lies under its usual name.

    Raises:
        EvaluationError: the file is not there, damaged, or holds something else.
    """
    data = read_data(find_data(path, file_names(name, language)))
    return MAKERS[name](data), data
