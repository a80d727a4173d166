"""Asks a model, by the road that a completion takes: tokenizer, engine, text stages."""

import time
from dataclasses import dataclass

from jupyter_starcoder.copilot import LoadedModel
from jupyter_starcoder.evaluation.answers import Answer
from jupyter_starcoder.evaluation.problem import Pieces, Problem, TaskSet
from jupyter_starcoder.stream.stops import StopTexts
from jupyter_starcoder.stream.utf8 import Utf8Pieces
from jupyter_starcoder.values.generation import Encoded, GenerationRequest, Sampling, Usage
from jupyter_starcoder.values.prompt import Prompt, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a model is asked."""

    prompt: str
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    max_tokens: int = 256


class ModelAnswers:
    """Answers of a model that is loaded."""

    def __init__(self, model: LoadedModel, task_set: TaskSet, asking: Asking) -> None:
        self._model = model
        self._task_set = task_set
        self._asking = asking
        self._max_tokens = max(1, min(asking.max_tokens, model.window_tokens // 2))

    async def answer(self, problem: Problem, sample: int) -> Answer:
        """One answer; the sample's number is part of the seed. Raises as the engine does."""
        markers = self._model.tokenizer.markers
        question = self._task_set.question(problem, self._asking.prompt, markers)
        encoded = self._encoded(question.pieces, markers)
        started_s = time.perf_counter()
        text, usage = await self._generated(encoded, question.stops, sample)
        return Answer(
            text=self._task_set.cleaned(text),
            prompt_tokens=usage.prompt_tokens,
            new_tokens=usage.new_tokens,
            finish=usage.finish,
            seconds=round(time.perf_counter() - started_s, 3),
        )

    def _encoded(self, pieces: Pieces, markers: frozenset[str]) -> Encoded:
        """The prompt in tokens, its beginning cut off where it would not fit. No special token belongs in an answer."""
        room = self._model.window_tokens - self._max_tokens
        while True:
            encoded = self._model.tokenizer.encode(Prompt(pieces=pieces, stop_markers=tuple(sorted(markers))))
            excess = len(encoded.ids) - room
            if excess <= 0:
                return encoded
            pieces = _shortened(pieces, 1 - excess / len(encoded.ids))

    async def _generated(self, encoded: Encoded, stops: tuple[str, ...], sample: int) -> tuple[str, Usage]:
        asking, model = self._asking, self._model
        sampling = Sampling(temperature=asking.temperature, top_p=asking.top_p, seed=asking.seed + sample)
        generation = model.engine.generate(
            GenerationRequest(
                prompt_ids=encoded.ids,
                max_tokens=self._max_tokens,
                stop_ids=encoded.stop_ids,
                sampling=sampling,
                lane="batch",
            )
        )
        characters, stage = Utf8Pieces(), StopTexts(stops)
        text, is_enough = "", False
        try:
            async for token in generation:
                if is_enough:
                    continue  # cancelled below: only the usage is still awaited
                text += stage.feed(characters.feed(model.tokenizer.bytes_of(token)))
                if stage.done:
                    is_enough = True
                    generation.cancel()
        finally:
            generation.cancel()
        text += stage.feed(characters.close()) + stage.close()
        return text, generation.usage


def _shortened(pieces: Pieces, share: float) -> Pieces:
    """The pieces with the longest text cut at its beginning to about this share."""
    longest = max(pieces, key=lambda piece: len(piece.text) if isinstance(piece, Text) else 0)
    assert isinstance(longest, Text)  # noqa: S101 - a prompt of markers alone fits into any window
    kept = longest.text[len(longest.text) - int(len(longest.text) * share * 0.98) :]
    return tuple(Text(kept) if piece == longest else piece for piece in pieces)
