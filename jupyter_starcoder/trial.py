"""How fast a loaded model answers here: one short answer that nobody reads."""

import time

from jupyter_starcoder.question import LoadedModel
from jupyter_starcoder.values.generation import GenerationRequest
from jupyter_starcoder.values.prompt import Prompt, Text
from jupyter_starcoder.values.stock import Speed

NEW_TOKENS = 48
# No prompt of a notebook begins like this, and none of these like another, so that nothing is found in a cache.
OPENING = "# trial {number}\n"
TEXT = '''import pandas as pd


def monthly_totals(frame: pd.DataFrame, column: str) -> pd.Series:
    """The sum of a column for each month."""
    months = frame["date"].dt.to_period("M")
    return frame.groupby(months)[column].sum()


def plot_totals(frame: pd.DataFrame, column: str) -> None:
    """Draws the totals as bars."""
'''


async def try_out(model: LoadedModel) -> Speed:
    """What one answer takes behind all that people wait for.

    Raises:
        EngineError: the engine could not answer.
    """
    pieces = (Text(OPENING.format(number=time.time_ns()) + TEXT),)
    encoded = model.tokenizer.encode(Prompt(pieces=pieces, stop_markers=()))
    generation = model.engine.generate(
        GenerationRequest(
            prompt_ids=encoded.ids,
            max_tokens=model.longest_answer_tokens(NEW_TOKENS),
            stop_ids=(),  # an answer that ends early measures little
            lane="batch",
        )
    )
    try:
        async for _ in generation:
            pass
    finally:
        generation.cancel()
    usage, facts = generation.usage, await model.engine.facts()
    steps = usage.new_tokens - 1
    return Speed(
        model=model.name,
        device=facts.device,
        prompt_tokens=usage.prompt_tokens,
        first_token_ms=1000 * usage.first_token_s,
        new_tokens=usage.new_tokens,
        tokens_per_s=steps / usage.decode_s if steps > 0 and usage.decode_s > 0 else 0.0,
    )
