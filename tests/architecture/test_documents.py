"""What the documents name is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEMANDS = (ROOT / "docs" / "demands.md").read_text(encoding="utf-8")
IN_PYTHON = re.findall(r"`([\w/]+\.py)::(test_\w+)`", DEMANDS)
IN_TYPESCRIPT = re.findall(r"`([\w/.]+\.spec\.ts)`", DEMANDS)


def test_every_test_that_the_demands_name_exists() -> None:
    """Each demand that is called met is held by a test of that name in that file."""
    absent = [
        f"{file}::{test}"
        for file, test in IN_PYTHON
        if not re.search(rf"^(async )?def {test}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert absent == []
    assert [file for file in IN_TYPESCRIPT if not (ROOT / "labextension" / "src" / file).exists()] == []


def test_every_demand_has_its_row() -> None:
    """The 25 demands are numbered through, and each says what holds it."""
    rows = re.findall(r"^\| (\d+) \|.*\|$", DEMANDS, re.MULTILINE)

    assert rows == [str(number) for number in range(1, 26)]
    assert len(IN_PYTHON) >= len(rows)
