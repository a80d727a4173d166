"""A user's folders of the test's own, with the fake model."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user's configuration and models are."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_STARCODER_MODELS", str(tmp_path / "models"))
    return tmp_path


@pytest.fixture
def configure(home: Path) -> Callable[..., None]:
    """Writes the user's configuration file."""

    def write(**settings: object) -> None:
        (home / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": settings}))

    return write


@pytest.fixture
def fake(home: Path, configure: Callable[..., None]) -> Callable[..., None]:
    """Sets what the fake model answers."""
    configure(fake_rules=str(home / "rules.json"))

    def write(*rules: dict[str, object]) -> None:
        (home / "rules.json").write_text(json.dumps(rules))

    return write


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook file of two code cells."""
    path = tmp_path / "small.ipynb"
    sources = ("import math", "radius = 2\narea = ")
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"c{i}", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
        for i, source in enumerate(sources)
    ]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path
