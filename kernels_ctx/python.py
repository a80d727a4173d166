"""Asks a Python kernel, whatever is or is not installed in its environment."""

import ast

from kernels_ctx.channel import KernelChannel
from kernels_ctx.errors import ProbeFailed
from kernels_ctx.limits import Limits
from kernels_ctx.probe.joined import probe_source


async def ask_python(channel: KernelChannel, timeout_s: float, limits: Limits) -> str:
    """The probe's JSON.

    Raises:
        KernelSilent: no answer within `timeout_s`.
        ProbeFailed: the answer is no text.
    """
    answer = await channel.ask(probe_expression(limits), timeout_s)
    try:
        return str(ast.literal_eval(answer))
    except (ValueError, SyntaxError) as error:
        raise ProbeFailed(f"the kernel's answer is no text ({type(error).__name__})") from error


def probe_expression(limits: Limits) -> str:
    """One expression that runs the probe and is worth its JSON. It binds no name in the kernel."""
    call = f"g['probe'](globals(), {limits.as_numbers()})"
    return f"(lambda g: (exec({probe_source()!r}, g), {call})[1])({{}})"
