"""The memory of cells."""

import pytest

from jupyter_starcoder.errors import CellsMissing
from jupyter_starcoder.routes.cells import CellMemory, Page
from jupyter_starcoder.wire import WireCell, WireNotebook

PAGE = Page("page", "a.ipynb")


def cell(name: str, source: str = "") -> WireCell:
    """A cell in full."""
    return WireCell(kind="code", source=source or name, hash=name)


def sources(memory: CellMemory, *cells: WireCell | str, page: Page = PAGE) -> list[str]:
    """The cells that the memory makes of these."""
    return [found.source for found in memory.resolve(page, WireNotebook(cells=cells)).cells]


def test_resolve_of_a_hash_gives_the_cell_that_was_sent() -> None:
    """Order and repetition are those of the request."""
    memory = CellMemory()
    sources(memory, cell("a"), cell("b"))

    assert sources(memory, "b", cell("c"), "a", "b") == ["b", "c", "a", "b"]


def test_resolve_with_unknown_hashes_names_each_once_and_keeps_the_rest() -> None:
    """The second try needs only what was missing."""
    memory = CellMemory()

    with pytest.raises(CellsMissing) as caught:
        sources(memory, "x", cell("a"), "y", "x")

    assert caught.value.hashes == ("x", "y")
    assert sources(memory, cell("x"), "a", cell("y")) == ["x", "a", "y"]


@pytest.mark.parametrize("other", [Page("other", "a.ipynb"), Page("page", "b.ipynb")])
def test_resolve_for_another_page_does_not_see_the_cells(other: Page) -> None:
    """A hash opens nothing of another page or notebook."""
    memory = CellMemory()
    sources(memory, cell("a"))

    with pytest.raises(CellsMissing):
        sources(memory, "a", page=other)


def test_resolve_forgets_what_the_notebook_no_longer_holds() -> None:
    """The memory of a page is its newest request."""
    memory = CellMemory()
    sources(memory, cell("a"), cell("b"))
    sources(memory, "b")

    with pytest.raises(CellsMissing):
        sources(memory, "a")


def test_resolve_without_a_session_or_a_hash_keeps_nothing() -> None:
    """What cannot be named again is not kept."""
    memory = CellMemory()
    sources(memory, cell("a"), page=Page("", "a.ipynb"))

    assert memory.size_bytes == 0


def test_memory_over_its_limit_forgets_the_page_asked_longest_ago() -> None:
    """Its size is bounded, whatever is sent."""
    memory = CellMemory(limit_bytes=10_000)
    pages = [Page(f"page {number}", "a.ipynb") for number in range(3)]
    for page in pages[:2]:
        sources(memory, cell("a", "x" * 1000), page=page)
    sources(memory, "a", page=pages[0])  # asked again: page 1 is the oldest now

    sources(memory, cell("a", "x" * 1000), page=pages[2])

    assert memory.size_bytes <= 10_000
    assert sources(memory, "a", page=pages[0])
    with pytest.raises(CellsMissing):
        sources(memory, "a", page=pages[1])


def test_notebook_over_the_limit_is_answered_and_not_kept() -> None:
    """A notebook that is too large for the memory still gets its answers."""
    memory = CellMemory(limit_bytes=1000)

    assert sources(memory, cell("a", "x" * 5000)) == ["x" * 5000]
    assert memory.size_bytes <= 1000


def test_resolve_gives_the_language_in_lower_case() -> None:
    """Kernels spell it as they like, and prompts know one spelling."""
    assert CellMemory().resolve(PAGE, WireNotebook(cells=(), language="R")).language == "r"
