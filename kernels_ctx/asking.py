"""Takes the snapshot of a kernel in whatever language it speaks."""

import logging

from kernels_ctx.answer import read_answer
from kernels_ctx.channel import KernelChannel
from kernels_ctx.limits import Limits
from kernels_ctx.python import ask_python
from kernels_ctx.r import ask_r
from kernels_ctx.snapshot import KernelSnapshot

PROBES = {"python": ask_python, "r": ask_r}

log = logging.getLogger(__name__)


async def snapshot(channel: KernelChannel, timeout_s: float, limits: Limits | None = None) -> KernelSnapshot:
    """What the kernel behind `channel` holds now; empty for a language that has no probe.

    Raises:
        KernelSilent: no answer within `timeout_s`.
        ProbeFailed: the answer is no snapshot.
    """
    probe = PROBES.get(channel.language)
    if probe is None:
        log.debug("kernels of the language %s are not looked into", channel.language)
        return KernelSnapshot(language=channel.language, variables=())
    return read_answer(channel.language, await probe(channel, timeout_s, limits or Limits()))
