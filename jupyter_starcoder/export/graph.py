"""A graph under construction: nodes are added in order, weights go straight to the file beside it.

Tensors of less than 1 KiB stay in the graph, where ONNX Runtime's shape inference can read them.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, StringStringEntryProto, TensorProto, ValueInfoProto, helper, numpy_helper

from jupyter_starcoder.errors import ExportError
from jupyter_starcoder.export.tensor_file import TensorFile
from jupyter_starcoder.values.model import DATA_FILE, NumberKind, TensorFact

INLINE_BYTES = 1024
OPSET = 17  # LayerNormalization came with it; nothing here needs a later one
IR_VERSION = 8  # goes with opset 17

MICROSOFT = "com.microsoft"
Attribute = int | float | str | Sequence[int]


class GraphWriter:
    """Nodes, inputs, outputs and initialisers of one graph."""

    def __init__(self, data: TensorFile) -> None:
        self._data = data
        self._nodes: list[NodeProto] = []
        self._initialisers: list[TensorProto] = []
        self._names: set[str] = set()
        self._stored: dict[str, TensorProto] = {}
        self.read_bytes = 0  # of weights, for one token; who adds weights counts
        self.inputs: dict[str, TensorFact] = {}
        self.outputs: dict[str, TensorFact] = {}

    def add_input(self, name: str, dtype: NumberKind, shape: tuple[int | str, ...]) -> str:
        """Declares an input and gives its name."""
        self.inputs[name] = TensorFact(dtype=dtype, shape=shape)
        return name

    def add_output(self, name: str, dtype: NumberKind, shape: tuple[int | str, ...]) -> str:
        """Declares an output and gives its name; a node writes it."""
        self.outputs[name] = TensorFact(dtype=dtype, shape=shape)
        return name

    def node(self, operator: str, inputs: Sequence[str], outputs: str | Sequence[str], **attributes: Attribute) -> str:
        """Adds a node of ONNX itself and gives its first output's name."""
        return self._add(operator, "", inputs, outputs, attributes)

    def contrib(
        self, operator: str, inputs: Sequence[str], outputs: str | Sequence[str], **attributes: Attribute
    ) -> str:
        """Adds one of ONNX Runtime's contributed operators and gives its first output's name."""
        return self._add(operator, MICROSOFT, inputs, outputs, attributes)

    def _add(
        self,
        operator: str,
        domain: str,
        inputs: Sequence[str],
        outputs: str | Sequence[str],
        attributes: dict[str, Attribute],
    ) -> str:
        names = [outputs] if isinstance(outputs, str) else list(outputs)
        node = helper.make_node(operator, inputs, names, name=names[0], domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self._nodes.append(node)
        return names[0]

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Adds a whole tensor and gives its name; adding a name again changes nothing."""
        if values.nbytes < INLINE_BYTES:
            if name not in self._names:
                self._names.add(name)
                self._initialisers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
            return name
        return self.streamed(name, values.dtype, values.shape, [values])

    def streamed(
        self, name: str, dtype: np.dtype[np.generic], shape: tuple[int, ...], pieces: Iterable[NDArray[np.generic]]
    ) -> str:
        """Adds a tensor that comes in pieces along its first dimension; a name that is there is not written again."""
        if name in self._names:
            return name
        self._names.add(name)
        offset = self._data.start()
        for piece in pieces:
            if piece.dtype != dtype:
                raise ExportError(f"{name}: a piece of {piece.dtype} in a tensor of {dtype}: this is our mistake")
            self._data.append(piece)
        length = self._data.size_bytes - offset
        if length != math.prod(shape) * dtype.itemsize:
            raise ExportError(f"{name}: {length} bytes do not make {shape}: this is our mistake")
        tensor = TensorProto(name=name, dims=shape, data_type=helper.np_dtype_to_tensor_dtype(dtype))
        tensor.data_location = TensorProto.EXTERNAL
        facts = {"location": DATA_FILE, "offset": str(offset), "length": str(length)}
        tensor.external_data.extend(StringStringEntryProto(key=key, value=value) for key, value in facts.items())
        self._initialisers.append(tensor)
        self._stored[name] = tensor
        return name

    def has(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        return name in self._names

    def alias(self, name: str, source: str, shape: tuple[int, ...]) -> str:
        """Adds the bytes of a streamed tensor again, in another shape, and gives its name; no byte is written."""
        if name in self._names:
            return name
        self._names.add(name)
        tensor = TensorProto()
        tensor.CopyFrom(self._stored[source])
        if math.prod(shape) != math.prod(tensor.dims):
            raise ExportError(f"{name}: {source} does not make {shape}: this is our mistake")
        tensor.name = name
        tensor.dims[:] = shape
        self._initialisers.append(tensor)
        return name

    def save(self, path: Path) -> None:
        """Writes the graph itself; its weights are in the tensor file already."""
        graph = helper.make_graph(
            self._nodes, path.stem, _values(self.inputs), _values(self.outputs), initializer=self._initialisers
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model: ModelProto = helper.make_model(graph, opset_imports=opsets, producer_name="jupyter_starcoder")
        model.ir_version = IR_VERSION
        path.write_bytes(model.SerializeToString())


def _values(facts: dict[str, TensorFact]) -> list[ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(fact.dtype)), fact.shape)
        for name, fact in facts.items()
    ]
