"""The memory of cells: what makes a keystroke's request small in a long notebook.

A page sends a cell in full once, under a hash of its own choice, and afterwards the hash alone. The server keeps the
cells of the newest request of each page and forgets the pages that were asked about longest ago.
"""

from collections import OrderedDict
from dataclasses import dataclass

from jupyter_starcoder.errors import CellsMissing
from jupyter_starcoder.values.notebook import Cell, Notebook, Output
from jupyter_starcoder.wire import WireCell, WireNotebook

LIMIT_BYTES = 64 * 1024 * 1024  # of all pages together
CELL_BYTES = 200  # what a cell costs besides its text, roughly


@dataclass(frozen=True, slots=True)
class Page:
    """One notebook in one browser page.

    The user is left out: a request that comes with a token has another made-up user name each time. A session is as
    good, a name that its page chose at random and told nobody else.
    """

    session: str
    path: str


class CellMemory:
    """Cells by page and hash, bounded in bytes."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._pages: OrderedDict[Page, dict[str, Cell]] = OrderedDict()
        self._page_bytes: dict[Page, int] = {}

    @property
    def size_bytes(self) -> int:
        """What is held now, roughly."""
        return sum(self._page_bytes.values())

    def resolve(self, page: Page, notebook: WireNotebook) -> Notebook:
        """The notebook with every hash replaced by its cell; its cells are remembered.

        Raises:
            CellsMissing: hashes that are not known here. What came in full is remembered nevertheless.
        """
        known = self._pages.get(page, {})
        named: dict[str, Cell] = {}
        cells: list[Cell] = []
        missing: list[str] = []
        for item in notebook.cells:
            if isinstance(item, WireCell):
                cell = _cell(item)
                cells.append(cell)
                if item.hash:
                    named[item.hash] = cell
            elif item in known:
                cells.append(known[item])
                named[item] = known[item]
            else:
                missing.append(item)
        self._remember(page, named)
        if missing:
            raise CellsMissing(tuple(dict.fromkeys(missing)))
        return Notebook(cells=tuple(cells), language=notebook.language.lower(), path=notebook.path, live=notebook.live)

    def _remember(self, page: Page, cells: dict[str, Cell]) -> None:
        if not page.session:
            return
        self._pages[page] = cells
        self._pages.move_to_end(page)
        names = (page.session, page.path, *cells)
        self._page_bytes[page] = sum(map(len, names)) + CELL_BYTES + sum(map(_size_bytes, cells.values()))
        while self._pages and self.size_bytes > self._limit_bytes:
            oldest, _ = self._pages.popitem(last=False)
            del self._page_bytes[oldest]


def _cell(cell: WireCell) -> Cell:
    outputs = tuple(Output(kind=output.kind, text=output.text) for output in cell.outputs)
    return Cell(kind=cell.kind, source=cell.source, outputs=outputs, run=cell.run)


def _size_bytes(cell: Cell) -> int:
    # At most four bytes a character in memory; most notebooks need one.
    text = len(cell.source) + sum(len(output.text) for output in cell.outputs)
    return CELL_BYTES + 4 * text
