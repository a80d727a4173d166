"""Writing a model's graph and its weights into a folder."""

from collections.abc import Callable
from pathlib import Path

from jupyter_starcoder.export.checkpoint import Checkpoint
from jupyter_starcoder.export.decoder_graph import DecoderGraph
from jupyter_starcoder.export.forms import WeightForms
from jupyter_starcoder.export.graph import GraphWriter
from jupyter_starcoder.export.tensor_file import TensorFile
from jupyter_starcoder.values.model import DATA_FILE, GRAPH_FILE, FileFact, Progress

Report = Callable[[Progress], None]


def write_graph(
    checkpoint: Checkpoint, family: type[DecoderGraph], folder: Path, forms: WeightForms, progress: Report
) -> tuple[GraphWriter, FileFact]:
    """Writes the graph and its weights; gives the finished graph and what the weights' file is."""
    layers = family.shape(checkpoint).layers
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        progress(Progress(step=f"writing weights ({forms.precision})", done=done, total=layers, unit="layers"))

    with TensorFile(folder / DATA_FILE) as data:
        graph = GraphWriter(data)
        family(checkpoint, graph, forms).write(advance)
        fact = data.finish()
    graph.save(folder / GRAPH_FILE)
    return graph, fact
