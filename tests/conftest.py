"""What all tests share: the order, and the embedded model."""

import os
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's sync API keeps an event loop running that breaks later asyncio tests."""
    items.sort(key=lambda item: "/tests/ui/" in item.path.as_posix())


@pytest.fixture(scope="session")
def embedded_model() -> Path:
    """The folder of the embedded model; prepared by `make model`, which `make test` runs first."""
    from jupyter_starcoder.models.catalogue import EMBEDDED
    from jupyter_starcoder.models.store import Store, default_root

    from jupyter_starcoder.errors import ModelError

    try:
        return Store(default_root()).folder(EMBEDDED)
    except ModelError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{error}: run `make model`")
