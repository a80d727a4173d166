"""How a worker talks: it says that it is ready, then answers one JSON line with one JSON line.

Standard library only: each worker runs in an environment of its own.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol


class Model(Protocol):
    """One model, loaded."""

    def prefill(self, ids: Sequence[int]) -> int:
        """Forgets everything, reads a prompt, gives the likeliest next token."""

    def step(self, token: int) -> int:
        """Reads one token, gives the likeliest next one."""


def measured(model: Model, ids: Sequence[int], new_tokens: int) -> dict[str, object]:
    """The seconds of a prompt, and of the new tokens behind the first, one by one."""
    began_s = time.perf_counter()
    token = model.prefill(ids)
    first_s = time.perf_counter()
    tokens = [token]
    for _ in range(new_tokens - 1):
        tokens.append(model.step(tokens[-1]))
    ended_s = time.perf_counter()
    return {"prefill_s": first_s - began_s, "decode_s": ended_s - first_s, "decoded": new_tokens - 1, "tokens": tokens}


def serve(open_model: Callable[[], Callable[[Sequence[int], int], dict[str, object]]]) -> None:
    """Opens the model and measures what standard input asks for, until it closes."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # libraries that print must not get between the answers
    measure = open_model()
    answers.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        order = json.loads(line)
        answers.write(json.dumps(measure(order["ids"], order["new_tokens"])) + "\n")
