"""What is asked in words: about a piece of a notebook, or about anything."""

from collections.abc import Sequence

from jupyter_starcoder.prompt.script import fence_of
from jupyter_starcoder.prompt.turns import Saying, Talk
from jupyter_starcoder.values.conversation import Conversation, Subject, SubjectKind, Turn

QUESTIONS: dict[SubjectKind, str] = {
    "cell": "What does this code do, line by line? Two or three sentences.",
    "selection": "What does the selected part do? Two or three sentences.",
    "output": "What does this output say? Two or three sentences.",
    "error": "Why does this error happen, and what helps? Two or three sentences.",
}
_PARTS: dict[SubjectKind, str] = {"cell": "", "selection": "From it:", "output": "It prints:", "error": "It fails:"}
_CODE_CHARS = 1_500  # of a cell whose output or error is asked about
_TEXT_CHARS = 12_000


def explaining(subject: Subject, turns: Sequence[Turn], tag: str, questions: dict[SubjectKind, str]) -> Talk:
    """The question about a subject and, with turns, what was said and asked since."""
    code, text = subject.code.strip("\n"), subject.text.strip("\n")
    if subject.kind == "cell" or not text:
        fence = fence_of(code)
        first = Saying(before=f"{fence}{tag}\n", middle=code, behind=f"\n{fence}\n\n{questions[subject.kind]}")
    else:
        code, text = code[:_CODE_CHARS].rstrip("\n"), _end_of_error(text) if subject.kind == "error" else text
        fence = fence_of(code + text)
        first = Saying(
            before=f"{fence}{tag}\n{code}\n{fence}\n\n{_PARTS[subject.kind]}\n\n{fence}\n",
            middle=text,
            behind=f"\n{fence}\n\n{questions[subject.kind]}",
        )
    if not turns:
        return Talk(last=first)
    return Talk(first=first, turns=tuple(turns[:-1]), last=Saying(middle=turns[-1].text))


def chatting(conversation: Conversation) -> Talk:
    """What was said, up to the question that waits for an answer."""
    return Talk(turns=conversation.turns[:-1], last=Saying(middle=conversation.turns[-1].text))


def _end_of_error(text: str) -> str:
    """Of a long traceback its end, which says what happened."""
    return text if len(text) <= _TEXT_CHARS else text[-_TEXT_CHARS:].partition("\n")[2] or text[-_TEXT_CHARS:]
