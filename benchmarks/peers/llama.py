"""Worker: llama.cpp through llama-cpp-python. Arguments: the GGUF file, threads."""

import sys
from collections.abc import Callable, Sequence
from functools import partial

import llama_cpp
import numpy as np
import stdio

WINDOW_TOKENS = 4096


class Llama:
    """Its batches go to the native library at once; the likeliest token is numpy's argmax, as in our own loop."""

    def __init__(self, path: str, threads: int) -> None:
        self._llama = llama_cpp.Llama(
            path, n_ctx=WINDOW_TOKENS, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False
        )

    def prefill(self, ids: Sequence[int]) -> int:
        """Forgets everything, reads a prompt, gives the likeliest next token."""
        self._llama.reset()
        self._llama.eval(list(ids))
        return self._best()

    def step(self, token: int) -> int:
        """Reads one token, gives the likeliest next one."""
        self._llama.eval([token])
        return self._best()

    def _best(self) -> int:
        logits = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        return int(np.ctypeslib.as_array(logits, shape=(self._llama.n_vocab(),)).argmax())


def open_model() -> Callable[[Sequence[int], int], dict[str, object]]:
    """The model of the file."""
    return partial(stdio.measured, Llama(sys.argv[1], int(sys.argv[2])))


stdio.serve(open_model)
