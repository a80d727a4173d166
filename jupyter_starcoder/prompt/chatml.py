"""Models tuned on conversations in ChatML, such as the embedded one.

They complete code best as plain text and answer questions best as a conversation. The questions are short and ask for
one thing: the embedded model has 135 million parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_starcoder.prompt.budget import around, beginning_of, tokens_of
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.form import NotebookForm
from jupyter_starcoder.prompt.plain import SCRIPT, Plain
from jupyter_starcoder.prompt.script import commented, output_stop
from jupyter_starcoder.prompt.sections import prompt_of
from jupyter_starcoder.values.notebook import Place, Request
from jupyter_starcoder.values.prompt import Marker, Prompt, Snippet, Text

TURN = Marker("<|im_start|>")
END = Marker("<|im_end|>")

_EXPLAIN = "You explain {}code from a notebook to a colleague. Be short and exact."
_QUESTION = "What does this code do, line by line? Two or three sentences."
_GENERATE = "You are a helpful AI assistant."
# As people write them; a language that is not here goes without its name, which may be anything.
_TITLES = {
    **{"python": "Python", "r": "R", "julia": "Julia", "sql": "SQL", "bash": "Bash", "java": "Java", "scala": "Scala"},
    **{"c++": "C++", "javascript": "JavaScript", "typescript": "TypeScript", "rust": "Rust", "ruby": "Ruby"},
}


@dataclass(frozen=True, slots=True)
class ChatML:
    """Conversation for questions, plain script for completions."""

    stop_markers: tuple[str, ...]
    form: NotebookForm = SCRIPT

    @property
    def name(self) -> str:
        """Its name in `complete --show-prompt` and in the logs."""
        return "chatml"

    @property
    def markers(self) -> frozenset[str]:
        """What a turn begins and ends with, and those of its form."""
        return frozenset((TURN.spelling, END.spelling)) | self.form.markers

    def complete(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What is typed next at the cursor, as any model continues it."""
        return Plain(self.stop_markers, self.form).complete(place, snippets, budget_tokens, count)

    def explain(self, place: Place, snippets: Sequence[Snippet], budget_tokens: int, count: Count) -> Prompt:
        """What the cell does."""
        title = _title(place)
        system = _turn("system", _EXPLAIN.format(title))
        before = (*system, TURN, Text(f"user\n```{title.strip().lower()}\n"))
        behind = (Text(f"\n```\n\n{_QUESTION}"), END, Text("\n"), TURN, Text("assistant\n"))
        pieces = around(before, place.source.strip("\n"), behind, budget_tokens, count)
        return Prompt(
            pieces=pieces,
            stop_markers=self.stop_markers,
            sections=(frame("question", pieces, count),),
        )

    def generate(
        self, place: Place, request: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """Code for a request: the assistant has written the notebook so far and a comment that says what comes next.

        Asked to write the next cell for a notebook in the person's turn, the embedded model repeats the notebook.
        """
        asked = beginning_of(request.strip(), max(1, budget_tokens // 4), count)
        title = _title(place)
        task = Text(f"user\nWrite {title}code for a notebook. Last step: {asked}")
        opening = Text(f"assistant\n```{title.strip().lower()}\n")
        turns = (*_turn("system", _GENERATE), TURN, task, END, Text("\n"), TURN, opening)
        draft = Draft(budget_tokens, count)
        if not draft.reserve(tokens_of(turns, count)):
            return Plain(self.stop_markers).generate(place, request, (), budget_tokens, count)
        own = commented(asked, place.language) + "\n"
        sections = SCRIPT.lay(replace(place, request=Request(words=asked)), own, snippets, draft)
        return prompt_of(
            (frame("request", turns, count), *sections),
            self.stop_markers,
            ("```", output_stop(place.language), "\n\n\n"),
        )


def _title(place: Place) -> str:
    """The language's name and a space, or nothing."""
    title = _TITLES.get(place.language)
    return f"{title} " if title else ""


def _turn(speaker: str, text: str) -> tuple[Marker | Text, ...]:
    return (TURN, Text(f"{speaker}\n{text}"), END, Text("\n"))
