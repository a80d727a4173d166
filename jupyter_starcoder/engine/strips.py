"""The memory of all caches: one strip a layer for keys and one for values, in which each cache has its part."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from jupyter_starcoder.engine.memory import small_pages
from jupyter_starcoder.engine.runtime import Binding, Device
from jupyter_starcoder.values.model import Manifest


class Strips:
    """Keys and values, each strip of shape (caches, kv_heads, window, head_size)."""

    def __init__(
        self, runtime: ModuleType, manifest: Manifest, device: Device, *, caches: int, window_tokens: int, gpu: int
    ) -> None:
        """Takes the memory; on a CPU it is there as far as it was written."""
        self._manifest = manifest
        self._device = device
        self._gpu = gpu
        self._shape = (caches, manifest.kv_heads, window_tokens, manifest.head_size)
        self._arrays: list[NDArray[np.generic]] = []
        self._memory: list[object] = []  # of a GPU
        self._addresses: list[int] = []
        for _, _, dtype in self._names():
            if device.kind == "cuda":
                value = runtime.OrtValue.ortvalue_from_shape_and_type(self._shape, np.dtype(dtype), "cuda", gpu)
                self._memory.append(value)
                self._addresses.append(value.data_ptr())
            else:
                self._arrays.append(small_pages(self._shape, dtype))
                self._addresses.append(self._arrays[-1].ctypes.data)

    def bind(self, binding: Binding, first: int, behind: int) -> None:
        """Makes neighbouring caches the past and the present of a pass."""
        shape = (behind - first, *self._shape[1:])
        for address, (past, present, dtype) in zip(self._addresses, self._names(), strict=True):
            number = np.dtype(dtype)
            start = address + first * int(np.prod(self._shape[1:])) * number.itemsize
            place = (self._device.kind, self._gpu if self._device.kind == "cuda" else 0, number.type, shape, start)
            binding.bind_input(past, *place)
            binding.bind_output(present, *place)

    def copy(self, source: int, target: int, length: int) -> bool:
        """Copies the first tokens of one cache into another; gives whether that can be done: not on a GPU."""
        for array in self._arrays:
            array[target, :, :length] = array[source, :, :length]
        return bool(self._arrays)

    def _names(self) -> Iterator[tuple[str, str, str]]:
        """Names of each strip as past and as present, and its type."""
        for layer in range(self._manifest.layers):
            for kind in ("key", "value"):
                past = f"past_key_values.{layer}.{kind}"
                yield past, f"present.{layer}.{kind}", self._manifest.inputs[past].dtype
