"""What every benchmark prints: ratios of runs made side by side, and what they were made on."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    name: str
    ours: float  # median
    peer: float  # median
    ratio: float  # median of the ratios of each pair; above 1 is better for us
    n: int  # pairs
    spread: tuple[float, float]  # first and third quartile of these ratios


def compared(name: str, ours: Sequence[float], peer: Sequence[float], *, is_less_better: bool = False) -> Row:
    """The row of measurements that were taken in pairs, one after the other.

    Args:
        name: what was measured, against whom.
        ours: rates (more is better), or times with `is_less_better`.
        peer: as many of theirs, in the same order.
        is_less_better: the numbers are times.
    """
    ratios = [theirs / us if is_less_better else us / theirs for us, theirs in zip(ours, peer, strict=True)]
    return Row(
        name=name,
        ours=statistics.median(ours),
        peer=statistics.median(peer),
        ratio=statistics.median(ratios),
        n=len(ratios),
        spread=quartiles(ratios),
    )


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """The first and the third; of a single value twice that one."""
    if len(values) < 2:
        return values[0], values[0]
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third


def add_options(parser: argparse.ArgumentParser, *, n: int = 5) -> None:
    """Adds `-n` and `--json`."""
    parser.add_argument("-n", type=int, default=n, help=f"measurements of each kind, interleaved (default {n})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows and the machine as JSON")


def surroundings(model: str) -> dict[str, str]:
    """What the numbers were made on."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    load = f"{os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else "not known"
    return {
        "model": model,
        "commit": commit.stdout.strip() or "not known",
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "load": load,
        "onnxruntime": next((version(name) for name in ("onnxruntime", "onnxruntime-gpu") if version(name)), ""),
        "python": platform.python_version(),
    }


def processor() -> str:
    """Its name, as the system has it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def version(package: str) -> str:
    """The installed version; empty without one."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def show(rows: Sequence[Row], facts: dict[str, str], *, unit: str, json_file: Path | None = None) -> None:
    """Prints the table, and writes the rows where that was asked for."""
    print("; ".join(f"{key} {value}" for key, value in facts.items() if value))
    width = max(len(row.name) for row in rows)
    print(f"{'':<{width}}  {'ours':>9}  {'peer':>9}  {'ratio':>6}  {'quartiles':>13}   n   ({unit})")
    for row in rows:
        low, high = row.spread
        numbers = f"{row.ours:>9.4g}  {row.peer:>9.4g}  {row.ratio:>6.2f}  {low:>5.2f} – {high:<5.2f}"
        print(f"{row.name:<{width}}  {numbers} {row.n:>3}")
    sys.stdout.flush()
    if json_file is not None:
        content = {"facts": facts, "unit": unit, "rows": [asdict(row) for row in rows]}
        json_file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
