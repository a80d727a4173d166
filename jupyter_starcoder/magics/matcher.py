"""Tab completion of commands, options and names of models."""

from collections.abc import Callable, Iterable

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from jupyter_starcoder.magics.arguments import CELL_OPTIONS, COMMANDS
from jupyter_starcoder.magics.reading import CELL, LINE

Matcher = Callable[[CompletionContext], SimpleMatcherResult]


def matcher(models: Callable[[], Iterable[str]]) -> Matcher:
    """What IPython asks for completions; `models` names those that can be loaded."""

    @context_matcher(identifier="starcoder")  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> SimpleMatcherResult:
        word, offered = offers(context.text_until_cursor, models)
        if context.cursor_line > 0 and context.text_until_cursor.lstrip().startswith(CELL):
            offered = []  # only the first line of a cell is one of ours
        found = [SimpleCompletion(text=text, type="magic") for text in offered if text.startswith(word)]
        return SimpleMatcherResult(completions=found, matched_fragment=word, suppress=bool(found), ordered=True)

    return match  # type: ignore[no-any-return]


def offers(text: str, models: Callable[[], Iterable[str]]) -> tuple[str, list[str]]:
    """The word that is being typed behind our magic, and all that could stand in its place."""
    words = text.lstrip().split()
    if not words or words[0] not in {CELL, LINE} or text.lstrip() in {CELL, LINE}:
        return "", []
    word = "" if text[-1].isspace() else words.pop()
    before = words[1:]
    if before and before[-1] == "--model":
        return word, sorted(models())
    if word.startswith("--model="):
        return word, [f"--model={name}" for name in sorted(models())]
    if words[0] == LINE and not before:
        return word, [*COMMANDS]
    allowed = CELL_OPTIONS if words[0] == CELL else COMMANDS.get(before[0], ())
    given = before if words[0] == CELL else before[1:]
    return word, [option for option in allowed if option not in before] if _are_options(given) else []


def _are_options(words: list[str]) -> bool:
    """Whether another option could come: the request has not begun."""
    takes = {"--model", "--into"}
    return all(word.startswith("--") or (at > 0 and words[at - 1] in takes) for at, word in enumerate(words))
