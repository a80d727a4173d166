"""What a user can set, after `config.py` has read it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jupyter_starcoder.errors import BadRequest, NotPermitted
from jupyter_starcoder.values.model import Precision
from jupyter_starcoder.values.prompt import Form

LONGEST_ANSWER_TOKENS = 512  # a request may ask for as many, whatever the settings
PATIENCE = 10  # times as long as a keystroke may wait

Provider = Literal["auto", "cpu", "cuda"]
UnknownNames = Literal["withhold", "allow"]
KernelContext = Literal["none", "schema", "schema+examples"]
Trigger = Literal["automatic", "manual"]
Feature = Literal["complete", "explain", "edit", "fix", "generate", "chat"]
Lockable = Literal["enabled", "trigger", "debounce_ms", "completion_tokens", "model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one server, one command or one IPython session."""

    model: str
    models_dir: Path
    precision: Precision | None = None  # the catalogue's own without it
    provider: Provider = "auto"
    gpu: int = 0  # as CUDA counts them
    gpu_memory_mb: int = 0  # the most that a model may take of it; 0: what is free
    threads: int = 0  # 0 lets the engine choose
    cache_mb: int = 0  # for keys and values of prompts; 0 lets the engine choose
    idle_minutes: float = 0.0  # until a model that nobody uses is let go; 0: never
    prompt_tokens: int = 1024
    completion_tokens: int = 64
    explain_tokens: int = 384
    edit_tokens: int = 256  # that an edit or a fix may add to a cell
    context_deadline_s: float = 0.05
    kernel_context: KernelContext = "schema"
    project_context: bool = True  # signatures out of files that a notebook imports
    prompt_form: Form | None = None  # what the model's family was trained on without it
    constrained_names: bool = True  # where only a column or method of a live frame can stand, one comes
    unknown_names: UnknownNames = "withhold"  # of a completion, lines that read names which nobody defines
    enabled: bool = True  # whether the front end suggests code, as long as its user says nothing else
    trigger: Trigger = "automatic"  # and so are this
    debounce_ms: int = 150  # and this
    locked: tuple[Lockable, ...] = ()  # what the front end's user cannot change
    disabled_features: tuple[Feature, ...] = ()
    locked_reason: str = ""  # of both, for the user
    load_at_start: bool = True
    chats_file: Path | None = None  # conversations are kept here; None: until the server ends
    max_body_bytes: int = 4 * 1024 * 1024
    fake_rules: Path | None = None  # answers from this file instead of a model: for tests
    fake_models: Path | None = None  # with it: models that are only pretended to be fetched

    @property
    def longest_answer_tokens(self) -> int:
        """The most tokens that a request may ask for."""
        return max(LONGEST_ANSWER_TOKENS, self.completion_tokens, self.explain_tokens, self.edit_tokens)

    @property
    def question_deadline_s(self) -> float:
        """How long sources of context have where a person asked in words, and waits longer than at a keystroke."""
        return PATIENCE * self.context_deadline_s

    @property
    def window_tokens(self) -> int:
        """The longest prompt with the longest answer: what the engine's cache must hold."""
        return self.prompt_tokens + self.longest_answer_tokens

    def permit(self, feature: Feature) -> None:
        """Does nothing where the feature may be used.

        Raises:
            NotPermitted: the administrator has switched it off.
        """
        if feature in self.off:
            raise NotPermitted(f"{feature} is switched off by the administrator{self.because}")

    def permit_model(self, name: str, served: str) -> None:
        """Does nothing where a user may have this model in the place of the served one.

        Raises:
            NotPermitted: the administrator has locked the model.
        """
        if "model" in self.locked and name != served:
            raise NotPermitted(f"the administrator has locked the model to {served}{self.because}")

    def permit_removal(self, name: str, served: str) -> None:
        """Does nothing where a user may take this model away.

        Raises:
            NotPermitted: the administrator has locked the model to this one.
        """
        if "model" in self.locked and name == served:
            raise NotPermitted(f"the administrator has locked the model to {served}, so it stays{self.because}")

    @property
    def off(self) -> tuple[Feature, ...]:
        """What nobody may use here; suggestions that are locked as off are off."""
        if self.enabled or "enabled" not in self.locked or "complete" in self.disabled_features:
            return self.disabled_features
        return ("complete", *self.disabled_features)

    @property
    def because(self) -> str:
        """The administrator's reason as the end of a sentence; empty without one."""
        return f": {self.locked_reason}" if self.locked_reason else ""

    def __post_init__(self) -> None:
        for name in ("prompt_tokens", "completion_tokens", "explain_tokens", "edit_tokens", "max_body_bytes"):
            if getattr(self, name) < 1:
                raise BadRequest(f"{name} is {getattr(self, name)}: set 1 or more")
        for name in ("gpu", "gpu_memory_mb", "threads", "cache_mb", "idle_minutes", "debounce_ms"):
            if getattr(self, name) < 0:
                raise BadRequest(f"{name} is {getattr(self, name)}: set 0 or more")
        if self.context_deadline_s < 0:
            raise BadRequest(f"context_deadline_s is {self.context_deadline_s}: set 0 or more")
