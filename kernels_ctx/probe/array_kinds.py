"""Arrays of numpy, scipy, dask and torch: dtype and shape, no element."""

import sys
from typing import Any

from kernels_ctx.probe.looking import attribute, fields, library_of, name_of
from kernels_ctx.probe.spelling import dtype_text
from kernels_ctx.probe.wanted import Wanted


def array(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """An array of numpy or dask."""
    shape = attribute(base, value, "shape")
    known = [] if any(size != size for size in shape) else [int(size) for size in shape]  # noqa: PLR0124  nan: unknown
    return {"kind": "array", "shape": known, "detail": dtype_text(attribute(base, value, "dtype"))}


def sparse(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A sparse matrix or array of scipy."""
    content = fields(value)
    data: Any = content.get("data")
    is_flat = "dtype" not in content and library_of(type(data)) == "numpy"  # the others hold lists or a dict
    dtype = data.dtype if is_flat else content["dtype"]
    stored = f", {len(data)} stored" if is_flat and data.ndim == 1 else ""
    shape = content.get("_shape") or ()
    return {"kind": "array", "shape": [int(size) for size in shape], "detail": dtype_text(dtype) + stored}


def tensor(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A tensor. A subclass's `__torch_function__` is not asked."""
    with sys.modules["torch"]._C.DisableTorchFunctionSubclass():
        shape = [int(size) for size in attribute(base, value, "shape")]
        parts = [str(attribute(base, value, "dtype")).removeprefix("torch."), str(attribute(base, value, "device"))]
        if attribute(base, value, "requires_grad"):
            parts.append("requires_grad")
    return {"kind": "array", "shape": shape, "detail": " ".join(parts)}


def network(value: Any, base: Any, wanted: Wanted) -> dict[str, Any]:
    """A module of torch with the names of its parts."""
    parts = fields(value).get("_modules") or {}
    shown = [f"{name}: {name_of(type(part))}" for name, part in list(parts.items())[:8]]
    more = [f"{len(parts) - 8} more"] if len(parts) > 8 else []
    return {"kind": "estimator", "detail": "(" + ", ".join(shown + more) + ")"}
