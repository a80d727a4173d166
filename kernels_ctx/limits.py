"""What a probe may cost and tell."""

from dataclasses import dataclass

from kernels_ctx.snapshot import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the probe may cost inside the kernel, and whether values may leave it."""

    detail: Detail = "schema"
    probe_s: float = 0.05
    size_bytes: int = 600_000  # of the answer, about
    variables: int = 1_000
    columns: int = 40  # of a frame, looked at for nulls and examples
    frames: int = 20  # whose columns are looked at
    examples: int = 3  # a column; read with "schema+examples" alone

    def as_numbers(self) -> dict[str, float]:
        """As the probes take them."""
        return {
            "probe_s": self.probe_s,
            "size_bytes": self.size_bytes,
            "variables": self.variables,
            "columns": self.columns,
            "frames": self.frames,
            "examples": self.examples if self.detail == "schema+examples" else 0,
        }
