"""What a precision means on a device: one table of how weights are stored and what the graph computes in.

Why the numbers are what they are:

- CPU: ONNX Runtime's CPU kernels compute in float32. Blocks of 64 at 8 bits cost SmolLM2-135M less than 1 % of its
  perplexity; blocks of 32 at 4 bits cost it a third, of 64 and of 128 more (7.4 and 8.1, from 5.4), and so would a
  4-bit head. The head and the table have blocks of 32, which cost nothing and 1 % of the bytes a token reads.
- CUDA: attention is written for half precision alone there, so everything is; scales in half precision also make a
  block of 32 at 4 bits take 4.5 bits a weight instead of 5. Not run on a GPU: block sizes are those of the CPU.
- The table of embeddings is looked up, one row a token, so its size costs memory and no time. With 8 bits it shares its
  bytes with a tied head. On CUDA it stays in half precision: a lookup of packed rows was not tried there.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from jupyter_starcoder.errors import ExportError
from jupyter_starcoder.export.quantisation import BlockFormat
from jupyter_starcoder.values.model import Device, Precision

Number = Literal["float32", "float16"]

INT8 = BlockFormat(bits=8, block=64)
INT8_FINE = BlockFormat(bits=8, block=32)
INT4 = BlockFormat(bits=4, block=32)
BLOCKS = (16, 32, 64, 128, 256)  # that MatMulNBits knows


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightForms:
    """How the weights of one graph are stored; None is a number a weight, of the kind that the graph computes in."""

    precision: Precision
    device: Device
    computes_in: Number
    body: BlockFormat | None = None
    head: BlockFormat | None = None
    table: BlockFormat | None = None  # of embeddings; without blocks it is in float16 where the body has blocks


FORMS: dict[tuple[Precision, Device], WeightForms] = {
    (form.precision, form.device): form
    for form in (
        WeightForms(precision="fp32", device="cpu", computes_in="float32"),
        WeightForms(precision="fp16", device="cpu", computes_in="float16"),
        WeightForms(precision="int8", device="cpu", computes_in="float32", body=INT8, head=INT8_FINE, table=INT8_FINE),
        WeightForms(precision="int4", device="cpu", computes_in="float32", body=INT4, head=INT8_FINE, table=INT8_FINE),
        WeightForms(precision="fp16", device="cuda", computes_in="float16"),
        WeightForms(precision="int8", device="cuda", computes_in="float16", body=INT8, head=INT8_FINE),
        WeightForms(precision="int4", device="cuda", computes_in="float16", body=INT4, head=INT8_FINE),
    )
}
FLOAT32 = FORMS["fp32", "cpu"]


def forms_of(precision: Precision, device: Device, *, block_size: int = 0, head_bits: int = 0) -> WeightForms:
    """The forms of a precision on a device.

    Args:
        precision: of the weights.
        device: that the graph is written for.
        block_size: weights that share a scale, in the layers; 0: that of the table above.
        head_bits: of the last matrix, 4 or 8; 0: those of the table above.

    Raises:
        ExportError: there is no such precision on this device, or an option does not go with it.
    """
    if precision not in get_args(Precision):
        raise ExportError(f"precision {precision!r} is not one of {', '.join(get_args(Precision))}: choose one of them")
    forms = FORMS.get((precision, device))
    if forms is None:
        known = ", ".join(name for name, where in FORMS if where == device)
        raise ExportError(f"there is no {precision} for the device {device!r}: choose one of {known or 'cpu and cuda'}")
    if not block_size and not head_bits:
        return forms
    if forms.body is None or forms.head is None:
        raise ExportError(f"{precision} has neither blocks nor a head of other bits: leave these options out, or int8")
    if block_size not in (0, *BLOCKS):
        raise ExportError(f"a block of {block_size} weights is none of {', '.join(map(str, BLOCKS))}: choose one")
    if head_bits not in (0, 4, 8):
        raise ExportError(f"a head of {head_bits} bits is not known: choose 4 or 8")
    head = BlockFormat(head_bits, 32) if head_bits else forms.head
    body = BlockFormat(forms.body.bits, block_size) if block_size else forms.body
    return replace(forms, body=body, head=head)
