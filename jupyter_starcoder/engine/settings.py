"""How the engine runs."""

from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.errors import BadRequest

Provider = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """All that a user may set about the engine; crosses the host's standard input as it is."""

    provider: Provider = "auto"  # "auto" takes the GPU where one can be used
    gpu: int = 0  # which one, as CUDA counts them
    gpu_memory_mb: int = 0  # the most that ONNX Runtime takes of its memory for one model; 0: as much as it wants
    threads: int = 0  # of one pass; 0 means one a physical core
    # Microseconds for which a thread looks for work before it sleeps; 0: it sleeps at once. An operator follows the
    # last within this, so passes run as fast as with threads that never sleep, which lose twice their time where
    # anything else computes, a kernel for example. SmolLM2-135M, 8 bits, two cores, ms a pass of two rows over 512:
    # quiet 17.6 (0), 14.4 (50 to 500), 16.0 (never sleeping); with two busy processes beside it 30 (0), 33 (100), 53
    # (never).
    spin_us: int = 100
    window_tokens: int = 0  # longest prompt and answer together; 0 means what the model was trained for
    # Megabytes for the keys and values of prompts, for as many caches of the whole window as fit (memory is taken as
    # they are filled). A second one lets a keystroke interrupt an explanation. 0: 512, and at least two caches.
    cache_mb: int = 0
    max_waiting: int = 16  # requests in the queue
    prefill_chunk_tokens: int = 256  # the most tokens of one pass over a prompt
    # A pass over a prompt that takes longer is made smaller next time: a keystroke waits for one pass of a chat, and
    # loses one of its predecessor's. On the machine above 64 tokens; 32 cost a sixth of the speed, 128 gain an eighth.
    pass_target_s: float = 0.1

    draft_tokens: int = 15  # the most that are guessed from prompt and answer for one pass; 0 guesses none
    idle_minutes: float = 0.0  # without a request, until the model's process is ended and its memory free; 0: never

    def __post_init__(self) -> None:
        for name in ("max_waiting", "prefill_chunk_tokens"):
            if getattr(self, name) < 1:
                raise BadRequest(f"the engine's {name} is {getattr(self, name)}: set 1 or more")
        for name in (
            "threads",
            "window_tokens",
            "cache_mb",
            "draft_tokens",
            "idle_minutes",
            "gpu",
            "gpu_memory_mb",
            "spin_us",
        ):
            if getattr(self, name) < 0:
                raise BadRequest(f"the engine's {name} is {getattr(self, name)}: set 0 or more")
