"""What the graphs of BigCode's families have in common: layer norms, and one Gelu between two matrices."""

from jupyter_starcoder.export.decoder_graph import DecoderGraph, Product


class LayerNormGraph(DecoderGraph):
    """One graph while it is written."""

    def _fed_forward(self, source: str, normed: str, here: str) -> Product:
        widening = (self._shape.inner_width, self._shape.width)
        wide = self._product(f"{source}.c_fc", widening, normed, f"{here}.wide")
        # FastGelu adds the bias and is the tanh form of Gelu.
        active = self._graph.contrib("FastGelu", [wide.values, *wide.bias], f"{here}.active")
        return self._product(f"{source}.c_proj", widening[::-1], active, f"{here}.narrow")

    def _normed(self, norm: str, values: str, output: str) -> str:
        inputs = [values, *self._gamma_and_beta(norm)]
        return self._graph.node("LayerNormalization", inputs, output, axis=-1, epsilon=self._shape.norm_epsilon)

    def _add_and_norm(self, norm: str, product: Product, stream: str, output: str) -> tuple[str, str]:
        added = f"{output}.stream"
        normed = self._graph.contrib(
            "SkipLayerNormalization",
            [product.values, stream, *self._gamma_and_beta(norm), *product.bias],
            [output, "", "", added],
            epsilon=self._shape.norm_epsilon,
        )
        return normed, added

    def _gamma_and_beta(self, norm: str) -> tuple[str, str]:
        width = self._shape.width
        return self._vector(f"{norm}.weight", width), self._vector(f"{norm}.bias", width)
