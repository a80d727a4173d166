"""How the engine runs."""

from dataclasses import dataclass
from typing import Literal

from jupyter_starcoder.errors import BadRequest

Provider = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """All that a user may set about the engine; crosses the host's standard input as it is."""

    provider: Provider = "auto"  # "auto" takes the GPU where one can be used
    threads: int = 0  # of one pass; 0 means one a physical core
    # Threads that spin between operators are lost where anything else computes: with kernels at work on both of two
    # cores, prefill 294 and decode 26 tokens/s spinning, 533 and 60 sleeping (SmolLM2-135M, 8 bits, best of 60 s).
    is_spinning: bool = False
    window_tokens: int = 0  # longest prompt and answer together; 0 means what the model was trained for
    cache_slots: int = 2  # prompts remembered; one answer more than one lets a keystroke interrupt an explanation
    max_waiting: int = 16  # requests in the queue
    prefill_chunk_tokens: int = 64  # the most tokens of one prefill pass
    pass_target_s: float = 0.06  # a chunk that takes longer is halved next time: cancelling waits for one pass

    def __post_init__(self) -> None:
        for name in ("cache_slots", "max_waiting", "prefill_chunk_tokens"):
            if getattr(self, name) < 1:
                raise BadRequest(f"the engine's {name} is {getattr(self, name)}: set 1 or more")
        for name in ("threads", "window_tokens"):
            if getattr(self, name) < 0:
                raise BadRequest(f"the engine's {name} is {getattr(self, name)}: set 0 (automatic) or more")
