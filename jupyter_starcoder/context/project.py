"""Files of the project that a notebook imports as a context source: signatures and docstrings, read and never run."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from jupyter_starcoder.context.outline import Outline, outline
from jupyter_starcoder.context.source import Found
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Snippet

MOST_FILES = 12
LARGEST_BYTES = 200_000  # of one file; a larger one is left out
MOST_OUTLINES = 256  # that are remembered
_LONGEST_CHARS = 20_000  # of a cell that is looked at
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+([^#\n]+)|import[ \t]+([^#\n]+))", re.MULTILINE)


class ProjectSource:
    """Looks for imported modules below a notebook's folder, then below the root; nowhere else."""

    name = "project"

    def __init__(self, root: Path) -> None:
        """Args: root: the folder that notebook paths begin at."""
        self._root = root.resolve()
        self._known: dict[tuple[Path, int, int], Outline] = {}  # by file, time of change and size

    async def find(self, place: Place, deadline_s: float) -> Found:
        """A snippet a file. Reading a file that is slow to come goes on behind the deadline, for the next time."""
        if place.language != "python":
            return Found()
        sources = [cell.source for cell in place.before if cell.kind == "code"]
        wanted = imports([*sources, place.source])
        if not wanted:
            return Found()
        return Found(await asyncio.shield(asyncio.to_thread(self._found, place.path, wanted)))

    def _found(self, path: str, wanted: Mapping[str, frozenset[str]]) -> tuple[Snippet, ...]:
        folders = self._folders(path)
        # Most modules are installed ones, which nothing here has the name of.
        ours = {name for name in {module.partition(".")[0] for module in wanted} if _is_somewhere(name, folders)}
        found: dict[Path, str] = {}
        for module, names in wanted.items():
            if module.partition(".")[0] not in ours:
                continue
            for each in (module, *(f"{module}.{name}" for name in sorted(names))):
                file = next((file for folder in folders if (file := self._file(folder, each))), None)
                if file is None or file in found or len(found) == MOST_FILES:
                    continue
                if text := self._outline(file).text(names if each == module else frozenset()):
                    found[file] = text
        return tuple(
            Snippet(source=self.name, title=file.relative_to(self._root).as_posix(), text=text, score=1 / (1 + number))
            for number, (file, text) in enumerate(found.items())
        )

    def _folders(self, path: str) -> tuple[Path, ...]:
        """The notebook's own folder, and the root. A path may begin with the name of a drive, as a shared one does."""
        own = (self._root / PurePosixPath(path.partition(":")[2] or path)).parent.resolve()
        return (own, self._root) if own.is_relative_to(self._root) and own != self._root else (self._root,)

    def _file(self, folder: Path, module: str) -> Path | None:
        base = folder.joinpath(*module.split("."))
        for candidate in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
            try:
                file = candidate.resolve()
                if file.is_relative_to(self._root) and file.is_file():
                    return file
            except (OSError, RuntimeError):  # no right to look, or links that go round in a circle
                continue
        return None

    def _outline(self, file: Path) -> Outline:
        try:
            facts = file.stat()
            key = (file, facts.st_mtime_ns, facts.st_size)
            known = self._known.get(key)
            if known is None:
                known = outline(file.read_bytes()) if facts.st_size <= LARGEST_BYTES else Outline(())
        except OSError:
            return Outline(())
        if len(self._known) >= MOST_OUTLINES:
            self._known.clear()
        self._known[key] = known
        return known


def _is_somewhere(name: str, folders: Sequence[Path]) -> bool:
    try:
        return any((folder / each).exists() for folder in folders for each in (name, f"{name}.py"))
    except OSError:  # no right to look
        return False


def imports(sources: Iterable[str]) -> dict[str, frozenset[str]]:
    """The modules that code imports, in the order in which it does, with the names out of each; none means all."""
    found: dict[str, frozenset[str]] = {}
    for source in sources:
        for module, names in _imports(source[:_LONGEST_CHARS]):
            found[module] = found.get(module, names) | names if names and found.get(module, names) else frozenset()
    return found


@lru_cache(maxsize=2048)
def _imports(source: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Found line by line, since a cell that is being typed, or has magics, is no Python that a parser takes."""
    found: list[tuple[str, frozenset[str]]] = []
    for module, names, modules in _IMPORT.findall(source):
        if module:
            wanted = frozenset(part.split()[0] for name in names.split(",") if (part := name.strip(" ()\t\\")))
            found.append((module, frozenset() if "*" in wanted else wanted))
        else:
            found += [(words[0], frozenset()) for part in modules.split(",") if (words := part.split())]
    return tuple((name, names) for name, names in found if all(part.isidentifier() for part in name.split(".")))
