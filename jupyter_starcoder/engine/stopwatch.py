"""When the tokens of an answer came."""

import time

from jupyter_starcoder.values.generation import Finish, Usage


class Stopwatch:
    """Runs from the moment an answer has its turn for the first time."""

    def __init__(self) -> None:
        self._began_s = time.perf_counter()
        self._times_s: list[float] = []

    @property
    def tokens(self) -> int:
        """How many came up to now."""
        return len(self._times_s)

    def note(self) -> None:
        """A token came."""
        self._times_s.append(time.perf_counter())

    def usage(self, finish: Finish, *, prompt_tokens: int, reused_tokens: int, queue_s: float) -> Usage:
        """What the answer cost up to now, without what was guessed."""
        times_s = self._times_s
        return Usage(
            finish=finish,
            prompt_tokens=prompt_tokens,
            reused_tokens=reused_tokens,
            new_tokens=len(times_s),
            queue_s=queue_s,
            first_token_s=times_s[0] - self._began_s if times_s else 0.0,
            decode_s=times_s[-1] - times_s[0] if times_s else 0.0,
        )
