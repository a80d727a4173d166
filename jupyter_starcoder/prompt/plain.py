"""For a model that only continues text: the notebook as a script, up to the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_starcoder.prompt.dialogue import explanation
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.script import blank_comment_stops, commented, fence_stops, output_stop
from jupyter_starcoder.prompt.scripted import script_up_to
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Prompt, Snippet, Text


@dataclass(frozen=True, slots=True)
class Plain:
    """Code cells as code; Markdown, outputs and context as comments. What stands behind the cursor is not used."""

    stop_markers: tuple[str, ...] = ()  # special tokens that the model has: none of them belongs into an answer

    @property
    def name(self) -> str:
        """Its name in `complete --show-prompt` and in the logs."""
        return "plain"

    @property
    def markers(self) -> frozenset[str]:
        """It needs none."""
        return frozenset()

    def complete(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What is typed next at the cursor; a Markdown cell is a comment that goes on for one line."""
        is_code = place.kind == "code"
        own = place.prefix if is_code else commented(place.prefix, place.language)
        script = script_up_to(place, own, snippets, budget_tokens, count)
        code_ends = (
            output_stop(place.language),
            *fence_stops(place.prefix),
            *blank_comment_stops(place.prefix, place.language),
        )
        return Prompt(
            pieces=(Text(script.text),),
            stop_markers=self.stop_markers,
            stop_texts=code_ends if is_code else ("\n",),
            heal=True,
            sections=script.sections,
        )

    def explain(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What the cell does, asked for in a conversation."""
        return explanation(place, budget_tokens, count, self.stop_markers)

    def generate(
        self, place: Place, request: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """Code below a comment that says what it is to do."""
        own = commented(request.strip(), place.language) + "\n"
        script = script_up_to(place, own, snippets, budget_tokens, count)
        return Prompt(
            pieces=(Text(script.text),),
            stop_markers=self.stop_markers,
            stop_texts=(output_stop(place.language), *fence_stops(own), "\n\n\n"),
            sections=script.sections,
        )
