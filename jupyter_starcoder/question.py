"""What the model is asked: a prompt that fits it, and what becomes of its answer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from jupyter_starcoder.engine.protocol import Engine
from jupyter_starcoder.engine.steering import Guide
from jupyter_starcoder.errors import BadRequest, CellTooLong
from jupyter_starcoder.prompt.family import Count, PromptFamily
from jupyter_starcoder.stream.stage import TextStage
from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
from jupyter_starcoder.values.generation import Encoded, Lane, Sampling
from jupyter_starcoder.values.prompt import Asked, Prompt, Text
from jupyter_starcoder.values.settings import UnknownNames

FRAME_TOKENS = 160  # the least that stays for the words around a text that is to be changed, and for its growth
LONGEST_TOKEN_CHARS = 16  # longer tokens are rare: a text beyond this many times the window is not even counted


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A model that can answer: the four parts that only fit together."""

    name: str
    window_tokens: int
    tokenizer: Tokenizer
    family: PromptFamily
    engine: Engine

    def longest_answer_tokens(self, max_tokens: int) -> int:
        """What is asked for, up to half of the window: an answer to a prompt of one token is worth nothing."""
        return max(1, min(max_tokens, self.window_tokens // 2))

    def options_to_change(self, text: str, options: "Options") -> "Options":
        """Room for a text twice: in the prompt, and in the answer with `max_tokens` more.

        Raises:
            CellTooLong: the window has none.
        """
        most_tokens = self.window_tokens // 2 - FRAME_TOKENS
        tokens = (
            self.tokenizer.count(text) if len(text) <= LONGEST_TOKEN_CHARS * self.window_tokens else most_tokens + 1
        )
        if tokens > most_tokens:
            raise CellTooLong(_too_long(max(0, most_tokens)))
        return replace(
            options,
            max_tokens=tokens + options.max_tokens,
            prompt_tokens=max(options.prompt_tokens, tokens + FRAME_TOKENS),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one answer is wanted."""

    max_tokens: int  # longest answer
    prompt_tokens: int  # longest prompt
    sampling: Sampling = Sampling()
    lane: Lane = "inline"
    replaces: str = ""  # an older request with the same key gives way
    user: str = ""  # who asks: users share the engine fairly
    context_deadline_s: float = 0.05
    constrained_names: bool = True  # where only the name of a live frame's column or method can stand, one comes
    unknown_names: UnknownNames = "withhold"  # of a completion, lines that read names which nobody defines

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise BadRequest(f"max_tokens {self.max_tokens} asks for nothing: send 1 or more")
        if self.prompt_tokens < 1:
            raise BadRequest(f"prompt_tokens {self.prompt_tokens} leaves no prompt: send 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that is known before the model is asked."""

    model: LoadedModel
    prompt: Prompt
    encoded: Encoded
    stages: Sequence[TextStage]
    options: Options
    budget_tokens: int  # what the prompt may have
    context_s: float  # from the call to the encoded prompt
    asked: tuple[Asked, ...] = ()  # the sources of context
    guide: Guide | None = None

    def require_whole(self, text: str) -> None:
        """Makes sure that all of a text that is to be changed is in the prompt.

        Raises:
            CellTooLong: it was cut.
        """
        given = "".join(
            piece.text
            for section in self.prompt.sections
            if section.name == "edited"
            for piece in section.pieces
            if isinstance(piece, Text)
        )
        if text and given != text:
            raise CellTooLong(_too_long(max(0, self.model.window_tokens // 2 - FRAME_TOKENS)))


@dataclass(frozen=True, slots=True)
class Road:
    """From what is known at a place to a question for the model."""

    model: LoadedModel
    options: Options
    asked: tuple[Asked, ...]
    started_s: float

    def question(
        self, prompt_of: Callable[[int, Count], Prompt], stages_of: Callable[[Prompt], Sequence[TextStage]]
    ) -> Question:
        """The question with the prompt that `prompt_of` makes for a budget and a way to count."""
        prompt, encoded = self._within(prompt_of)
        return Question(
            model=self.model,
            prompt=prompt,
            encoded=encoded,
            stages=stages_of(prompt),
            options=self.options,
            budget_tokens=self._budget_tokens,
            context_s=time.perf_counter() - self.started_s,
            asked=self.asked,
        )

    @property
    def _budget_tokens(self) -> int:
        """Tokens that a prompt may have so that the longest answer still fits into the model's window."""
        answer_tokens = self.model.longest_answer_tokens(self.options.max_tokens)
        return max(1, min(self.options.prompt_tokens, self.model.window_tokens - answer_tokens))

    def _within(self, prompt_of: Callable[[int, Count], Prompt]) -> tuple[Prompt, Encoded]:
        """A prompt and its tokens, of which there are as many as may be.

        Parts may cost more together than one by one, where two of them meet in the middle of a run of spaces: then
        the prompt is made again for less.
        """
        tokenizer, room_tokens = self.model.tokenizer, self._budget_tokens
        while True:
            prompt = prompt_of(room_tokens, tokenizer.count)
            encoded = tokenizer.encode(prompt)
            too_many = len(encoded.ids) - self._budget_tokens
            if too_many <= 0 or room_tokens == 1:
                return prompt, encoded
            room_tokens = max(1, room_tokens - too_many)


def _too_long(most_tokens: int) -> str:
    return (
        f"this is too long to be changed at once: select a part of at most about {most_tokens} tokens, or raise "
        f"StarcoderConfig.prompt_tokens"
    )
