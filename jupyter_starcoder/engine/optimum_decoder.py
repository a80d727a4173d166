"""Answers of a model that optimum exported: `ORTModelForCausalLM` behind the worker.

Slower than the decoder of our own graphs: such a graph has some twenty times the nodes, and its cache is copied and
grown at each token. PyTorch and transformers are imported here (and in export/optimum_export.py) only, when such a
model is loaded.
"""

import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.answer import LEAST_TOKENS, Reached
from jupyter_starcoder.engine.constraint import Constraint, check_tokens
from jupyter_starcoder.engine.decoder import ChunkSize
from jupyter_starcoder.engine.folder import check_folder
from jupyter_starcoder.engine.job import Making
from jupyter_starcoder.engine.runtime import choose_device, load_runtime, session_options
from jupyter_starcoder.engine.sampling import Sampler
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.engine.stopwatch import Stopwatch
from jupyter_starcoder.errors import BadRequest, EngineError, ExtraMissing, ModelDamaged
from jupyter_starcoder.values.generation import Finish, GenerationRequest, Usage
from jupyter_starcoder.values.manifest import read_manifest
from jupyter_starcoder.values.model import OPTIMUM

if TYPE_CHECKING:
    import torch
    from optimum.onnxruntime import ORTModelForCausalLM

    Past = tuple[tuple[torch.Tensor, ...], ...]  # keys and values a layer, each (1, heads, tokens, head_size)


def is_optimum(folder: Path) -> bool:
    """Whether optimum exported the model of this folder.

    Raises:
        ModelDamaged: its manifest is missing or cannot be read.
    """
    return folder.is_dir() and read_manifest(folder).family == OPTIMUM


@dataclass(frozen=True, slots=True)
class Fed:
    """Tokens with their keys and values."""

    ids: NDArray[np.int64]
    past: "Past | None"

    def until(self, length: int) -> "Fed":
        """The first of these tokens."""
        if not length or self.past is None:
            return NOTHING
        past = tuple(tuple(values[:, :, :length] for values in layer) for layer in self.past)
        return Fed(self.ids[:length], past)

    def common_prefix(self, ids: NDArray[np.int64]) -> int:
        """How many of the first tokens of `ids` stand here already."""
        reach = min(len(self.ids), len(ids))
        differing = np.flatnonzero(self.ids[:reach] != ids[:reach])
        return int(differing[0]) if len(differing) else reach


NOTHING = Fed(np.zeros(0, dtype=np.int64), None)


class OptimumDecoder:
    """A model that optimum exported, loaded. Only the thread that opened it may use it.

    Answers that run at once take turns: each has keys and values of its own, and no pass has two of them.
    """

    most_running = 2  # so that a keystroke can interrupt a chat

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Checks the folder and loads the graph.

        Raises:
            ExtraMissing: ONNX Runtime or the extra [export] is not installed.
            ModelDamaged: files are missing or not what was written.
        """
        self.manifest = check_folder(folder, frozenset({OPTIMUM}))
        runtime = load_runtime()
        self.device = choose_device(settings.provider, runtime.get_available_providers())
        options = session_options(runtime, settings)
        known = runtime.capi.onnxruntime_pybind11_state
        names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented")
        failures = tuple(getattr(known, name) for name in names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what other packages warn of at their import is none of our business
            kind = _import()
            try:
                self._model = kind.from_pretrained(
                    folder, local_files_only=True, provider=self.device.providers[0], session_options=options
                )
            except (*failures, RuntimeError, OSError, ValueError, KeyError) as error:
                raise ModelDamaged(f"{folder} cannot be loaded ({error}): export the model again") from error
        if len(self._model.key_value_input_names) != 2 * self.manifest.layers:
            raise ModelDamaged(f"the graph and the manifest of {folder} differ in their layers: export it again")
        wished = settings.window_tokens or self.manifest.window_tokens
        self.window_tokens = min(wished, self.manifest.window_tokens)
        self.chunk = ChunkSize(settings.prefill_chunk_tokens, settings.pass_target_s)
        self.remembered = NOTHING  # of the prompt that was fed last

    def begin(self, request: GenerationRequest) -> "OptimumDecoding":
        """Begins an answer.

        Raises:
            BadRequest: the prompt is longer than the window, or holds ids that the model does not have.
        """
        ids = np.array(request.prompt_ids, dtype=np.int64)
        size = self.manifest.vocabulary_size
        if len(ids) >= self.window_tokens:
            raise BadRequest(
                f"the prompt has {len(ids)} tokens, the model's window {self.window_tokens}: send a shorter prompt"
            )
        check_tokens(ids, size, "the prompt holds")
        opening = None if request.opening is None else Constraint(request.opening, vocabulary_size=size)
        return OptimumDecoding(self, request, ids, opening)

    def advance(self, begun: Sequence[Making]) -> list[Reached]:
        """One step of each; what it reached."""
        return [answer.step() for answer in cast("Sequence[OptimumDecoding]", begun)]

    def warm_up(self) -> None:
        """Runs both kinds of passes: the first request does not pay for what is done once.

        Raises:
            EngineError: the model cannot be run here.
        """
        _, fed = self.run(NOTHING, np.zeros(min(self.chunk.tokens, self.window_tokens - 1), dtype=np.int64))
        self.run(fed, np.zeros(1, dtype=np.int64))

    def run(self, fed: Fed, ids: NDArray[np.int64]) -> tuple[NDArray[np.float32], Fed]:
        """Feeds tokens behind those that were fed.

        Returns:
            Logits of the last position, shape ``(vocabulary,)``, and all tokens with their keys and values.

        Raises:
            EngineError: ONNX Runtime could not compute it.
        """
        import torch

        device = self._model.device
        all_ids = np.concatenate([fed.ids, ids])
        try:
            passed = self._model(
                input_ids=torch.from_numpy(ids.reshape(1, -1)).to(device),
                attention_mask=torch.ones((1, len(all_ids)), dtype=torch.int64, device=device),
                past_key_values=fed.past,
                use_cache=True,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"ONNX Runtime could not run the model over {len(ids)} tokens ({error})") from error
        logits: NDArray[np.float32] = passed.logits[0, -1].cpu().numpy()
        return logits, Fed(all_ids, passed.past_key_values)


class OptimumDecoding:
    """One answer while it is made."""

    def __init__(
        self, decoder: OptimumDecoder, request: GenerationRequest, ids: NDArray[np.int64], opening: Constraint | None
    ) -> None:
        self._decoder = decoder
        self._ids = ids
        self._opening = opening
        self._sampler = Sampler(request.sampling)
        self._stop_ids = frozenset(request.stop_ids) | frozenset(decoder.manifest.end_ids)
        self._most = min(request.max_tokens, decoder.window_tokens - len(ids))
        remembered = decoder.remembered
        self._reused = max(0, min(remembered.common_prefix(ids), len(ids) - LEAST_TOKENS))
        self._fed = remembered.until(self._reused)
        self._watch = Stopwatch()
        self._steps = self._work()

    @property
    def is_reading(self) -> bool:
        """Whether the prompt is not fed to its end yet."""
        return not self._watch.tokens

    def step(self) -> Reached:
        """Feeds a part of the prompt, or the last token."""
        try:
            reached = next(self._steps)
        except EngineError as error:
            return Reached(end=error)
        return Reached((reached,)) if isinstance(reached, int) else Reached(end=reached)

    def _work(self) -> Iterator[int | Finish | None]:
        """None after a part of the prompt, a token, and at last why it ended.

        Raises:
            EngineError: the model could not be run, or gave logits that are not numbers.
        """
        while (left := self._ids[len(self._fed.ids) :]).size > (count := self._decoder.chunk.next_of(left.size)):
            self._feed(left[:count])
            yield None
        logits = self._feed(left)
        while True:
            token = self._choose(logits)
            if token in self._stop_ids:
                yield "stop"
                return
            self._watch.note()
            yield token
            if self._watch.tokens == self._most:
                yield "length"
                return
            logits = self._feed(np.array([token], dtype=np.int64))

    def usage(self, finish: Finish, *, queue_s: float) -> Usage:
        """What it cost up to now."""
        return self._watch.usage(finish, prompt_tokens=len(self._ids), reused_tokens=self._reused, queue_s=queue_s)

    def interrupt(self) -> None:
        """Does nothing: optimum has no way to end a pass, so it ends with the pass that is running."""

    def close(self) -> None:
        """Leaves what was fed of the prompt to the next answer."""
        if len(self._fed.ids):
            self._decoder.remembered = self._fed.until(min(len(self._fed.ids), len(self._ids)))

    def _feed(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        began_s = time.perf_counter()
        logits, self._fed = self._decoder.run(self._fed, ids)
        self._decoder.chunk.took(len(ids), time.perf_counter() - began_s)
        return logits

    def _choose(self, logits: NDArray[np.float32]) -> int:
        try:
            token = self._sampler.choose(logits, self._opening.allowed if self._opening else None)
        except EngineError:
            self._fed = self._decoder.remembered = NOTHING  # what made such logits may stand in the cache
            raise
        if self._opening:
            self._opening.advance(token)
        return token


def _import() -> "type[ORTModelForCausalLM]":
    """Optimum's class.

    Raises:
        ExtraMissing: optimum or what it needs is not installed.
    """
    try:
        from optimum.onnxruntime import ORTModelForCausalLM
    except ImportError as error:
        raise ExtraMissing(
            f"this model was exported by optimum, which cannot be imported ({error}): "
            "run `pip install 'jupyter_starcoder[export]'`"
        ) from error
    kind: type[ORTModelForCausalLM] = ORTModelForCausalLM
    return kind
