"""StarCoder, StarCoder2 and their kin: infilling, and notebooks between markers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from jupyter_starcoder.prompt.budget import tokens_of
from jupyter_starcoder.prompt.change_form import ChangeForm
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.form import NotebookForm
from jupyter_starcoder.prompt.infilling import Spelling, around, behind, is_followed
from jupyter_starcoder.prompt.plain import Plain
from jupyter_starcoder.prompt.sections import prompt_of
from jupyter_starcoder.prompt.transcript_form import TranscriptForm
from jupyter_starcoder.values.conversation import Change, Conversation, Subject, Turn
from jupyter_starcoder.values.notebook import Place, Request
from jupyter_starcoder.values.prompt import Marker, Pieces, Prompt, Snippet, Text

_FILENAME, _FILE = "<filename>", "<file_sep>"
_INFILLING_MARKERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StarCoder:
    """A model that was trained to fill in the middle."""

    spelling: Spelling
    form: NotebookForm  # at the end of a notebook
    infilling_form: NotebookForm  # where something follows the cursor
    is_suffix_first: bool  # it was trained with what follows in front
    has_filenames: bool
    has_files: bool  # a document begins with a marker (StarCoder2)
    change_form: ChangeForm
    stop_markers: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in `complete --show-prompt` and in the logs."""
        return "starcoder"

    @property
    def markers(self) -> frozenset[str]:
        """The markers of infilling and of its forms."""
        return self.spelling.markers | self.form.markers | self.infilling_form.markers

    def complete(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What is typed next: by infilling where something follows."""
        if place.kind == "code" and is_followed(place):
            draft = Draft(budget_tokens, count)
            named = self._named(place)
            if draft.reserve(_INFILLING_MARKERS + tokens_of((*self._opening, *named), count)):
                return self._infilling(place, named, snippets, draft)
        return self._plain.complete(place, snippets, budget_tokens, count)

    def explain(
        self,
        place: Place,
        subject: Subject,
        turns: Sequence[Turn],
        snippets: Sequence[Snippet],
        budget_tokens: int,
        count: Count,
    ) -> Prompt:
        """What a piece of the notebook does or says, asked for in a conversation."""
        return self._plain.explain(place, subject, turns, snippets, budget_tokens, count)

    def chat(
        self, place: Place, said: Conversation, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What the assistant says next."""
        return self._plain.chat(place, said, snippets, budget_tokens, count)

    def edit(
        self, place: Place, change: Change, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What a text becomes: a commit or, for StarCoder2, the answer to an issue."""
        return self._plain.edit(place, change, snippets, budget_tokens, count)

    def generate(
        self, place: Place, request: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """Code for a request, which stands in a transcript as the text above the cell."""
        draft = Draft(budget_tokens, count)
        if not isinstance(self.form, TranscriptForm) or not self.form.has_room(draft):
            return self._plain.generate(place, request, snippets, budget_tokens, count)
        asked = replace(place, request=Request(words=request.strip()))
        return prompt_of(self.form.lay(asked, "", snippets, draft), self.stop_markers, heal=True)

    @property
    def _plain(self) -> Plain:
        return Plain(self.stop_markers, self.form, self.change_form)

    @property
    def _opening(self) -> Pieces:
        return (Marker(_FILE),) if self.has_files else ()

    def _named(self, place: Place) -> Pieces:
        """The file's name, which belongs into the text in front of the cursor, in either order."""
        stem = PurePosixPath(place.path).stem or "notebook"
        return (Marker(_FILENAME), Text(f"{stem}.py\n")) if self.has_filenames else ()

    def _infilling(self, place: Place, named: Pieces, snippets: Sequence[Snippet], draft: Draft) -> Prompt:
        below = behind(place, draft)
        sections = self.infilling_form.lay(place, place.prefix, snippets, draft)
        front = (frame("name", named, draft.count), *sections)
        filled = around(front, below, self.spelling, is_suffix_first=self.is_suffix_first)
        return prompt_of(
            (frame("markers", self._opening, draft.count), *filled),
            self.stop_markers,
            self.infilling_form.stop_texts(place.language),
            heal=self.is_suffix_first,
        )
