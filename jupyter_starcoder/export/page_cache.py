"""Files that are read or written once, from end to end, leave the system's cache to others."""

import os


def forget(file: int, start: int = 0, length: int = 0) -> None:
    """Tells the system that these bytes of an open file will not be read again soon; it may ignore it.

    Bytes that were written are sent to the disk, nobody waits for it. Without this a checkpoint larger than the memory
    pushes everything else out of the cache, and finding a fresh page for each one costs more than reading it.

    Args:
        file: descriptor.
        start: of the bytes.
        length: how many; 0: up to the end.
    """
    if hasattr(os, "posix_fadvise"):  # not on macOS and Windows
        os.posix_fadvise(file, start, length, os.POSIX_FADV_DONTNEED)
