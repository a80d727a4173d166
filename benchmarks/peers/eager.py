"""Worker: transformers on PyTorch, float32. Arguments: the checkpoint's folder, threads."""

import sys
from collections.abc import Callable, Sequence
from functools import partial

import stdio
import torch
from transformers import AutoModelForCausalLM


class Eager:
    """A plain loop with transformers' own cache."""

    def __init__(self, folder: str, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        self._past: object = None

    def prefill(self, ids: Sequence[int]) -> int:
        """Forgets everything, reads a prompt, gives the likeliest next token."""
        self._past = None
        return self._feed(list(ids))

    def step(self, token: int) -> int:
        """Reads one token, gives the likeliest next one."""
        return self._feed([token])

    def _feed(self, ids: list[int]) -> int:
        with torch.inference_mode():
            passed = self._model(torch.tensor([ids]), past_key_values=self._past, use_cache=True, logits_to_keep=1)
        self._past = passed.past_key_values
        return int(passed.logits[0, -1].argmax())


def open_model() -> Callable[[Sequence[int], int], dict[str, object]]:
    """The model of the folder."""
    return partial(stdio.measured, Eager(sys.argv[1], int(sys.argv[2])))


stdio.serve(open_model)
