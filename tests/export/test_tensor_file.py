"""The file of weights: what was appended is there, hashed; what could not be written is told."""

import hashlib
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from jupyter_starcoder.export import tensor_file
from jupyter_starcoder.export.tensor_file import PAGE_BYTES, TensorFile


@pytest.mark.parametrize("behind_bytes", [1, 1 << 30])
def test_the_file_holds_what_was_appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind_bytes: int) -> None:
    """In order, each tensor on a page, the hash that of the bytes; also where the cache lets go of each piece."""
    monkeypatch.setattr(tensor_file, "BEHIND_BYTES", behind_bytes)
    random = np.random.default_rng(3)
    tensors = [random.normal(size=shape).astype(np.float32) for shape in ((70, 33), (0, 4), (1,), (2000, 5))]
    offsets = []

    with TensorFile(tmp_path / "data") as data:
        for values in tensors:
            offsets.append(data.start())
            for row in values:
                data.append(row)
        fact = data.finish()

    content = (tmp_path / "data").read_bytes()
    for offset, values in zip(offsets, tensors, strict=True):
        assert offset % PAGE_BYTES == 0
        assert content[offset : offset + values.nbytes] == values.tobytes()
    assert (fact.size_bytes, fact.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a file that is always full")
def test_a_write_that_fails_is_raised_and_leaves_no_thread() -> None:
    """At the latest when the file is finished."""
    before = threading.active_count()

    with TensorFile(Path(os.devnull).with_name("full")) as data:
        data.append(np.zeros(10))
        with pytest.raises(OSError, match="No space left"):
            data.finish()
    assert threading.active_count() == before
