"""Finding ONNX Runtime."""

import pytest

from jupyter_starcoder.engine.runtime import (
    CPU,
    CUDA,
    Device,
    choose_device,
    installed,
    load_runtime,
    provider_options,
)
from jupyter_starcoder.engine.settings import EngineSettings, Provider
from jupyter_starcoder.errors import BadRequest, ExtraMissing


def test_runtime_that_is_installed_is_loaded() -> None:
    """The tests run with one of the packages."""
    assert len(installed()) == 1
    assert load_runtime().__name__ == "onnxruntime"


def test_runtime_missing_says_what_to_install() -> None:
    """Without ONNX Runtime the message is a command."""
    with pytest.raises(ExtraMissing, match=r"pip install jupyter_starcoder\[cpu\]"):
        load_runtime(())


def test_runtime_installed_twice_says_what_to_uninstall() -> None:
    """Both packages write the same files, so neither can be trusted."""
    with pytest.raises(ExtraMissing, match="pip uninstall --yes onnxruntime onnxruntime-gpu"):
        load_runtime(("onnxruntime", "onnxruntime-gpu"))


@pytest.mark.parametrize(
    ("provider", "available", "title"),
    [
        ("auto", [CPU], "CPU"),
        ("auto", [CUDA, CPU], "CUDA"),
        ("cpu", [CUDA, CPU], "CPU"),
        ("cuda", [CUDA, CPU], "CUDA"),
    ],
)
def test_device_is_chosen_of_what_is_there(provider: Provider, available: list[str], title: str) -> None:
    """Automatic takes the GPU where there is one."""
    assert choose_device(provider, available).title == title


def test_device_cuda_without_support_says_what_to_install() -> None:
    """The note names the extra."""
    device = choose_device("cuda", [CPU])

    assert device.providers == [CPU]
    assert "install jupyter_starcoder[gpu]" in device.title


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache_mb", -1),
        ("max_waiting", 0),
        ("prefill_chunk_tokens", 0),
        ("threads", -1),
        ("gpu", -1),
        ("draft_tokens", -1),
    ],
)
def test_settings_that_make_no_sense_are_named(name: str, value: int) -> None:
    """A setting refuses itself, by name."""
    with pytest.raises(BadRequest, match=rf"{name} is {value}"):
        EngineSettings(**{name: value})  # type: ignore[arg-type]


def test_provider_options_tell_cuda_which_gpu_and_how_much_of_it() -> None:
    """The CPU behind it is told nothing."""
    settings = EngineSettings(gpu=1, gpu_memory_mb=2)

    assert provider_options(Device(kind="cpu"), settings) == [(CPU, {})]
    (cuda, told), cpu = provider_options(Device(kind="cuda"), settings)
    assert (cuda, cpu) == (CUDA, (CPU, {}))
    assert (told["device_id"], told["gpu_mem_limit"]) == ("1", str(2 * 2**20))
    assert "gpu_mem_limit" not in dict(provider_options(Device(kind="cuda"), EngineSettings()))[CUDA]
