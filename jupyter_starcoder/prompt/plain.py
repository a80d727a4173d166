"""For a model that only continues text: the notebook up to the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_starcoder.prompt.change import changed, wish_within
from jupyter_starcoder.prompt.change_form import ChangeForm, comment
from jupyter_starcoder.prompt.dialogue import conversation, explanation
from jupyter_starcoder.prompt.draft import Draft
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.form import NotebookForm
from jupyter_starcoder.prompt.script import blank_comment_stops, commented, fence_stops
from jupyter_starcoder.prompt.script_form import ScriptForm
from jupyter_starcoder.prompt.sections import prompt_of
from jupyter_starcoder.values.conversation import Change, Conversation, Subject, Turn
from jupyter_starcoder.values.notebook import Place, Request
from jupyter_starcoder.values.prompt import Prompt, Snippet

SCRIPT = ScriptForm()


@dataclass(frozen=True, slots=True)
class Plain:
    """What stands behind the cursor is not used."""

    stop_markers: tuple[str, ...] = ()  # special tokens that the model has: none of them belongs into an answer
    form: NotebookForm = SCRIPT
    change_form: ChangeForm = comment

    @property
    def name(self) -> str:
        """Its name in `complete --show-prompt` and in the logs."""
        return "plain"

    @property
    def markers(self) -> frozenset[str]:
        """Those of its form."""
        return self.form.markers

    def complete(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What is typed next at the cursor; a Markdown cell is a comment that goes on for one line."""
        draft = Draft(budget_tokens, count)
        if place.kind != "code":
            sections = SCRIPT.lay(place, commented(place.prefix, place.language), snippets, draft)
            return prompt_of(sections, self.stop_markers, ("\n",), heal=True)
        code_ends = (
            *self.form.stop_texts(place.language),
            *fence_stops(place.prefix),
            *blank_comment_stops(place.prefix, place.language),
        )
        sections = self.form.lay(place, place.prefix, snippets, draft)
        return prompt_of(sections, self.stop_markers, code_ends, heal=True)

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
        return explanation(place, subject, turns, snippets, Draft(budget_tokens, count), self.stop_markers)

    def chat(
        self, place: Place, said: Conversation, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What the assistant says next."""
        return conversation(place, said, snippets, Draft(budget_tokens, count), self.stop_markers)

    def edit(
        self, place: Place, change: Change, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What a text becomes, in the form in which the model has seen changes."""
        draft = Draft(budget_tokens, count)
        wished = wish_within(change, draft)
        return changed(place, wished, self.change_form(place, wished), snippets, draft, self.stop_markers)

    def generate(
        self, place: Place, request: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """Code below a comment that says what it is to do."""
        own = commented(request.strip(), place.language) + "\n"
        asked = replace(place, request=Request(words=request.strip()))
        sections = self.form.lay(asked, own, snippets, Draft(budget_tokens, count))
        stop_texts = (*self.form.stop_texts(place.language), *fence_stops(own), "\n\n\n")
        return prompt_of(sections, self.stop_markers, stop_texts)
