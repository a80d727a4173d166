"""The conductor of one export: checkpoint, tokenizer, graph with its weights, perplexity, and the manifest last."""

import hashlib
import os
from pathlib import Path

from tokenizers import Tokenizer

from jupyter_starcoder import __version__
from jupyter_starcoder.errors import CheckpointDamaged, ExportError, ExtraMissing
from jupyter_starcoder.export.checkpoint import Checkpoint, open_checkpoint
from jupyter_starcoder.export.decoder_graph import DecoderGraph
from jupyter_starcoder.export.families import family_of
from jupyter_starcoder.export.graph_files import Report, write_graph
from jupyter_starcoder.export.options import ExportOptions
from jupyter_starcoder.export.perplexity import FloatGraphTooLarge, measured_perplexity
from jupyter_starcoder.values.manifest import FORMAT, write_manifest
from jupyter_starcoder.values.model import (
    DATA_FILE,
    GRAPH_FILE,
    TOKENIZER_FILE,
    FileFact,
    Manifest,
    Perplexity,
    Progress,
)

# Special tokens that end an answer in the families we write, whatever else the checkpoint names.
END_MARKERS = ("<|endoftext|>", "<|im_end|>", "<|end_of_text|>", "<|eot_id|>", "</s>")


def export_checkpoint(checkpoint: Path, destination: Path, *, options: ExportOptions, progress: Report) -> Manifest:
    """Writes a model folder; the manifest comes last, so a folder of a killed export is not a model.

    Args:
        checkpoint: a `.gguf` file, or a folder with config.json, tokenizer.json and safetensors.
        destination: an empty folder that is there.
        options: name, precision, and where the checkpoint came from.
        progress: told of every step.

    Raises:
        CheckpointDamaged: files or tensors are missing or do not fit the settings.
        ModelUnsupported: an architecture, variation or tokenizer that we cannot write.
        ExportError: the folder cannot be written, a full disk for example.
    """
    try:
        with open_checkpoint(checkpoint) as opened:
            return _export(opened, destination, options, progress)
    except OSError as error:
        raise ExportError(f"{destination} cannot be written ({error}): free space or choose another folder") from error


def _export(checkpoint: Checkpoint, destination: Path, options: ExportOptions, progress: Report) -> Manifest:
    family = family_of(checkpoint.architecture)
    shape = family.shape(checkpoint)
    progress(Progress(step="writing the tokenizer"))
    tokenizer_path = destination / TOKENIZER_FILE
    checkpoint.write_tokenizer(tokenizer_path)
    markers, ends = _special_tokens(tokenizer_path, shape.vocabulary_size)
    graph, data = write_graph(checkpoint, family, destination, options.forms, progress)
    perplexity = _perplexity(checkpoint, family, destination, options, progress)
    manifest = Manifest(
        format=FORMAT,
        name=options.name,
        family=family.name,
        source=options.source,
        revision=options.revision,
        licence=options.licence or checkpoint.licence,
        precision=options.precision,
        device=options.device,
        weight_bytes_per_token=graph.read_bytes,
        window_tokens=shape.window_tokens,
        vocabulary_size=shape.vocabulary_size,
        layers=shape.layers,
        kv_heads=shape.kv_heads,
        head_size=shape.head_size,
        end_ids=tuple(sorted({*checkpoint.end_ids, *ends})),
        markers=markers,
        inputs=graph.inputs,
        outputs=graph.outputs,
        files={
            GRAPH_FILE: synced_fact(destination / GRAPH_FILE),
            DATA_FILE: data,
            TOKENIZER_FILE: synced_fact(tokenizer_path),
        },
        perplexity=perplexity,
        written_by=f"jupyter_starcoder {__version__}",
    )
    write_manifest(destination, manifest)
    return manifest


def _special_tokens(tokenizer_path: Path, vocabulary_size: int) -> tuple[tuple[str, ...], list[int]]:
    """The tokenizer's markers, and the ids of those that end an answer.

    Raises:
        CheckpointDamaged: it has more tokens than the model.
    """
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    if (size := tokenizer.get_vocab_size()) > vocabulary_size:
        raise CheckpointDamaged(f"the tokenizer has {size} tokens but the model {vocabulary_size}: they do not fit")
    markers = tuple(token.content for _, token in sorted(tokenizer.get_added_tokens_decoder().items()) if token.special)
    return markers, [tokenizer.token_to_id(marker) for marker in END_MARKERS if marker in markers]


def _perplexity(
    checkpoint: Checkpoint, family: type[DecoderGraph], folder: Path, options: ExportOptions, progress: Report
) -> Perplexity | None:
    """None where it is not wanted or cannot be measured; the reason is told as a step."""
    if not options.measures_perplexity:
        return None
    try:
        return measured_perplexity(checkpoint, family, folder, options, progress)
    except (ExtraMissing, FloatGraphTooLarge) as error:
        progress(Progress(step=f"perplexity was not measured: {error}"))
        return None


def synced_fact(path: Path) -> FileFact:
    """Hash and size of a small file, which is on the disk afterwards."""
    with path.open("rb+") as file:
        content = file.read()
        os.fsync(file.fileno())
    return FileFact(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
