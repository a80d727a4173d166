"""How models that were not tuned to follow instructions have seen changes: as commits, as issues, or as comments.

Source: the preprocessing of StarCoder's training data (commits), the StarCoder2 paper (arXiv 2402.19173), section 5
(issues; it saw no commits).
"""

from collections.abc import Callable

from jupyter_starcoder.prompt.change import ChangeFrame
from jupyter_starcoder.prompt.script import commented, fence_of
from jupyter_starcoder.values.conversation import Change
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Marker, Text

COMMIT = ("<commit_before>", "<commit_msg>", "<commit_after>")
ISSUE = ("<issue_start>", "<issue_comment>")

ChangeForm = Callable[[Place, Change], ChangeFrame]


def commit(_place: Place, change: Change) -> ChangeFrame:
    """A commit: the text as it was, its message, the text as it became."""
    before, message, after = map(Marker, COMMIT)
    return ChangeFrame(
        before=(before,),
        behind=(message, Text(_message(change)), after),
    )


def issue(place: Place, change: Change) -> ChangeFrame:
    """An issue and the comment that answers it with code."""
    begin, comment = map(Marker, ISSUE)
    fence, tag = fence_of(change.text), place.language if place.kind == "code" else place.kind
    return ChangeFrame(
        before=(begin, Text(f"Title: {change.wish}\nusername_0: This is the code.\n\n{fence}{tag}\n")),
        behind=(
            Text(f"\n{fence}\n\n{_message(change)}"),
            comment,
            Text(f"username_1: Here is the whole code with this change.\n\n{fence}{tag}\n"),
        ),
        stop_texts=(f"\n{fence}", fence),
    )


def comment(place: Place, change: Change) -> ChangeFrame:
    """Two versions of a text in one script, each under a comment."""
    end = commented("END", place.language)
    return ChangeFrame(
        before=(Text(commented("BEFORE", place.language) + "\n"),),
        behind=(Text(f"\n{end}\n\n{commented(f'AFTER: {_message(change)}', place.language)}\n"),),
        stop_texts=(f"\n{end}", f"\n{commented('BEFORE', place.language)}", f"\n{commented('AFTER', place.language)}"),
    )


def change_form(markers: frozenset[str]) -> ChangeForm:
    """The form that a model with these special tokens has seen."""
    if markers.issuperset(COMMIT):
        return commit
    return issue if markers.issuperset(ISSUE) else comment


def _message(change: Change) -> str:
    return f"{change.wish}\n\n{change.mishap}" if change.mishap else change.wish
