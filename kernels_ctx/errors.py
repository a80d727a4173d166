"""Every error this package raises on purpose.

KernelContextError
├── KernelSilent      no answer in time: a cell is running, or the kernel is gone
└── ProbeFailed       the kernel answered with something that is no snapshot
"""


class KernelContextError(Exception):
    """Root of the tree."""


class KernelSilent(KernelContextError):
    """No answer in time: a cell is running, or the kernel is gone."""


class ProbeFailed(KernelContextError):
    """The kernel answered with something that is no snapshot."""
