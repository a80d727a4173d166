"""StarCoder, StarCoder2 and their kin: infilling, and notebooks between markers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from jupyter_starcoder.prompt.budget import (
    STEPS,
    beginning_of,
    chosen,
    cost,
    end_of,
    tokens_of,
)
from jupyter_starcoder.prompt.dialogue import explanation
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.plain import Plain
from jupyter_starcoder.prompt.script import SEPARATOR, script_parts
from jupyter_starcoder.prompt.scripted import context_text, script_up_to
from jupyter_starcoder.prompt.transcript import MARKERS as NOTEBOOK_MARKERS
from jupyter_starcoder.prompt.transcript import flattened, rejoined, transcript
from jupyter_starcoder.values.notebook import Cell, Place
from jupyter_starcoder.values.prompt import Marker, Prompt, Section, Snippet, Text

SPELLINGS = (
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),  # SantaCoder
)
_SUFFIX_TOKENS = 256  # of what stands behind the cursor: it is read again at every keystroke
_FILENAME = "<filename>"


@dataclass(frozen=True, slots=True, kw_only=True)
class StarCoder:
    """A model that was trained to fill in the middle."""

    spelling: tuple[str, str, str]  # markers in front of the prefix, the suffix and the middle
    has_notebooks: bool  # it knows the notebook markers
    keeps_lines: bool  # its notebooks kept Markdown's lines (StarCoder2)
    has_filenames: bool
    stop_markers: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in `complete --show-prompt` and in the logs."""
        return "starcoder"

    @property
    def markers(self) -> frozenset[str]:
        """The markers of infilling, and those that it found."""
        return frozenset(self.spelling) | (NOTEBOOK_MARKERS if self.has_notebooks else frozenset())

    def complete(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What is typed next: as a transcript at the notebook's end, by infilling where something follows."""
        if place.kind != "code":
            return self._plain.complete(place, snippets, budget_tokens, count)
        if place.suffix.strip() or any(cell.kind == "code" and cell.source.strip() for cell in place.after):
            return self._infilling(place, snippets, budget_tokens, count)
        if self.has_notebooks:
            return self._transcript(place, place.prefix, snippets, budget_tokens, count)
        return self._plain.complete(place, snippets, budget_tokens, count)

    def explain(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What the cell does, asked for in a conversation."""
        return explanation(place, budget_tokens, count, self.stop_markers)

    def generate(
        self, place: Place, request: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """Code for a request, which stands in the transcript as the text of the cell above."""
        if not self.has_notebooks:
            return self._plain.generate(place, request, snippets, budget_tokens, count)
        asked = beginning_of(request.strip(), max(1, budget_tokens // 2), count)
        cell = Cell(kind="markdown", source=asked if self.keeps_lines else flattened(asked))
        wanted = Place(before=(*place.before, cell), prefix="", suffix="", after=(), language=place.language)
        return self._transcript(wanted, "", snippets, budget_tokens, count)

    @property
    def _plain(self) -> Plain:
        return Plain(self.stop_markers)

    def _transcript(
        self, place: Place, prefix: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        cells = transcript(place.before, keeps_lines=self.keeps_lines, budget_tokens=budget_tokens, count=count)
        frame_tokens = 3 + tokens_of(cells.ending, count)  # the start, and markers in front of a cut triplet
        room = budget_tokens - frame_tokens
        if room < 1:
            return self._plain.complete(place, (), budget_tokens, count)
        own = end_of(prefix, max(1, room * 3 // 4), count)
        own_tokens = cost(own, count)
        context = context_text(snippets, place.language, min(room // 4, room - own_tokens), count)
        context_tokens = cost(context, count)
        kept = chosen(cells.parts, room - own_tokens - context_tokens, budget_tokens // STEPS, count)
        before = rejoined(kept)
        return Prompt(
            pieces=(*before, *cells.ending, Text(context + own)),
            stop_markers=self.stop_markers,
            heal=True,
            sections=(
                Section(name="cells", tokens=tokens_of((*before, *cells.ending), count)),
                Section(name="context", tokens=context_tokens),
                Section(name="cell", tokens=own_tokens),
            ),
        )

    def _infilling(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        first, second, third = map(Marker, self.spelling)
        name = (Marker(_FILENAME), Text(f"{_script_name(place)}\n")) if self.has_filenames else ()
        room = budget_tokens - 3 - tokens_of(name, count)
        if room < len(SPELLINGS):
            return self._plain.complete(place, (), budget_tokens, count)
        behind = self._behind(place, min(_SUFFIX_TOKENS, room // 4), count)
        behind_tokens = cost(behind, count)
        script = script_up_to(place, place.prefix, snippets, room - behind_tokens, count)
        return Prompt(
            pieces=(first, *name, Text(script.text), second, Text(behind), third),
            stop_markers=self.stop_markers,
            sections=(*script.sections, Section(name="behind", tokens=behind_tokens)),
        )

    def _behind(self, place: Place, limit_tokens: int, count: Count) -> str:
        """The rest of the cell, then the cells below, as far as they fit."""
        cells = [cell for cell in place.after if cell.kind == "code"]
        below = "".join(part.text for part in script_parts(cells[:3], place.language, limit_tokens * 4, count))
        return beginning_of(place.suffix + (SEPARATOR + below if below else ""), limit_tokens, count)


def _script_name(place: Place) -> str:
    stem = PurePosixPath(place.path).stem
    return f"{stem or 'notebook'}.py"
