"""Models tuned on conversations in ChatML, such as the embedded one.

They complete code best as plain text and answer questions best as a conversation. The questions are short and ask for
one thing: the embedded model has 135 million parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from jupyter_starcoder.prompt.budget import beginning_of, tokens_of
from jupyter_starcoder.prompt.change import ChangeFrame, changed, wish_within
from jupyter_starcoder.prompt.draft import Draft, frame
from jupyter_starcoder.prompt.family import Count
from jupyter_starcoder.prompt.form import NotebookForm
from jupyter_starcoder.prompt.plain import SCRIPT, Plain
from jupyter_starcoder.prompt.script import commented, fence_of, output_stop
from jupyter_starcoder.prompt.sections import prompt_of
from jupyter_starcoder.prompt.surroundings import lying_before
from jupyter_starcoder.prompt.talk import QUESTIONS, chatting, explaining
from jupyter_starcoder.prompt.turns import Spelling, Talk, talked
from jupyter_starcoder.values.conversation import Attachment, Change, Conversation, Speaker, Subject, Turn
from jupyter_starcoder.values.notebook import Place, Request
from jupyter_starcoder.values.prompt import Marker, Pieces, Prompt, Snippet, Text

TURN = Marker("<|im_start|>")
END = Marker("<|im_end|>")

_EXPLAIN = "You explain {}code from a notebook to a colleague. Be short and exact."
_CHAT = "You help a colleague with {}code in a notebook. Be short and exact."
_EDIT = "You change {}code from a notebook as a colleague wishes. You answer with the whole new code and nothing else."
_GENERATE = "You are a helpful AI assistant."
ROLES: dict[Speaker, str] = {"person": "user", "assistant": "assistant"}
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

    def explain(
        self,
        place: Place,
        subject: Subject,
        turns: Sequence[Turn],
        snippets: Sequence[Snippet],
        budget_tokens: int,
        count: Count,
    ) -> Prompt:
        """What a piece of the notebook does or says."""
        title = _title(place)
        talk = explaining(subject, turns, title.strip().lower(), QUESTIONS)
        return self._talked(talk, _EXPLAIN.format(title), place, snippets, (), Draft(budget_tokens, count))

    def chat(
        self, place: Place, said: Conversation, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What the assistant says next."""
        draft = Draft(budget_tokens, count)
        return self._talked(chatting(said), _CHAT.format(_title(place)), place, snippets, said.attachments, draft)

    def edit(
        self, place: Place, change: Change, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """What a text becomes: the assistant has begun a block of code."""
        draft = Draft(budget_tokens, count)
        wished = wish_within(change, draft)
        return changed(place, wished, _change_frame(place, wished), snippets, draft, self.stop_markers)

    def generate(
        self, place: Place, request: str, snippets: Sequence[Snippet], budget_tokens: int, count: Count
    ) -> Prompt:
        """Code for a request: the assistant has written the notebook so far and a comment that says what comes next.

        Asked to write the next cell for a notebook in the person's turn, the embedded model repeats the notebook; and
        below prose, which stands there as comments, it writes comments: at 16 requests about the tour, without a live
        kernel, 13 answers were nothing else, and without the prose none. With a live kernel some still are.
        """
        # Blank cells are left out; what is known of the others goes by their places.
        code = tuple(cell if cell.kind == "code" else replace(cell, source="") for cell in place.before)
        asked = beginning_of(request.strip(), max(1, budget_tokens // 4), count)
        title = _title(place)
        task = Text(f"user\nWrite {title}code for a notebook. Last step: {asked}")
        opening = Text(f"assistant\n```{title.strip().lower()}\n")
        turns = (*_turn("system", _GENERATE), TURN, task, END, Text("\n"), TURN, opening)
        draft = Draft(budget_tokens, count)
        if not draft.reserve(tokens_of(turns, count)):
            return Plain(self.stop_markers).generate(place, request, (), budget_tokens, count)
        own = commented(asked, place.language) + "\n"
        sections = SCRIPT.lay(replace(place, before=code, request=Request(words=asked)), own, snippets, draft)
        return prompt_of(
            (frame("request", turns, count), *sections),
            self.stop_markers,
            ("```", output_stop(place.language), "\n\n\n"),
        )

    def _talked(
        self,
        talk: Talk,
        system: str,
        place: Place,
        snippets: Sequence[Snippet],
        attachments: Sequence[Attachment],
        draft: Draft,
    ) -> Prompt:
        spelling = Spelling(
            opening=(TURN, Text("system\n"), Text(f"{system}\n")),
            closing=(END, Text("\n")),
            around=_around,
            answering=(TURN, Text("assistant\n")),
        )
        before = partial(lying_before, place, snippets, attachments)
        return talked(talk, spelling, before, draft, self.stop_markers)


def _around(speaker: Speaker) -> tuple[Pieces, Pieces]:
    return (TURN, Text(f"{ROLES[speaker]}\n")), (END, Text("\n"))


def _change_frame(place: Place, change: Change) -> ChangeFrame:
    """The code in the person's turn, and a block of code that the assistant has begun."""
    title = _title(place)
    tag = title.strip().lower() if place.kind == "code" else place.kind
    fence = fence_of(change.text)
    mishap = f"It fails:\n\n{fence}\n{change.mishap}\n{fence}\n\n" if change.mishap else ""
    return ChangeFrame(
        opening=(*_turn("system", _EDIT.format(title)), TURN, Text("user\n")),
        above=((Text(f"The notebook so far:\n\n{fence}{tag}\n"),), (Text(f"{fence}\n\n"),)),
        before=(Text(f"The code:\n\n{fence}{tag}\n"),),
        behind=(
            Text(f"\n{fence}\n\n{mishap}{change.wish}"),
            END,
            Text("\n"),
            TURN,
            Text(f"assistant\n{fence}{tag}\n"),
        ),
        stop_texts=(f"\n{fence}", fence),
    )


def _title(place: Place) -> str:
    """The language's name and a space, or nothing."""
    title = _TITLES.get(place.language)
    return f"{title} " if title else ""


def _turn(speaker: str, text: str) -> tuple[Marker | Text, ...]:
    return (TURN, Text(f"{speaker}\n{text}"), END, Text("\n"))
