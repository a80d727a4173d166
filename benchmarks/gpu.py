"""Decoding of StarCoder's real shape: tokens a second against the memory's speed and against transformers.

    python benchmarks/gpu.py [--precision fp16] [--layers N] [--folder DIR] [-n N] [--json FILE]

Makes a checkpoint of random weights (31 GB for all 40 layers), exports it, and measures in turns: a copy in memory, our
engine, and transformers eager in half precision. The floor of decoding is reading every weight once a token at the
speed of that copy (bytes read and written both counted). Without CUDA it runs on the CPU with one layer unless
`--layers` says otherwise, which shows that the script works and nothing more. It was not run on a GPU yet.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from export import LAYERS, POSITIONS, make_checkpoint
from report import Row, add_options, compared, show, surroundings

from jupyter_starcoder.engine.local import LocalEngine
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.export import ExportOptions, export_checkpoint
from jupyter_starcoder.values.generation import GenerationRequest
from jupyter_starcoder.values.manifest import read_manifest

if TYPE_CHECKING:
    from jupyter_starcoder.values.model import Device, Precision

CONTEXT_TOKENS, NEW_TOKENS = 512, 64  # fewer on a CPU, where this measures nothing
COPIED_BYTES = 1 << 30


def copied_bytes_per_s(device: str) -> float:
    """Bytes read and written a second by a copy of 1 GB, the best of five."""
    source = torch.ones(COPIED_BYTES, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best_s = min(timed(lambda: target.copy_(source), device) for _ in range(5))
    return 2 * COPIED_BYTES / best_s


def timed(work: Callable[[], object], device: str) -> float:
    """Seconds until it is done, on the device too."""
    if device == "cuda":
        torch.cuda.synchronize()
    began_s = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began_s


def prompt(number: int) -> tuple[int, ...]:
    """Another prompt for each number, from its first token on."""
    return tuple(100 + (number * 7919 + at * 37) % 40_000 for at in range(CONTEXT_TOKENS))


def our_rate(engine: LocalEngine, ids: tuple[int, ...], tokens: int) -> float:
    """Decoded tokens a second."""

    async def read() -> float:
        generation = engine.generate(GenerationRequest(prompt_ids=ids, max_tokens=tokens, stop_ids=()))
        async for _ in generation:
            pass
        usage = generation.usage
        return (usage.new_tokens - 1) / usage.decode_s

    return asyncio.run(read())


class Eager:
    """transformers in PyTorch, half precision, token by token with its own cache."""

    def __init__(self, checkpoint: Path, device: str) -> None:
        from transformers import AutoModelForCausalLM

        kind = torch.float16 if device == "cuda" else torch.bfloat16
        model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=kind, attn_implementation="eager")
        self._model = model.to(device).eval()
        self._device = device

    def rate(self, ids: tuple[int, ...], tokens: int) -> float:
        """Decoded tokens a second."""
        with torch.inference_mode():
            passed = self._model(input_ids=torch.tensor([ids], device=self._device), use_cache=True)

            def decode() -> None:
                nonlocal passed
                for _ in range(tokens - 1):
                    token = passed.logits[:, -1:].argmax(dim=-1)
                    passed = self._model(input_ids=token, past_key_values=passed.past_key_values, use_cache=True)

            return (tokens - 1) / timed(decode, self._device)


def measured(folder: Path, wishes: argparse.Namespace, precision: str, device: str) -> list[Row]:
    """Everything in turns, on the same device."""
    checkpoint, exported = folder / "checkpoint", folder / "exported"
    make_checkpoint(checkpoint, wishes.layers)
    index = checkpoint / "model.safetensors.index.json"
    # transformers wants a word on the whole in it.
    index.write_text(json.dumps({"metadata": {}} | json.loads(index.read_text(encoding="utf-8"))), encoding="utf-8")
    exported.mkdir()
    options = ExportOptions(
        name="random",
        precision=cast("Precision", precision),
        device=cast("Device", device),
        source="random",
        measures_perplexity=False,
    )
    export_checkpoint(checkpoint, exported, options=options, progress=lambda _: None)
    manifest = read_manifest(exported)
    weight_bytes = manifest.weight_bytes_per_token or manifest.files["model.onnx.data"].size_bytes
    settings = EngineSettings(
        provider="cuda" if device == "cuda" else "cpu", window_tokens=min(2048, POSITIONS), draft_tokens=0
    )
    engine = LocalEngine(exported, settings)
    facts = asyncio.run(engine.facts())
    if device == "cuda" and facts.device != "CUDA":
        sys.exit(f"ONNX Runtime computes on {facts.device}: nothing was measured")
    eager = Eager(checkpoint, device)
    ours, floors, theirs = [], [], []
    for number in range(wishes.n + 1):
        floor = copied_bytes_per_s(device) / weight_bytes
        rates = our_rate(engine, prompt(number), wishes.tokens), eager.rate(prompt(number), wishes.tokens)
        if number:  # the first turn warms up
            floors.append(floor)
            ours.append(rates[0])
            theirs.append(rates[1])
    asyncio.run(engine.close())
    return [
        compared(f"decode {precision}, against reading the weights once", ours, floors),
        compared(f"decode {precision}, against transformers eager", ours, theirs),
    ]


def main() -> None:
    """Makes, measures, prints, removes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--precision", help="fp16 or int4 (default: fp16 on a GPU, int8 without)")
    parser.add_argument("--layers", type=int, default=LAYERS if device == "cuda" else 1, help="of 40")
    parser.add_argument("--tokens", type=int, default=NEW_TOKENS if device == "cuda" else 4, help="decoded, 2 or more")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where there is room")
    arguments = parser.parse_args()
    precision = arguments.precision or ("fp16" if device == "cuda" else "int8")
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="starcoder-gpu-") as folder:
        rows = measured(Path(folder), arguments, precision, device)
    facts = surroundings(f"StarCoder's shape, {arguments.layers} of {LAYERS} layers, {precision}")
    facts["device"] = torch.cuda.get_device_name() if device == "cuda" else "CPU: not run on a GPU"
    show(rows, facts, unit="tokens/s", json_file=arguments.json)


if __name__ == "__main__":
    main()
