"""The package as a user gets it: built from a clone, installed into an environment of its own."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from jupyter_starcoder import __version__

ROOT = Path(__file__).parents[2]
DATA = f"jupyter_starcoder-{__version__}.data/data"
FRONT_END = f"{DATA}/share/jupyter/labextensions/jupyter-starcoder"

FRONT_END_BYTES = 400_000
LEFT_OVER = ("build_log.json", "static/old.js", "static/old.js.map")  # of a build for development

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what is committed, where a developer has built the front end in the meantime."""
    folder = tmp_path_factory.mktemp("packaging")
    clone, builder = folder / "clone", folder / "builder"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    for name in (*LEFT_OVER, "package.json", "static/style.js"):
        left = clone / "jupyter_starcoder" / "labextension" / name
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text(f'{{"folder": "{clone}"}}', encoding="utf-8")
    configuration = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))
    needed = configuration["build-system"]["requires"]
    needed += configuration["tool"]["hatch"]["build"]["hooks"]["jupyter-builder"]["dependencies"]
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(builder), *needed]
    subprocess.run(install, check=True)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(folder)]
    path = os.pathsep.join([str(builder / "bin"), os.environ["PATH"]])
    environment = os.environ | {"PYTHONPATH": str(builder), "PATH": path}
    built = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)

    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = folder.glob("*.tar.gz")
    return found


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """Built from that, without Node and without what lies around it."""
    folder = sdist.parent / "wheel"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), str(sdist)]
    environment = os.environ | {"PATH": str(folder)}
    built = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path) -> Path:
    """Of an environment with the wheel alone; what it depends on is borrowed from this one."""
    folder = wheel.parent / "environment"
    venv.create(folder)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, str(wheel)], check=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    borrowed = Path(sysconfig.get_path("purelib", vars=paths)) / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def run(python: Path, *command: str) -> str:
    """What a command says there, away from the checkout and from this user's configuration."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
    environment["HOME"] = str(python.parent)
    done = subprocess.run(
        [str(python), *command],
        cwd=python.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr)  # colours


def test_wheel_holds_every_part(wheel: Path) -> None:
    """Both packages with their data, the built front end, and what makes Jupyter load the two sides."""
    names = set(zipfile.ZipFile(wheel).namelist())

    assert names >= {
        *("jupyter_starcoder/app.py", "jupyter_starcoder/py.typed", "jupyter_starcoder/tour.ipynb"),
        "jupyter_starcoder/export/perplexity_text.txt",
        *("kernels_ctx/python.py", "kernels_ctx/py.typed", "kernels_ctx/probe/probing.py", "kernels_ctx/r_probe.R"),
        *("jupyter_starcoder/evaluation/pins.txt", "jupyter_starcoder/evaluation/inside/server.py"),
        f"{DATA}/etc/jupyter/jupyter_server_config.d/jupyter_starcoder.json",
        *(f"{FRONT_END}/{name}" for name in ("install.json", "package.json", "static/style.js")),
        f"{FRONT_END}/schemas/jupyter-starcoder/plugin.json",
    }
    assert [name for name in names if name.startswith(f"{FRONT_END}/static/remoteEntry")]
    tops = {name.split("/")[0] for name in names}
    assert tops == {"jupyter_starcoder", "kernels_ctx", DATA.split("/")[0], DATA.split(".data")[0] + ".dist-info"}


def test_nothing_of_a_developers_build_is_packed(sdist: Path, wheel: Path) -> None:
    """Neither in sdist nor in wheel: no source maps, and no path of the machine that built them."""
    clone = str(sdist.parent / "clone").encode()
    with tarfile.open(sdist) as archive:
        packed = {one.name: opened.read() for one in archive if (opened := archive.extractfile(one))}
    with zipfile.ZipFile(wheel) as archived:
        packed |= {name: archived.read(name) for name in archived.namelist()}

    assert len([name for name in packed if name.endswith("static/style.js")]) == 2
    assert [name for name in packed if name.endswith((*LEFT_OVER, ".map"))] == []
    assert [name for name, content in packed.items() if clone in content] == []


def test_front_end_stays_small(wheel: Path) -> None:
    """All that a page can come to load of it, at the start or later; shared parts are JupyterLab's own."""
    scripts = [one for one in zipfile.ZipFile(wheel).infolist() if one.filename.startswith(f"{FRONT_END}/static/")]
    sizes_bytes = {Path(one.filename).name: one.file_size for one in scripts if one.filename.endswith(".js")}

    assert 0 < sum(sizes_bytes.values()) <= FRONT_END_BYTES, sizes_bytes


def test_installed_wheel_is_what_runs(python: Path) -> None:
    """Not the checkout, which this environment can see too."""
    where = run(python, "-c", "import jupyter_starcoder, kernels_ctx; print(jupyter_starcoder.__file__, kernels_ctx)")

    assert where.count(str(python.parents[1])) == 2


def test_installed_wheel_works_in_jupyter(python: Path) -> None:
    """Both lists say OK, and so does our own doctor."""
    front_ends = run(python, "-m", "jupyterlab.labextensions", "list")
    extensions = run(python, "-m", "jupyter_server", "extension", "list")
    doctor = run(python, "-m", "jupyter_starcoder.cli", "doctor").splitlines()

    (front_end,) = [line for line in front_ends.splitlines() if "jupyter-starcoder" in line]
    assert f"v{__version__} enabled OK" in front_end
    assert f"jupyter_starcoder {__version__} OK" in extensions
    assert "ok       server extension: enabled" in doctor
    (found,) = [line for line in doctor if "front end" in line]
    assert found.startswith(f"ok       front end: {__version__} in {python.parents[1]}")
