"""What a user can set, as traitlets. Nothing else in this package knows traitlets.

Set them in `jupyter_server_config.py` or `jupyter_starcoder_config.py` (`c.StarcoderConfig.threads = 4`), in the
JSON files of these names, or on the server's command line (`--StarcoderConfig.threads=4`).
"""

from pathlib import Path
from typing import cast, get_args

from jupyter_core.paths import jupyter_config_path
from traitlets import Bool, Enum, Float, Int, List, TraitError, Unicode
from traitlets.config import Configurable
from traitlets.config.loader import Config, ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.values.model import Precision
from jupyter_starcoder.values.prompt import Form
from jupyter_starcoder.values.settings import (
    Feature,
    KernelContext,
    Lockable,
    Provider,
    Settings,
    Trigger,
    UnknownNames,
)

CONFIG_FILES = ("jupyter_server_config", "jupyter_starcoder_config")  # the later one wins


class StarcoderConfig(Configurable):
    """What a user can set."""

    model = Unicode(
        help="""The model that is served: a name that `jupyter starcoder models list` prints.
        Empty means the embedded model.""",
    ).tag(config=True)
    precision = Enum(
        ["", "fp32", "int8", "int4"],
        default_value="",
        help="""The precision in which a model is prepared when it is loaded from the front end.
        Empty means the one that the catalogue recommends.""",
    ).tag(config=True)
    models_dir = Unicode(
        help="""The folder that holds prepared models. Empty means `starcoder/models` in Jupyter's data folder, or
        what the environment variable JUPYTER_STARCODER_MODELS names.""",
    ).tag(config=True)
    provider = Enum(
        ["auto", "cpu", "cuda"],
        default_value="auto",
        help="Where the model runs. `auto` takes a CUDA device if ONNX Runtime has one, and the CPU otherwise.",
    ).tag(config=True)
    gpu = Int(0, min=0, help="Which GPU, as CUDA counts them.").tag(config=True)
    gpu_memory_mb = Int(
        0, min=0, help="Megabytes of a GPU's memory that the model may take in all. 0 means what is free."
    ).tag(config=True)
    cache_mb = Int(
        0,
        min=0,
        help="""Megabytes for the keys and values of prompts. 0 means 512, and at least two prompts. With the embedded
        model and prompt_tokens as they come, 512 hold seven prompts: where more people type at the same time, set some
        70 for each; a larger model needs more.""",
    ).tag(config=True)
    idle_minutes = Float(
        0.0,
        min=0.0,
        help="After so many minutes without a request the model is let go, and the next one loads it; 0: never.",
    ).tag(config=True)
    threads = Int(0, min=0, help="Threads of the model's process on the CPU. 0 means one a core.").tag(config=True)
    prompt_tokens = Int(
        1024, min=1, help="Longest prompt, in tokens. More context makes better completions and slower first words."
    ).tag(config=True)
    completion_tokens = Int(64, min=1, help="Longest completion at the cursor, in tokens.").tag(config=True)
    explain_tokens = Int(384, min=1, help="Longest explanation or generated cell, in tokens.").tag(config=True)
    edit_tokens = Int(
        256,
        min=1,
        help="""How many tokens an edit or a fix may add to a cell. What is changed fits into half of prompt_tokens and
        the longest answer together.""",
    ).tag(config=True)
    context_deadline_ms = Int(
        50,
        min=0,
        help="""Milliseconds that sources of context have to answer at a keystroke; what comes later is left out.
        Where somebody asks in words they have ten times as long.""",
    ).tag(config=True)
    kernel_context = Enum(
        ["none", "schema", "schema+examples"],
        default_value="schema",
        help="""What the model is given of the live kernel. `none`: nothing, the kernel is not asked. `schema`: frames
        with columns, dtypes and shares of nulls, shapes of arrays, signatures of functions; no value leaves the
        kernel. `schema+examples`: a few values of each column and the levels of categoricals as well.""",
    ).tag(config=True)
    project_context = Bool(
        True,
        help="""Give the model signatures and docstrings out of the project's files that a notebook imports. They are
        read below the server's root, and never run.""",
    ).tag(config=True)
    prompt_form = Enum(
        ["", *get_args(Form)],
        default_value="",
        help="""How a notebook is written down for the model: as a script, as cells between notebook markers, as
        Kaggle's scripts with their data in front, or as a problem to be solved. Empty means what the model's family
        was trained on.""",
    ).tag(config=True)
    constrained_names = Bool(
        True,
        help="""Where only a column or a method of one of the live kernel's frames can stand, as behind `df["` or in
        `df.groupby("`, complete with one that exists. A model that insists on another name still gets its way.""",
    ).tag(config=True)
    unknown_names = Enum(
        list(get_args(UnknownNames)),
        default_value="withhold",
        help="""What becomes of a name that a completion reads and neither the live kernel nor the notebook nor the
        completion defines: it is withheld with all that follows, or allowed. Without a kernel, and with a star
        import, nothing is withheld.""",
    ).tag(config=True)
    enabled = Bool(
        True, help="Whether code is suggested at the cursor, for users whose own settings say nothing else."
    ).tag(config=True)
    trigger = Enum(
        list(get_args(Trigger)),
        default_value="automatic",
        help="""When code is suggested: `automatic`, while one types, or `manual`, only when it is asked for. Users'
        own settings come first.""",
    ).tag(config=True)
    debounce_ms = Int(
        150,
        min=0,
        max=5000,
        help="Milliseconds that typing must rest before the model is asked. Users' own settings come first.",
    ).tag(config=True)
    locked = List(
        Enum(list(get_args(Lockable))),
        help=f"""What users cannot change in the front end's settings: the values that are set here hold, whatever a
        user's file says. Any of {", ".join(get_args(Lockable))}. With `model`, no other one can be loaded from the
        front end.""",
    ).tag(config=True)
    disabled_features = List(
        Enum(list(get_args(Feature))),
        help=f"""What nobody can use here: the front end shows it as switched off, and the server refuses it. Any of
        {", ".join(get_args(Feature))}.""",
    ).tag(config=True)
    locked_reason = Unicode(
        help="Why something is locked or switched off: a sentence that users read beside it.",
    ).tag(config=True)
    load_at_start = Bool(
        True, help="Load the model in the background when the server starts, instead of at the first request."
    ).tag(config=True)
    keep_chats = Bool(
        True, help="Keep conversations with the assistant in a file, for the next time; or only until the server ends."
    ).tag(config=True)
    chats_file = Unicode(
        help="""The SQLite file that holds conversations. Empty means `starcoder/chats.sqlite` in Jupyter's data folder.
        Several servers of one user may share it."""
    ).tag(config=True)
    max_body_bytes = Int(4 * 1024 * 1024, min=1, help="Largest request body, in bytes.").tag(config=True)
    fake_rules = Unicode(
        help="""For tests: a JSON file of rules that answer in place of a model, which is then called "fake".
        The file is read again at each request.""",
    ).tag(config=True)
    fake_models = Unicode(
        help="For tests, with `fake_rules`: a JSON file of models that are only pretended to be fetched.",
    ).tag(config=True)

    def settings(self) -> Settings:
        """These values, frozen and with the defaults filled in."""
        from jupyter_starcoder.models.catalogue import EMBEDDED
        from jupyter_starcoder.models.store import default_root

        return Settings(
            model=self.model or EMBEDDED,
            models_dir=Path(self.models_dir).expanduser() if self.models_dir else default_root(),
            precision=cast("Precision", self.precision) if self.precision else None,
            provider=cast("Provider", self.provider),
            gpu=self.gpu,
            gpu_memory_mb=self.gpu_memory_mb,
            threads=self.threads,
            cache_mb=self.cache_mb,
            idle_minutes=self.idle_minutes,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            explain_tokens=self.explain_tokens,
            edit_tokens=self.edit_tokens,
            context_deadline_s=self.context_deadline_ms / 1000,
            kernel_context=cast("KernelContext", self.kernel_context),
            project_context=self.project_context,
            prompt_form=cast("Form", self.prompt_form) if self.prompt_form else None,
            constrained_names=self.constrained_names,
            unknown_names=cast("UnknownNames", self.unknown_names),
            enabled=self.enabled,
            trigger=cast("Trigger", self.trigger),
            debounce_ms=self.debounce_ms,
            locked=cast("tuple[Lockable, ...]", tuple(self.locked)),
            disabled_features=cast("tuple[Feature, ...]", tuple(self.disabled_features)),
            locked_reason=self.locked_reason,
            load_at_start=self.load_at_start,
            chats_file=self._chats_file() if self.keep_chats else None,
            max_body_bytes=self.max_body_bytes,
            fake_rules=Path(self.fake_rules).expanduser() if self.fake_rules else None,
            fake_models=Path(self.fake_models).expanduser() if self.fake_models else None,
        )

    def _chats_file(self) -> Path:
        from jupyter_starcoder.chats.database import default_file

        return Path(self.chats_file).expanduser() if self.chats_file else default_file()


def load_config() -> Config:
    """The configuration files that a server would read, for commands and sessions without one.

    Raises:
        BadRequest: one of them cannot be read.
    """
    config = Config()
    for folder in reversed(jupyter_config_path()):
        for name in CONFIG_FILES:
            for loader in (JSONFileConfigLoader(f"{name}.json", folder), PyFileConfigLoader(f"{name}.py", folder)):
                try:
                    config.merge(loader.load_config())
                except ConfigFileNotFound:
                    continue
                except (Exception, SystemExit) as error:
                    # Such a file is a program of the user's: anything can come out of it.
                    raise BadRequest(f"{Path(folder) / loader.filename} cannot be read ({error}): mend it") from error
    return config


def load_settings(overrides: Config | None = None) -> Settings:
    """The settings of a command or a session: the configuration files, with `overrides` on top.

    Raises:
        BadRequest: a value is not allowed.
    """
    config = load_config()
    config.merge(overrides or {})
    if not isinstance(config.get(StarcoderConfig.__name__, {}), dict):
        raise BadRequest(f"{StarcoderConfig.__name__} is no section of settings: write its settings by name")
    try:
        return StarcoderConfig(config=config).settings()
    except TraitError as error:
        raise BadRequest(f"a setting is not allowed: {error}") from error
