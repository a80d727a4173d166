"""Worker: onnxruntime-genai. Arguments: the folder that its model builder wrote, threads.

The builder's genai_config.json is changed before: threads, and an end of text that never comes.
"""

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime_genai as og
import stdio

WINDOW_TOKENS = 4096
NEVER = 16  # a token that code does not lead to: <empty_output>


class Genai:
    """The loop of its own documentation."""

    def __init__(self, folder: Path, threads: int) -> None:
        path = folder / "genai_config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        config["model"]["eos_token_id"] = NEVER
        config["model"]["decoder"]["session_options"]["intra_op_num_threads"] = threads
        path.write_text(json.dumps(config, indent=2), encoding="utf-8")
        self._model = og.Model(str(folder))
        self._generator: og.Generator | None = None

    def prefill(self, ids: Sequence[int]) -> int:
        """Begins a new generator, reads a prompt, gives the likeliest next token."""
        self._generator = None  # gives its cache back before the next one takes one
        params = og.GeneratorParams(self._model)
        params.set_search_options(max_length=WINDOW_TOKENS, do_sample=False)
        self._generator = og.Generator(self._model, params)
        self._generator.append_tokens(np.array(ids, dtype=np.int32))
        return self._next()

    def step(self, token: int) -> int:
        """Reads the token that it chose itself, gives the likeliest next one."""
        return self._next()

    def _next(self) -> int:
        self._generator.generate_next_token()
        return int(self._generator.get_next_tokens()[0])


def open_model() -> Callable[[Sequence[int], int], dict[str, object]]:
    """The model of the folder."""
    return partial(stdio.measured, Genai(Path(sys.argv[1]), int(sys.argv[2])))


stdio.serve(open_model)
