"""Kaggle's scripts as StarCoder2 saw them: what the data looks like first, then one script.

Source: the StarCoder2 paper (arXiv 2402.19173), section 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from jupyter_starcoder.prompt.budget import cost
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.script import output_stop
from jupyter_starcoder.prompt.script_form import script_sections
from jupyter_starcoder.prompt.sections import of_source
from jupyter_starcoder.prompt.transcript import MARKERS, START, TEXT
from jupyter_starcoder.prompt.transcript_form import TranscriptForm, shown_frames
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Marker, Pieces, Section, Snippet, Text

SCRIPT = Marker("<jupyter_script>")
_FRAME_TOKENS = 3  # markers: the start, the title's, the script's


@dataclass(frozen=True, slots=True)
class KaggleForm:
    """Frames as outputs, then a script; a transcript where there is no frame."""

    transcript: TranscriptForm

    @property
    def markers(self) -> frozenset[str]:
        """Those of a notebook, and the one that begins a script."""
        return MARKERS | {SCRIPT.spelling}

    def lay(self, place: Place, own: str, snippets: Sequence[Snippet], draft: Draft) -> tuple[Section, ...]:
        """See `NotebookForm.lay`."""
        variables = of_source(snippets, "kernel")
        others = [snippet for snippet in variables if not snippet.output]
        title = Text(PurePosixPath(place.path).stem.replace("_", " ") or "Notebook")
        has_frame = any(snippet.output for snippet in variables)
        if not has_frame or not draft.reserve(_FRAME_TOKENS + cost(title.text, draft.count)):
            return self.transcript.lay(place, own, snippets, draft)

        def kernel(room_tokens: int) -> Pieces:
            return shown_frames(variables, room_tokens, draft.count)

        script = script_sections(place, own, snippets, draft, kernel, others)
        # The first frame's text is the title: its marker stands there already.
        opening = (START, TEXT, title, *script.kernel.pieces[1:]) if script.kernel.pieces else ()
        return (
            frame(script.kernel.name, opening, draft.count),
            frame("markers", (SCRIPT,), draft.count),
            script.project,
            script.cells,
            script.related,
            script.names,
            script.cell,
        )

    def stop_texts(self, language: str) -> tuple[str, ...]:
        """See `NotebookForm.stop_texts`."""
        return (output_stop(language),)
