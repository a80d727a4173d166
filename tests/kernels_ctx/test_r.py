"""What a real R kernel's values are told as."""

from typing import TYPE_CHECKING

import pytest

from kernels_ctx.text import line

if TYPE_CHECKING:
    from tests.kernels_ctx.conftest import LiveKernel

FRAME = """
trips <- data.frame(dock = factor(c("north", "south", NA)), minutes = c(1.5, NA, NA), `unit price` = 1:3,
                    day = as.Date(c("2020-01-01", NA, NA)), check.names = FALSE)
"""
CASES = [
    (
        "trips",
        FRAME,
        "data.frame 3 × 4, columns dock (factor, 2 levels, 33 % null), minutes (numeric, 67 % null), "
        "`unit price` (integer), day (Date, 67 % null)",
    ),
    (
        "at",
        "at <- data.frame(at = as.POSIXct('2020-01-01', tz = 'UTC'))",
        "data.frame 1 × 1, columns at (POSIXct, UTC)",
    ),
    ("level", "level <- factor(c('u', 'v', 'u'))", "factor 2 levels"),
    ("m", "m <- matrix(1:6, 2)", "matrix 2 × 3 integer"),
    ("v", "v <- c(1.5, 2)", "numeric 2"),
    ("parts", "parts <- list(a = 1, b = 'x')", "list 2 of character or numeric"),
    (
        "join",
        "join <- function(left, right = 2, ..., how = c('x', 'y')) left",
        'function (left, right = 2, ..., how = c("x", "y"))',
    ),
    ("total", "total <- sum", "function (..., na.rm = FALSE)"),
    ("model", "model <- lm(minutes ~ 1, data.frame(minutes = 1:3))", "lm"),
]


@pytest.mark.parametrize(("name", "code", "text"), CASES, ids=[name for name, _, _ in CASES])
def test_snapshot_r_value_is_told_by_its_kind(r: "LiveKernel", name: str, code: str, text: str) -> None:
    """Classes, columns, levels and parameters are told; values are not."""
    r.run(code)

    assert line(r.variable(name)) == f"{name}: {text}"


@pytest.mark.parametrize(
    ("package", "code", "text"),
    [
        ("tibble", "tibble::tibble(a = 1:2, l = list(1, 2))", "tibble 2 × 2, columns a (integer), l (list)"),
        ("data.table", "data.table::data.table(id = 1:2, key = 'id')", "data.table 2 × 1 key id, columns id (integer)"),
    ],
)
def test_snapshot_r_frame_of_a_package_is_told(r: "LiveKernel", package: str, code: str, text: str) -> None:
    """Frames of packages are known by their class."""
    r.run(f"found <- if (requireNamespace('{package}', quietly = TRUE)) {code} else NULL")
    found = r.variable("found")
    if not found.is_frame:
        pytest.skip(f"the R package {package} is not installed")

    assert line(found) == f"found: {text}"


def test_snapshot_r_with_examples_gives_first_values_and_levels(r: "LiveKernel") -> None:
    """As R spells them, only where they are asked for."""
    r.run(FRAME)

    assert [column.examples for column in r.variable("trips", "schema+examples").columns] == [
        ('"north"', '"south"'),
        ("1.5",),
        ("1", "2", "3"),
        ('"2020-01-01"',),
    ]
    assert {column.examples for column in r.variable("trips").columns} == {()}


def test_snapshot_r_hostile_object_is_never_run(r: "LiveKernel") -> None:
    """No method of a user's class and no active binding runs, and nothing stays behind."""
    r.run("""
harm <- function(...) { ran <<- TRUE; Sys.sleep(60) }
length.hostile <- names.hostile <- dim.hostile <- print.hostile <- format.hostile <- as.list.hostile <- harm
`[.hostile` <- `[[.hostile` <- `$.hostile` <- is.na.hostile <- as.character.hostile <- unique.hostile <- harm
thing <- structure(list(1), class = "hostile")
numbers <- structure(1:3, class = "hostile")
frame <- structure(list(a = numbers), class = c("hostile", "data.frame"), row.names = c(NA, -3L))
makeActiveBinding("active", harm, environment())
""")

    found = r.look("schema+examples")

    assert {"thing", "numbers", "frame", "active"} <= set(found.names)
    assert "ran" not in found.names
    assert found.variable("frame") is not None


def test_snapshot_r_leaves_no_name_behind(r: "LiveKernel") -> None:
    """The probe binds nothing, hidden or not."""
    r.run("names_before <- character(); names_before <- ls(globalenv(), all.names = TRUE)")
    r.look("schema+examples")

    r.run("stopifnot(identical(names_before, ls(globalenv(), all.names = TRUE)))")
