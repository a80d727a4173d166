"""`jupyter starcoder doctor`: a verdict in one line on everything that a completion needs."""

import argparse
import importlib.metadata
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from jupyter_starcoder import __version__
from jupyter_starcoder.config import load_settings
from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.values.settings import Settings

Verdict = Literal["ok", "warning", "broken"]

LEAST = {"jupyter_server": (2, 15), "jupyterlab": (4, 6), "notebook": (7, 6)}  # as in pyproject.toml
NEEDED = "jupyter_server"
SCARCE_BYTES = 2_000_000_000  # preparing the embedded model takes about a quarter of it
MARKS = {"ok": "ok     ", "warning": "warning", "broken": "BROKEN "}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's."""

    subject: str
    verdict: Verdict
    message: str


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = commands.add_parser("doctor", help="check versions, ONNX Runtime, model, disk and extension")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the findings; 1 when something is broken."""
    found = tuple(findings())
    is_broken = any(finding.verdict == "broken" for finding in found)
    if arguments.json:
        reply = {"ok": not is_broken, "findings": found}
        sys.stdout.write(msgspec.json.encode(reply).decode() + "\n")
        return int(is_broken)
    for finding in found:
        sys.stdout.write(f"{MARKS[finding.verdict]}  {finding.subject}: {finding.message}\n")
    sys.stdout.write("Something is broken: the lines above say what to do.\n" if is_broken else "All is well.\n")
    return int(is_broken)


def findings() -> Iterator[Finding]:
    """Everything that is looked at, in the order in which a completion needs it."""
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Finding("jupyter_starcoder", "ok", __version__)
    for package, least in LEAST.items():
        yield version(package, least)
    yield checked("server extension", extension)
    yield checked("front end", front_end)
    yield checked("ONNX Runtime", runtime)
    try:
        settings = load_settings()
    except StarcoderError as error:
        yield Finding("settings", "broken", error.message)
        return
    yield checked("model", lambda subject: model(subject, settings))
    yield checked("disk", lambda subject: disk(subject, settings.models_dir))


def checked(subject: str, look: Callable[[str], Finding]) -> Finding:
    """What a look finds; an error is a finding too."""
    try:
        return look(subject)
    except StarcoderError as error:
        return Finding(subject, "broken", error.message)
    except Exception as error:  # noqa: BLE001 - the border of one look: a doctor is asked when anything may be broken
        return Finding(subject, "broken", f"could not be looked at ({type(error).__name__}: {error})")


def version(package: str, least: tuple[int, int]) -> Finding:
    """Whether a package is there and new enough."""
    wanted = ".".join(map(str, least))
    try:
        found = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        verdict: Verdict = "broken" if package == NEEDED else "warning"
        return Finding(package, verdict, f"not installed: run `pip install '{package}>={wanted}'`")
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if numbers < least:
        return Finding(package, "broken", f"{found} is older than {wanted}: run `pip install --upgrade {package}`")
    return Finding(package, "ok", found)


def extension(subject: str) -> Finding:
    """Whether the server loads us."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
    enabled = manager.get_jpserver_extensions()  # type: ignore[no-untyped-call]
    if enabled.get("jupyter_starcoder"):
        return Finding(subject, "ok", "enabled")
    return Finding(subject, "broken", "not enabled: run `jupyter server extension enable jupyter_starcoder`")


def front_end(subject: str) -> Finding:
    """Whether JupyterLab finds the built front end, of the same version."""
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("labextensions"):
        package = Path(folder) / "jupyter-starcoder" / "package.json"
        if package.is_file():
            found = json.loads(package.read_text(encoding="utf-8")).get("version")
            if found == __version__:
                return Finding(subject, "ok", f"{found} in {package.parent}")
            return Finding(subject, "broken", f"{found} is not the server's {__version__}: install the package again")
    return Finding(subject, "broken", "not found: install the package again (`pip install jupyter_starcoder`)")


def runtime(subject: str) -> Finding:
    """Whether exactly one ONNX Runtime is there, and what it can run on."""
    from jupyter_starcoder.engine.runtime import load_runtime

    module = load_runtime()
    providers = ", ".join(name.removesuffix("ExecutionProvider") for name in module.get_available_providers())
    return Finding(subject, "ok", f"{module.__version__} with {providers}")


def model(subject: str, settings: Settings) -> Finding:
    """Whether the configured model is prepared and every file is what was written."""
    from jupyter_starcoder.models.store import Store

    store = Store(settings.models_dir)
    if not store.has(settings.model):
        what = f"{settings.model} is not prepared: run `jupyter starcoder models get {settings.model}`"
        return Finding(subject, "broken", what)
    store.verify(settings.model)
    size_bytes = sum(path.stat().st_size for path in store.folder(settings.model).iterdir())
    return Finding(subject, "ok", f"{settings.model}, {size_bytes / 1e6:.0f} MB, every file as it was written")


def disk(subject: str, models_dir: Path) -> Finding:
    """Whether there is room for models."""
    there = next(path for path in (models_dir, *models_dir.absolute().parents) if path.is_dir())
    free_bytes = shutil.disk_usage(there).free
    room = f"{free_bytes / 1e9:.0f} GB free for {models_dir}"
    if free_bytes < SCARCE_BYTES:
        return Finding(subject, "warning", f"only {room}: remove models with `jupyter starcoder models remove NAME`")
    return Finding(subject, "ok", room)
