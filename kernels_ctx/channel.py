"""The seam to a kernel, and a fake of it."""

from typing import Protocol

from kernels_ctx.errors import KernelSilent


class KernelChannel(Protocol):
    """Asks a kernel for the value of one expression, leaving no trace in it."""

    @property
    def language(self) -> str:
        """The kernel's language, lower case."""

    async def ask(self, expression: str, timeout_s: float) -> str:
        """The kernel's own text form of the expression's value (`repr` in Python).

        Raises:
            KernelSilent: no answer within `timeout_s`.
            ProbeFailed: the expression raised an error there.
        """


class FakeChannel:
    """Evaluates expressions in a namespace of this process."""

    def __init__(self, namespace: dict[str, object], language: str = "python", *, is_silent: bool = False) -> None:
        self.language = language
        self.asked = 0
        self._namespace = namespace
        self._is_silent = is_silent

    async def ask(self, expression: str, timeout_s: float) -> str:
        """See `KernelChannel.ask`."""
        self.asked += 1
        if self._is_silent:
            raise KernelSilent(f"no answer within {timeout_s} s")
        return repr(eval(expression, self._namespace))  # noqa: S307  what a kernel does with user_expressions
