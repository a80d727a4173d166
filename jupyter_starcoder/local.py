"""Builds what answers on this machine out of settings: for the server, the command line and plain IPython.

Everything heavy is imported where it is used: the server imports this file when it starts.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_starcoder.errors import ModelError, UnknownModel
from jupyter_starcoder.preparing import prepare_in_process
from jupyter_starcoder.values.settings import Settings
from jupyter_starcoder.workshop import Watch, Workshop

if TYPE_CHECKING:
    from jupyter_starcoder.context.source import ContextSource
    from jupyter_starcoder.copilot import Copilot, LoadedModel, SnapshotOf
    from jupyter_starcoder.engine.protocol import Engine
    from jupyter_starcoder.engine.settings import EngineSettings
    from jupyter_starcoder.prompt.family import PromptFamily
    from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
    from jupyter_starcoder.values.model import Manifest, Progress
    from jupyter_starcoder.values.prompt import Form

FAKE = "fake"  # the name of the model that answers from a file of rules
# Those of the embedded model, so that the fake one is given the same prompts.
FAKE_MARKERS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<repo_name>",
    "<file_sep>",
    "<filename>",
    "<jupyter_start>",
    "<jupyter_text>",
    "<jupyter_code>",
    "<jupyter_output>",
    "<jupyter_script>",
    "<empty_output>",
)
FAKE_WINDOW_TOKENS = 8192  # bytes, for it: enough for the whole of a test's notebook

StartEngine = Callable[[Path, Settings, Watch], Awaitable["Engine"]]


def workshop(settings: Settings) -> Workshop:
    """How a server prepares and loads models."""
    from jupyter_starcoder.stock import known_models, machine

    if settings.fake_rules is not None:
        return fake_workshop(settings.fake_rules, settings.fake_models, settings.prompt_form)
    return Workshop(
        models=lambda: known_models(settings),
        machine=lambda: machine(settings),
        is_prepared=lambda name: is_prepared(settings.models_dir, name),
        edition=lambda name: edition(settings.models_dir, name),
        prepare=lambda name, watch: prepare_in_process(name, settings, watch),
        discard=lambda name: discard(settings.models_dir, name),
        remove=lambda name: remove(settings.models_dir, name),
        load=lambda name, watch: load_model(name, settings, supervised_engine, watch),
    )


def fake_workshop(rules: Path, models: Path | None = None, form: "Form | None" = None) -> Workshop:
    """How a server without weights loads the one model that it has, and pretends to fetch others."""
    from jupyter_starcoder.fake_stock import MACHINE, FakeStock

    stock = FakeStock(FAKE, models)

    async def load(name: str, _watch: Watch) -> "LoadedModel":
        return replace(await asyncio.to_thread(fake_model, rules, form), name=name)

    return Workshop(
        models=stock.models,
        machine=lambda: MACHINE,
        is_prepared=stock.is_prepared,
        edition=lambda name: "1" if stock.is_prepared(name) else "",
        prepare=stock.prepare,
        discard=stock.discard,
        remove=stock.remove,
        load=load,
    )


def served_name(settings: Settings) -> str:
    """The name of the model that these settings ask for."""
    return FAKE if settings.fake_rules is not None else settings.model


async def supervised_engine(folder: Path, settings: Settings, watch: Watch) -> "Engine":
    """An engine in a process of its own, started again when it dies."""
    from jupyter_starcoder.engine.supervisor import SupervisedEngine

    engine = SupervisedEngine(folder, engine_settings(settings))
    try:
        await engine.start(watch)
    except BaseException:
        await engine.close()
        raise
    return engine


async def local_engine(folder: Path, settings: Settings, _watch: Watch) -> "Engine":
    """An engine in this process: the quickest start, for one question on the command line."""
    from jupyter_starcoder.engine.local import LocalEngine

    return await asyncio.to_thread(LocalEngine, folder, engine_settings(settings))


def engine_settings(settings: Settings) -> "EngineSettings":
    """The engine's part of the settings."""
    from jupyter_starcoder.engine.settings import EngineSettings

    return EngineSettings(
        provider=settings.provider,
        gpu=settings.gpu,
        gpu_memory_mb=settings.gpu_memory_mb,
        threads=settings.threads,
        window_tokens=settings.window_tokens,
        cache_mb=settings.cache_mb,
        idle_minutes=settings.idle_minutes,
    )


def is_prepared(models_dir: Path, name: str) -> bool:
    """Whether the store has the model; one that is damaged or cannot be read counts: loading it says what is wrong."""
    from jupyter_starcoder.models.store import Store

    try:
        return Store(models_dir).has(name)
    except UnknownModel:
        return False
    except ModelError:
        return True


def edition(models_dir: Path, name: str) -> str:
    """Another text after the model was exported again; empty where it is not there."""
    from jupyter_starcoder.models.store import Store
    from jupyter_starcoder.values.model import MANIFEST_FILE

    try:
        fact = (Store(models_dir).path(name) / MANIFEST_FILE).stat()
    except (OSError, UnknownModel):
        return ""
    return f"{fact.st_ino} {fact.st_mtime_ns}"


def discard(models_dir: Path, name: str) -> None:
    """Takes away what an unfinished preparation left."""
    from jupyter_starcoder import preparation
    from jupyter_starcoder.models.store import Store

    preparation.discard(name, store=Store(models_dir))


def remove(models_dir: Path, name: str) -> None:
    """Takes a model out of the store."""
    from jupyter_starcoder.models.store import Store

    Store(models_dir).remove(name)


async def load_model(name: str, settings: Settings, start_engine: StartEngine, watch: Watch) -> "LoadedModel":
    """A model of the store that is ready to answer; close its engine in the end.

    Raises:
        ModelError: the store does not have it, or it is damaged or cannot be run.
        EngineError: its engine did not start.
    """
    from jupyter_starcoder.models.store import Store

    folder = Store(settings.models_dir).folder(name)
    # This process imports and reads the tokenizer while the engine reads the weights.
    reading = asyncio.create_task(asyncio.to_thread(_read, folder))
    try:
        engine = await start_engine(folder, settings, watch)
    finally:
        await asyncio.wait([reading])
    try:
        return _joined(name, reading.result(), engine, settings)
    except BaseException:
        await engine.close()
        raise


def _read(folder: Path) -> "tuple[Manifest, Tokenizer]":
    import jupyter_starcoder.copilot  # noqa: F401 - here, so that the first request does not wait for it
    from jupyter_starcoder.tokenizer.tokenizer import Tokenizer
    from jupyter_starcoder.values.manifest import read_manifest

    return read_manifest(folder), Tokenizer.load(folder)


def _joined(name: str, read: "tuple[Manifest, Tokenizer]", engine: "Engine", settings: Settings) -> "LoadedModel":
    from jupyter_starcoder.copilot import LoadedModel

    manifest, tokenizer = read
    return LoadedModel(
        name=name,  # its folder's, which may have been renamed
        window_tokens=min(manifest.window_tokens, settings.window_tokens),
        tokenizer=tokenizer,
        family=_family(tokenizer, settings.prompt_form),
        engine=engine,
    )


def still_sources(settings: Settings, root: Path) -> "list[ContextSource]":
    """The sources of context that need no kernel; paths of notebooks begin at `root`."""
    from jupyter_starcoder.context.cells import CellSource
    from jupyter_starcoder.context.project import ProjectSource

    return [CellSource(), *([ProjectSource(root)] if settings.project_context else [])]


def live_copilot(model: "LoadedModel", settings: Settings, root: Path, snapshot_of: "SnapshotOf") -> "Copilot":
    """A copilot that knows a live kernel, unless the settings forbid that."""
    from jupyter_starcoder.copilot import Copilot

    sources = still_sources(settings, root)
    if settings.kernel_context == "none":
        return Copilot(lambda: model, sources)
    from jupyter_starcoder.context.kernel import KernelSource

    return Copilot(lambda: model, [*sources, KernelSource(snapshot_of)])


@asynccontextmanager
async def open_copilot(
    settings: Settings, start_engine: StartEngine = supervised_engine, *, root: Path | None = None
) -> "AsyncIterator[tuple[Copilot, LoadedModel]]":
    """A copilot with its model, without a server; raises as `load_model` does.

    Args:
        settings: which model, and how.
        start_engine: where it runs.
        root: the folder that paths of notebooks begin at; the current one without it.
    """
    from jupyter_starcoder.copilot import Copilot

    if settings.fake_rules is not None:
        model = fake_model(settings.fake_rules, settings.prompt_form)
    else:
        model = await load_model(settings.model, settings, start_engine, _ignore)
    try:
        yield Copilot(lambda: model, still_sources(settings, root or Path.cwd())), model
    finally:
        await model.engine.close()


def fake_model(rules: Path, form: "Form | None" = None) -> "LoadedModel":
    """The model that answers from a file of rules; the file is read again at each request."""
    from jupyter_starcoder.copilot import LoadedModel
    from jupyter_starcoder.engine.fake import FakeEngine
    from jupyter_starcoder.tokenizer.fake import byte_tokenizer

    tokenizer = byte_tokenizer(FAKE_MARKERS)
    return LoadedModel(
        name=FAKE,
        window_tokens=FAKE_WINDOW_TOKENS,
        tokenizer=tokenizer,
        family=_family(tokenizer, form),
        engine=FakeEngine.from_file(rules),
    )


def _family(tokenizer: "Tokenizer", form: "Form | None") -> "PromptFamily":
    from jupyter_starcoder.prompt.choice import choose_family

    family = choose_family(tokenizer.markers, form)
    tokenizer.require(family.markers)
    return family


def _ignore(_progress: "Progress") -> None:
    return
