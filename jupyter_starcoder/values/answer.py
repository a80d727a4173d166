"""What comes out at the cursor."""

from dataclasses import dataclass

from jupyter_starcoder.values.generation import Finish


@dataclass(frozen=True, slots=True)
class TextPiece:
    """The next piece of an answer; the answer is the pieces put together."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Where the time went."""

    context_ms: float  # notebook, context, prompt and encoding
    late_sources: int  # of context: too slow to be in the prompt
    queue_ms: float
    prompt_tokens: int
    reused_tokens: int
    first_token_ms: float
    new_tokens: int
    tokens_per_s: float  # of decode; 0 for fewer than two tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The end of an answer."""

    finish: Finish
    model: str
    timings: Timings
    left_out_turns: int = 0  # of a conversation, the oldest that had no room in the prompt
