"""Asks an R kernel (IRkernel)."""

from functools import cache
from pathlib import Path

from kernels_ctx.channel import KernelChannel
from kernels_ctx.limits import Limits

PROBE_FILE = Path(__file__).with_name("r_probe.R")


async def ask_r(channel: KernelChannel, timeout_s: float, limits: Limits) -> str:
    """The probe's JSON. Raises KernelSilent and ProbeFailed as the channel does."""
    return await channel.ask(r_expression(limits), timeout_s)


def r_expression(limits: Limits) -> str:
    """One expression that runs the probe and is worth its JSON. It binds no name in the kernel."""
    numbers = ", ".join(f"{name} = {value}" for name, value in limits.as_numbers().items())
    return f"({_probe_source()})(list({numbers}))"


@cache
def _probe_source() -> str:
    return PROBE_FILE.read_text(encoding="utf-8")
