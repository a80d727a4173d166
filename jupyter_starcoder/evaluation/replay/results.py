"""What came of one place under one condition: a line of the results."""

from dataclasses import dataclass

from jupyter_starcoder.evaluation.replay.places import Kind
from jupyter_starcoder.evaluation.results import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """One suggestion, and how it stands beside what the author wrote."""

    notebook: str  # its file's name without the ending
    cell: int  # among all cells, from 0
    offset: int
    kind: Kind
    condition: str
    suggestion: str
    written: str  # what the author wrote behind the cursor, up to the end of its first line
    exact: bool
    matched: int
    saved: int
    saved_whole: int
    steered: bool  # the answer was watched for names
    prompt_tokens: int
    new_tokens: int
    answer_s: float  # that the model took; 0 where an equal question had been asked at this place

    @property
    def place(self) -> tuple[str, int, int, str]:
        """What a run goes on by."""
        return (self.notebook, self.cell, self.offset, self.condition)


class Suggestions(Lines[Suggested]):
    """The file of one replay."""

    kind = Suggested
