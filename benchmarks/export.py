"""Memory and time of an export: a checkpoint of StarCoder's own shape, of random weights, made where it is measured.

    python benchmarks/export.py [--layers N] [-n N] [--folder DIR] [--json FILE]

StarCoder has 40 layers of 0.76 GB. Without `--layers` there are as many as the disk holds beside the export, up to 40.
Files are dropped from the system's cache before they are read, where the system can do so, and read in two ways: as any
program does, and dropped again behind the reader, as the export does, which spares the system the search for memory.
Where they fit into half of the memory, reading and exporting are also timed with all of them in the cache.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from report import Row, add_options, compared, show, surroundings
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from jupyter_starcoder.export.page_cache import forget

if TYPE_CHECKING:
    from jupyter_starcoder.values.model import Precision

LAYERS, WIDTH, HEADS, VOCABULARY, POSITIONS = 40, 6144, 48, 49_152, 8192
INNER, PACKED = 4 * WIDTH, WIDTH + 2 * (WIDTH // HEADS)
LAYER_BYTES = 2 * WIDTH * (PACKED + WIDTH + 2 * INNER)
TABLE_BYTES = 2 * WIDTH * (VOCABULARY + POSITIONS)
PRECISIONS = ("int4", "fp16")
MEMORY_TARGET_MB = 4000
READ_BYTES = 8 << 20

Tensor = tuple[str, tuple[int, ...]]


def layer_tensors(layer: int) -> list[Tensor]:
    """Names and shapes of one layer of gpt_bigcode."""
    here = f"transformer.h.{layer}"
    linear = {"attn.c_attn": (PACKED, WIDTH), "attn.c_proj": (WIDTH, WIDTH)}
    linear |= {"mlp.c_fc": (INNER, WIDTH), "mlp.c_proj": (WIDTH, INNER)}
    tensors: list[Tensor] = [(f"{here}.{name}.weight", shape) for name, shape in linear.items()]
    tensors += [(f"{here}.{name}.bias", shape[:1]) for name, shape in linear.items()]
    return tensors + [(f"{here}.{norm}.{kind}", (WIDTH,)) for norm in ("ln_1", "ln_2") for kind in ("weight", "bias")]


def make_checkpoint(folder: Path, layers: int) -> None:
    """A folder as the hub has it, a shard a layer."""
    folder.mkdir()
    random = np.random.default_rng(1)
    stock = (random.normal(scale=0.02, size=1 << 25).astype(np.float32).view(np.uint32) >> 16).astype("<u2")
    shards = [layer_tensors(layer) for layer in range(layers)]
    tables: list[Tensor] = [
        ("transformer.wte.weight", (VOCABULARY, WIDTH)),
        ("transformer.wpe.weight", (POSITIONS, WIDTH)),
    ]
    shards.append([*tables, ("transformer.ln_f.weight", (WIDTH,)), ("transformer.ln_f.bias", (WIDTH,))])
    weight_map = {}
    for number, tensors in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        write_shard(folder / name, tensors, stock, random)
        weight_map |= {tensor: name for tensor, _ in tensors}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}), encoding="utf-8")
    config = {"model_type": "gpt_bigcode", "n_layer": layers, "n_embd": WIDTH, "n_head": HEADS, "n_inner": INNER}
    config |= {"vocab_size": VOCABULARY, "n_positions": POSITIONS, "multi_query": True, "eos_token_id": 0}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(folder / "tokenizer.json"))


def write_shard(path: Path, tensors: list[Tensor], stock: NDArray[np.uint16], random: np.random.Generator) -> None:
    """One safetensors file of bfloat16, its values taken from the stock, beginning anywhere in it."""
    header, offset = {}, 0
    for name, shape in tensors:
        size = 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, shape in tensors:
            left = int(np.prod(shape))
            while left:
                start = int(random.integers(0, stock.size // 2))
                piece = stock[start : start + left]
                file.write(piece.data)
                left -= piece.size
        file.flush()
        os.fsync(file.fileno())
        forget(file.fileno())


def drop_from_cache(folder: Path) -> None:
    """Asks the system to forget what it has of the files."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            forget(file.fileno())


def read_once(folder: Path, *, is_dropped_behind: bool = False) -> float:
    """Seconds that it takes to read all files."""
    buffer = bytearray(READ_BYTES)
    began_s = time.perf_counter()
    for path in sorted(folder.iterdir()):
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                if is_dropped_behind:
                    forget(file.fileno(), file.tell() - count, count)
    return time.perf_counter() - began_s


def export_once(checkpoint: Path, destination: Path, precision: str) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak memory in MB of an export in a process of its own."""
    destination.mkdir()
    command = [sys.executable, __file__, "--child", str(checkpoint), str(destination), precision]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    shutil.rmtree(destination)
    answer = json.loads(result.stdout)
    return answer["time_s"], answer["cpu_s"], answer["peak_mb"]


def child(checkpoint: Path, destination: Path, precision: str) -> None:
    """One export; prints its time and the peak of its memory."""
    from jupyter_starcoder.export import ExportOptions, export_checkpoint

    options = ExportOptions(
        name="random",
        precision=cast("Precision", precision),
        source="random",
        measures_perplexity=False,  # which is not measured at this size anyway
    )
    used = resource.getrusage(resource.RUSAGE_SELF)
    before_s = used.ru_utime + used.ru_stime
    began_s = time.perf_counter()
    export_checkpoint(checkpoint, destination, options=options, progress=lambda _: None)
    time_s = time.perf_counter() - began_s
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = used.ru_utime + used.ru_stime - before_s
    print(json.dumps({"time_s": time_s, "cpu_s": cpu_s, "peak_mb": peak_memory_mb()}))


def peak_memory_mb() -> float:
    """Of this process; on Linux `ru_maxrss` would also count what the benchmark had before this was its child."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / (1 << 10)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)  # in bytes, on macOS


def measured(folder: Path, layers: int, n: int) -> Iterator[Row]:
    """Times and peaks, reading and exporting in turn."""
    checkpoint = folder / "checkpoint"
    make_checkpoint(checkpoint, layers)
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(n):
        for way, is_dropped_behind in (("as usual", False), ("dropped behind", True)):
            drop_from_cache(checkpoint)
            times[way].append(read_once(checkpoint, is_dropped_behind=is_dropped_behind))
        for precision in PRECISIONS:
            drop_from_cache(checkpoint)
            add_export(times, precision, export_once(checkpoint, folder / precision, precision))
            if is_cacheable(layers):
                read_once(checkpoint)
                times[f"{precision}, cached, reading"].append(read_once(checkpoint))
                add_export(times, f"{precision}, cached", export_once(checkpoint, folder / precision, precision))
    for precision in PRECISIONS:
        for way in ("as usual", "dropped behind"):
            name = f"{precision}: seconds, and of reading the files once, {way}"
            yield compared(name, times[precision], times[way], is_less_better=True)
        if is_cacheable(layers):
            ours, peer = times[f"{precision}, cached"], times[f"{precision}, cached, reading"]
            yield compared(f"{precision}: the same, all in the cache", ours, peer, is_less_better=True)
        name = f"{precision}: processor seconds a core, and of reading, dropped behind"
        yield compared(name, times[f"{precision}, cpu"], times["dropped behind"], is_less_better=True)
        target = [float(MEMORY_TARGET_MB)] * n
        name = f"{precision}: peak MB, and the target"
        yield compared(name, times[f"{precision}, peak"], target, is_less_better=True)


def add_export(times: dict[str, list[float]], name: str, answer: tuple[float, float, float]) -> None:
    """Notes what one export took."""
    time_s, cpu_s, peak_mb = answer
    times[name].append(time_s)
    times[f"{name}, cpu"].append(cpu_s / (os.cpu_count() or 1))
    times[f"{name}, peak"].append(peak_mb)


def is_cacheable(layers: int) -> bool:
    """Whether the files fit into half of the memory."""
    if not hasattr(os, "sysconf"):
        return False
    return size_bytes(layers) < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2


def size_bytes(layers: int) -> int:
    """Of the checkpoint."""
    return layers * LAYER_BYTES + TABLE_BYTES


def main() -> None:
    """Makes, measures, prints, removes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, n=1)
    parser.add_argument("--layers", type=int, help="of the checkpoint; default: as many as the disk holds, 40 at most")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where there is room")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(Path(arguments.child[0]), Path(arguments.child[1]), arguments.child[2])
        return
    free_bytes = shutil.disk_usage(arguments.folder).free
    fitting = int((0.9 * free_bytes - 2 * TABLE_BYTES) / (2 * LAYER_BYTES))
    layers = arguments.layers or min(LAYERS, fitting)
    if layers < 1 or layers > fitting:
        parser.error(f"{free_bytes / 1e9:.0f} GB are free in {arguments.folder}: room for {max(0, fitting)} layers")
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="starcoder-export-") as folder:
        rows = list(measured(Path(folder), layers, arguments.n))
    size_gb = size_bytes(layers) / 1e9
    facts = surroundings(f"StarCoder's shape, {layers} of {LAYERS} layers, {size_gb:.1f} GB of random bfloat16")
    facts["cache"] = "dropped before each run, unless a line says otherwise" if hasattr(os, "posix_fadvise") else "warm"
    show(rows, facts, unit="ratio: peer / ours; reading at 0.33 is the target of 3 times", json_file=arguments.json)


if __name__ == "__main__":
    main()
