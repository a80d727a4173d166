"""Memory for caches, and models that do not fit."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from jupyter_starcoder.engine import session
from jupyter_starcoder.engine.cache import slots_within
from jupyter_starcoder.engine.memory import MEGABYTE, available_bytes, megabytes, require_memory, small_pages
from jupyter_starcoder.engine.runtime import Device
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import EngineError, ModelTooLarge

SMAPS = Path("/proc/self/smaps_rollup")


def resident_kb() -> int:
    """Anonymous memory of this process that has been written."""
    (line,) = [line for line in SMAPS.read_text().splitlines() if line.startswith("Anonymous:")]
    return int(line.split()[1])


@pytest.mark.skipif(not SMAPS.exists(), reason="Linux tells what is resident")
def test_small_pages_take_memory_as_they_are_written() -> None:
    """The first token of a strip does not take 2 MB."""
    before = resident_kb()
    strips = [small_pages((1, 1, 8192, 64), "float32") for _ in range(32)]
    for strip in strips:
        strip[0, 0, 0, 0] = 1.0

    assert not any(strip[0, 0, 1:].any() for strip in strips)
    assert resident_kb() - before < 8 * 1024


def test_available_bytes_is_the_least_of_system_and_group(tmp_path: Path) -> None:
    """A container's limit counts, the pages of files in it do not."""
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9000 kB\nMemAvailable:  6000 kB\n")
    assert available_bytes(meminfo, tmp_path) == 6000 * 1024
    (tmp_path / "memory.max").write_text("4096000\n")
    (tmp_path / "memory.current").write_text("3000000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 500000\nactive_file 200000\n")
    assert available_bytes(meminfo, tmp_path) == 4096000 - 3000000 + 700000
    (tmp_path / "memory.max").write_text("max\n")
    assert available_bytes(meminfo, tmp_path) == 6000 * 1024
    assert available_bytes(tmp_path / "absent", tmp_path / "absent") is None


def test_require_memory_says_the_numbers() -> None:
    """Weights, cache, the rest and what is free are all named."""
    require_memory("big", weights_bytes=10 * MEGABYTE, cache_bytes=0, available=310 * MEGABYTE)
    require_memory("big", weights_bytes=10**12, cache_bytes=0, available=None)
    with pytest.raises(
        ModelTooLarge, match=r"big needs 8992 MB .*weights 8192, cache 500, .*300\) and 4000 MB are free"
    ):
        require_memory("big", weights_bytes=8192 * MEGABYTE, cache_bytes=500 * MEGABYTE, available=4000 * MEGABYTE)


def test_session_model_over_the_memory_is_refused_before_it_is_loaded(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the weights is read."""
    monkeypatch.setattr(session, "available_bytes", lambda: 100 * MEGABYTE)
    monkeypatch.setattr(Session, "_open", lambda *_: pytest.fail("it was loaded"))

    with pytest.raises(ModelTooLarge, match="tiny needs 301 MB"):
        Session(tiny_model, EngineSettings(provider="cpu"))


@pytest.mark.parametrize(("kind", "caches"), [("cpu", 1), ("cuda", 21)])
def test_session_needs_the_memory_that_it_takes_at_once(
    kind: Literal["cpu", "cuda"], caches: int, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a CPU caches take memory as they are filled, on a GPU all of it when they are made."""
    asked: list[int] = []
    monkeypatch.setattr(session, "choose_device", lambda *_: Device(kind=kind))
    monkeypatch.setattr(session, "gpu_available_bytes", lambda *_: None)
    monkeypatch.setattr(session, "require_memory", lambda *_, cache_bytes, **__: asked.append(cache_bytes))
    monkeypatch.setattr(Session, "_open", lambda *_: pytest.fail("enough"))

    with pytest.raises(pytest.fail.Exception, match="enough"):
        Session(tiny_model, EngineSettings(cache_mb=1))

    assert asked == [caches * 96 * 2 * 16 * 4 * 2 * 2]


def test_session_budget_below_one_cache_is_refused_before_the_model_is_loaded(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that cannot work costs no minute of loading."""
    monkeypatch.setattr(Session, "slot_bytes", MEGABYTE + 1)
    monkeypatch.setattr(Session, "_open", lambda *_: pytest.fail("it was loaded"))

    with pytest.raises(EngineError, match="raise the engine's cache_mb"):
        Session(tiny_model, EngineSettings(provider="cpu", cache_mb=1))


def test_slot_bytes_are_those_of_its_strips(tiny_model: Path) -> None:
    """What the budget counts is what is allocated, and an allowance of 1 MB holds 21 caches of 48 KiB."""
    opened = Session(tiny_model, EngineSettings(provider="cpu", threads=1, cache_mb=1))

    assert opened.slot_bytes == 96 * 2 * 16 * 4 * 2 * 2
    assert opened.caches == 2**20 // opened.slot_bytes


@pytest.mark.parametrize(
    ("cache_mb", "slot_mb", "count"), [(0, 100, 5), (0, 400, 2), (0, 1000, 2), (0, 1, 64), (100, 100, 1), (350, 100, 3)]
)
def test_slots_within_a_budget(cache_mb: int, slot_mb: int, count: int) -> None:
    """As many as fit; without a budget at least two."""
    assert slots_within(cache_mb, slot_mb * MEGABYTE) == count


def test_slots_budget_below_one_slot_is_refused() -> None:
    """The message says both numbers."""
    with pytest.raises(EngineError, match=r"takes 101 MB .* is 100 MB"):
        slots_within(100, 100 * MEGABYTE + 1)


def test_megabytes_round_up() -> None:
    """What is asked for is never understated."""
    assert (megabytes(1), megabytes(MEGABYTE), int(np.int64(megabytes(0)))) == (1, 1, 0)
