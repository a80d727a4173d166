"""What the engine takes and gives: token ids, never text."""

import math
from array import array
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from jupyter_starcoder.errors import BadRequest

Finish = Literal["stop", "length", "cancelled", "superseded"]
Lane = Literal["inline", "chat", "batch"]

FREE = -1  # a target that means: from here on every token is allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is chosen. Temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature <= 5.0:
            raise BadRequest(f"temperature {self.temperature} is out of range: send 0 (greedy) to 5")
        if not 0.0 < self.top_p <= 1.0:
            raise BadRequest(f"top_p {self.top_p} is out of range: send more than 0 and at most 1")


@dataclass(frozen=True, slots=True)
class State:
    """The tokens allowed at one point of an `Automaton`, and where each leads.

    Both fields hold the same number of 32-bit integers in machine order, as `array('i').tobytes()` gives them:
    some states allow half the vocabulary, and they cross a socket with every request.
    """

    ids: bytes
    targets: bytes  # index of the next state, or FREE
    may_end: bool = False  # what the automaton has in `behind` is allowed as well

    @classmethod
    def of(cls, steps: dict[int, int]) -> "State":
        """The state that allows the keys of `steps` and then goes to their values."""
        return cls(array("i", steps.keys()).tobytes(), array("i", steps.values()).tobytes())


@dataclass(frozen=True, slots=True)
class Automaton:
    """Which tokens may come next; state 0 is the start. A state that allows nothing lifts the constraint.

    With a finite `margin` there is a way out: where the logit of the best token outside is greater by more than this
    than that of the best one that the state allows, the model insists, and `outside` rules from there on. A model that
    had to give in once gets no other chance: what it likes within a word that is not its own says nothing.
    """

    states: tuple[State, ...]
    behind: bytes = b""  # ids that are allowed in each state that may end, packed as in a state; FREE follows
    margin: float = math.inf
    outside: "Automaton | None" = None  # what the way out may lead to; None: everything

    def __post_init__(self) -> None:
        if not self.margin >= 0:
            raise BadRequest(f"the margin {self.margin} makes no sense: send 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """One answer to be made."""

    prompt_ids: tuple[int, ...]  # at least one
    max_tokens: int  # at least one
    stop_ids: tuple[int, ...]
    sampling: Sampling = Sampling()
    opening: Automaton | None = None  # what the first tokens must spell
    lane: Lane = "inline"
    replaces: str = ""  # an older request with the same non-empty key, waiting or running, gives way to this one
    user: str = ""  # who asks, as far as that is known: users share the engine fairly
    is_rest: bool = False  # goes on with an answer of which somebody has read a part: no full queue refuses it
    # In the order in which this process made them. What goes on with a request (`dataclasses.replace`) keeps it, and so
    # never takes the place of a newer one with its key.
    number: int = field(default_factory=count(1).__next__, compare=False)

    def __post_init__(self) -> None:
        if not self.prompt_ids:
            raise BadRequest("the prompt is empty: send at least one token")
        if self.max_tokens < 1:
            raise BadRequest(f"max_tokens {self.max_tokens} asks for nothing: send 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an answer cost."""

    finish: Finish
    prompt_tokens: int
    reused_tokens: int  # of the prompt, found in the key/value cache
    new_tokens: int
    queue_s: float
    first_token_s: float  # from the start of prefill to the first token; 0 without one
    decode_s: float  # from the first token to the last
    drafted_tokens: int = 0  # guessed from prompt and answer, and looked at by the model
    accepted_tokens: int = 0  # of these, right


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A prompt as the engine takes it."""

    ids: tuple[int, ...]
    stop_ids: tuple[int, ...]
    opening: Automaton | None = None
    opening_text: str = ""  # the end of the prompt that `opening` makes the model spell again: cut it off the answer
