"""Which stages an answer passes through, and in which order."""

from jupyter_starcoder.stream.block import Block
from jupyter_starcoder.stream.brackets import Brackets
from jupyter_starcoder.stream.circles import Circles
from jupyter_starcoder.stream.fence import Fence
from jupyter_starcoder.stream.indentation import Indentation
from jupyter_starcoder.stream.opening import LeadingBlank
from jupyter_starcoder.stream.overlap import LineOverlap, RestOverlap
from jupyter_starcoder.stream.passages import RepeatedPassages
from jupyter_starcoder.stream.repetition import RepeatedLines, RepeatedPhrases
from jupyter_starcoder.stream.stage import TextStage
from jupyter_starcoder.stream.stops import StopTexts
from jupyter_starcoder.stream.surrounded import Surrounded
from jupyter_starcoder.stream.trailing import TrailingSpace
from jupyter_starcoder.values.notebook import Place
from jupyter_starcoder.values.prompt import Prompt

LOOKED_AT_CHARS = 40_000  # on either side of a cursor


def completion_stages(place: Place, prompt: Prompt) -> list[TextStage]:
    """Stages for what is typed next at a cursor.

    The text that healing made the model spell again is cut off before (`Opening`). Text behind the cursor on its line
    makes it an answer of one line. First comes what knows where the model ended, then what knows code, then what
    compares with what stands behind the cursor; spaces are trimmed before the rest of the line is compared, since the
    space in front of a repeated rest belongs to the answer.
    """
    prefix, suffix = _end_of(place.prefix), place.suffix[:LOOKED_AT_CHARS]
    rest, _, below = suffix.partition("\n")
    is_code = place.kind == "code"
    is_one_line = bool(rest.strip())
    next_line = _first_line(below) or _next_cell_line(place)
    stages: list[TextStage] = [StopTexts([*prompt.stop_texts, *(["\n"] if is_one_line else [])])]
    if is_code:
        if not is_one_line:
            stages += [Indentation(prefix), Block(prefix)]
        stages.append(Brackets(prefix, suffix))
    stages += [RepeatedLines(prefix), RepeatedPassages(prefix), RepeatedPhrases()]
    if next_line and not is_one_line:
        stages.append(LineOverlap(prefix, next_line, is_code=is_code))
    stages.append(TrailingSpace())
    if is_one_line:
        stages.append(RestOverlap(prefix, rest, is_code=is_code))
    return stages


def answer_stages(prompt: Prompt) -> list[TextStage]:
    """Stages for an answer that stands by itself: an explanation, or code for a new cell."""
    return [
        StopTexts(prompt.stop_texts),
        LeadingBlank(),
        RepeatedLines(),
        RepeatedPhrases(),
        TrailingSpace(),
    ]


def change_stages(prompt: Prompt, around: tuple[str, str, str], given: str) -> list[TextStage]:
    """Stages for the new version of a text that stands between others; the answer goes on behind what is given of it.

    Args:
        prompt: the prompt.
        around: what stands before the text, the text, what stands behind it.
        given: the beginning of the new version.

    A rule against repetition that the text itself breaks is not for its new version: one that changes nothing is the
    text, to the byte.
    """
    before, text, behind = around
    circles: list[TextStage] = [stage() for stage in (Circles, RepeatedPhrases) if _leaves(stage(), text)]
    beginning: list[TextStage] = [] if given else [Fence(), LeadingBlank()]
    surrounded = Surrounded(before + given, "" if given else text, behind)
    return [StopTexts(prompt.stop_texts), *beginning, *circles, TrailingSpace(), surrounded]


def _leaves(stage: TextStage, text: str) -> bool:
    """Whether a stage would give the text as it is."""
    return stage.feed(text) + stage.close() == text


def _end_of(prefix: str) -> str:
    """The text in front of the cursor, or its last lines: a cell of megabytes is not read at every keystroke."""
    if len(prefix) <= LOOKED_AT_CHARS:
        return prefix
    return prefix[-LOOKED_AT_CHARS:].partition("\n")[2] or prefix[-LOOKED_AT_CHARS:]


def _first_line(text: str) -> str:
    return next((line for line in text.split("\n") if line.strip()), "")


def _next_cell_line(place: Place) -> str:
    """The first line of the next cell of the same kind."""
    following = (cell.source for cell in place.after if cell.kind == place.kind)
    return next((line for source in following if (line := _first_line(source))), "")
