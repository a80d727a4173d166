"""The budget of a prompt: which section gets how much of it, and which gives way first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """One section's part of the budget."""

    section: str
    most: float  # of the whole budget
    most_tokens: int | None = None


# In this order they are served: each gets what those above have left, so what stands last gives way first.
SHARES = (
    Share("edited", 1.0),  # the text that is to be changed, whole or not at all
    Share("asked", 3 / 4),  # what a person wants to know; cut at its end, and what it is about before that
    Share("attached", 1 / 4),  # what the person laid beside the question
    Share("surroundings", 1 / 4),  # cells above and the live kernel, in a conversation: the same however long it gets
    Share("turns", 1.0),  # what was said before; the oldest goes first
    Share("request", 1 / 4),  # what is wanted, in words
    Share("cell", 3 / 4),  # the text that is being typed; cut at its beginning
    Share("behind", 1 / 4, 256),  # the text behind the cursor; cut at its end
    Share("inputs", 1 / 2),  # variables of the live kernel for a request in words
    Share("kernel", 1 / 4),  # the same for a completion
    Share("names", 1 / 8),  # functions and other variables, where frames stand apart from them
    Share("project", 1 / 8),  # signatures out of files that the notebook imports
    Share("related", 1 / 8),  # cells far away that define what is named at the cursor
    Share("cells", 1.0),  # the cells above, as many as there is room for; the farthest goes first
)
