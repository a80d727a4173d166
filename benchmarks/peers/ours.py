"""Worker: our engine, asked as the server asks it; times are those of its own usage report.

Arguments: model folder, threads, how many tokens may be guessed for a pass ("0": none, as the peers decode).
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import stdio

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.values.generation import GenerationRequest


def open_model() -> Callable[[Sequence[int], int], dict[str, object]]:
    """The engine of a server, in this process."""
    folder, threads, draft_tokens = sys.argv[1:]
    settings = EngineSettings(provider="cpu", threads=int(threads), draft_tokens=int(draft_tokens))
    engine = LocalEngine(Path(folder), settings)

    async def ask(ids: Sequence[int], new_tokens: int) -> dict[str, object]:
        request = GenerationRequest(prompt_ids=tuple(ids), max_tokens=new_tokens, stop_ids=())
        generation = engine.generate(request)
        tokens = [token async for token in generation]
        usage = generation.usage
        if usage.reused_tokens:
            raise RuntimeError(f"{usage.reused_tokens} tokens were reused: the prompts must differ from the start")
        return {
            "prefill_s": usage.first_token_s,
            "decode_s": usage.decode_s,
            "decoded": usage.new_tokens - 1,
            "tokens": tokens,
        }

    return lambda ids, new_tokens: asyncio.run(ask(ids, new_tokens))


stdio.serve(open_model)
