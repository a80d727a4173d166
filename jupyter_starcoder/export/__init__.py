"""Checkpoint in, model folder out: weights read one tensor at a time, graph written straight from them."""

from jupyter_starcoder.export.exporter import export_checkpoint
from jupyter_starcoder.export.options import ExportOptions

__all__ = ["ExportOptions", "export_checkpoint"]
