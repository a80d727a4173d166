"""What goes over HTTP, declared once. `labextension/src/wire.ts` is generated from this file (`make wire`).

Requests are decoded with every field checked; an unknown field is refused, so that a typo is heard of.
A cell travels in full or, when the server has seen it under this `session`, as its hash alone: that keeps a
keystroke's request small in a long notebook. The hash is the client's own name for the content; the server only
compares it.
"""

from typing import Literal

import msgspec

from jupyter_starcoder.values.answer import Timings
from jupyter_starcoder.values.chat import Chat, Exchange, Frame
from jupyter_starcoder.values.chat import Ending as Ending  # by this name TypeScript knows it
from jupyter_starcoder.values.conversation import AttachmentKind as AttachmentKind  # and by this one
from jupyter_starcoder.values.conversation import Speaker, SubjectKind
from jupyter_starcoder.values.generation import Finish
from jupyter_starcoder.values.model import (
    Device,
    Phase,  # noqa: F401 - of a `Progress`: the name that TypeScript knows it by
    Precision,
    Progress,
    ServingState,
)
from jupyter_starcoder.values.notebook import CellKind, OutputKind
from jupyter_starcoder.values.prompt import Outcome
from jupyter_starcoder.values.settings import Feature, KernelContext, Trigger
from jupyter_starcoder.values.stock import Fit, ModelState, Room

OptionName = Literal["enabled", "trigger", "debounceMs", "maxTokens", "model"]


class WireOutput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a cell printed, as plain text."""

    kind: OutputKind
    text: str


class WireCell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cell in full; `hash` is empty for a cell that need not be kept (the one being typed in)."""

    kind: CellKind
    source: str
    outputs: tuple[WireOutput, ...] = ()
    hash: str = ""
    run: int = 0  # its execution count; 0 where it did not run


class WireNotebook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cells in order, each in full or as the hash under which it was sent before."""

    cells: tuple[WireCell | str, ...]
    language: str = "python"
    path: str = ""
    live: str = ""  # of a kernel that asks for itself: its probe's JSON, since it cannot be asked while it waits


class CompleteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/complete."""

    notebook: WireNotebook
    cell: int  # index of the cell with the cursor, from 0
    offset: int  # the cursor, in code points from the cell's start
    session: str = ""  # names the page; cells are remembered and newer requests replace older ones within it
    max_tokens: int | None = None  # the server's setting without it
    variant: int = 0  # 0: the likeliest completion; 1 and up: others, drawn at random, each number its own
    ahead: bool = False  # for a place where nobody types yet: comes after all that is typed for, and replaces none


class WireTurn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person or the assistant said before."""

    speaker: Speaker
    text: str


class ExplainRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/explain."""

    notebook: WireNotebook
    cell: int
    subject: SubjectKind = "cell"
    text: str = ""  # what is selected, printed or raised; empty with the subject "cell"
    turns: tuple[WireTurn, ...] = ()  # the explanation so far and questions about it, the last one open
    session: str = ""
    max_tokens: int | None = None


class EditRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/edit: the cell's new text, whole, changed as the instruction says."""

    notebook: WireNotebook
    cell: int
    instruction: str
    start: int | None = None  # only what lies between these may change, in code points from the cell's start
    end: int | None = None
    session: str = ""
    max_tokens: int | None = None  # that the cell may gain; the server's setting without it


class WireMishap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The error with which a cell failed."""

    name: str
    message: str
    traceback: str = ""  # plain text, without colours


class FixRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/fix: the cell's new text, whole, without the error."""

    notebook: WireNotebook
    cell: int
    mishap: WireMishap
    session: str = ""
    max_tokens: int | None = None  # that the cell may gain; the server's setting without it


class GenerateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/generate: code for a request in words, to stand in a new cell before index `cell`."""

    notebook: WireNotebook
    cell: int
    request: str
    session: str = ""
    max_tokens: int | None = None


class WireAttachment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something from the notebook that the person laid beside a question."""

    kind: AttachmentKind
    label: str
    text: str


class ChatRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/chat: what the assistant says next in a conversation that whoever asks remembers himself."""

    notebook: WireNotebook
    turns: tuple[WireTurn, ...]  # the last one open
    cell: int | None = None  # the one that is looked at
    session: str = ""
    max_tokens: int | None = None


class NewChatRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/chats: a conversation about the notebook at `path`; empty without one."""

    path: str


class MoveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH starcoder/chats: the notebook or folder at `path` is at `to` now, and so are its conversations."""

    path: str
    to: str


class RenameRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH starcoder/chats/ID."""

    title: str


class AskRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/chats/ID/ask: answered like a question about a cell, and kept.

    `key` is the page's own name for the question; the last question sent again under its key gets another answer.
    """

    notebook: WireNotebook
    key: str
    question: str
    attachments: tuple[WireAttachment, ...] = ()
    cell: int | None = None  # the one that is looked at
    session: str = ""
    max_tokens: int | None = None


class ChatsReply(msgspec.Struct, frozen=True):
    """GET starcoder/chats, of all notebooks or with `?path=` of one."""

    chats: tuple[Chat, ...]
    notice: str  # what the person should know about the history; empty where all is well


class ChatReply(msgspec.Struct, frozen=True):
    """GET starcoder/chats/ID."""

    chat: Chat
    exchanges: tuple[Exchange, ...]


class FramesReply(msgspec.Struct, frozen=True):
    """GET starcoder/chats/frames?path=: what of the live kernel can be laid beside a question."""

    frames: tuple[Frame, ...]


class LoadRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/models/load."""

    model: str


class TextEvent(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    """One line of an answer: the next piece of its text."""

    text: str


class WireSection(msgspec.Struct, frozen=True):
    """One part of a prompt as the model is given it, its markers spelled."""

    name: str
    text: str
    tokens: int  # counted by itself: at least what it costs among the others
    build_ms: float


class WireSource(msgspec.Struct, frozen=True):
    """How it went with a source of context."""

    name: str
    outcome: Outcome
    snippets: int
    took_ms: float


class PromptEvent(msgspec.Struct, frozen=True, tag_field="type", tag="prompt"):
    """The first line of an answer that was asked for with `?debug=prompt`: all that the model is given."""

    family: str
    sections: tuple[WireSection, ...]  # their texts put together are the prompt
    sources: tuple[WireSource, ...]
    tokens: int  # of the prompt, exactly
    budget_tokens: int
    context_ms: float  # notebook, context, prompt and encoding


class DoneEvent(msgspec.Struct, frozen=True, tag_field="type", tag="done"):
    """The last line of an answer that went well."""

    finish: Finish
    model: str
    timings: Timings
    left_out_turns: int = 0  # of a conversation, the oldest that had no room in the prompt


class ErrorEvent(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """The last line of an answer that failed on the way."""

    code: str
    message: str


class ErrorReply(msgspec.Struct, frozen=True):
    """The body of every reply with a status of 400 or more."""

    code: str
    message: str
    missing: tuple[str, ...] = ()  # with code "cells_missing": hashes to send in full
    progress: Progress | None = None  # with code "model_not_ready"


class HealthReply(msgspec.Struct, frozen=True):
    """GET starcoder/health."""

    version: str
    state: ServingState
    model: str
    device: str
    message: str
    answering: str  # the model that answers now, also while another is on its way or failed; empty where none does
    is_busy: bool
    waiting: int
    kernel_context: KernelContext  # what of a live kernel the model may be given
    progress: Progress | None = None


class Options(msgspec.Struct, frozen=True, rename="camel"):
    """What a person can set in the front end; `labextension/schema/plugin.json` says what each means."""

    enabled: bool
    trigger: Trigger
    debounce_ms: int
    max_tokens: int
    model: str  # empty for the one that the server is set to


class SettingsReply(msgspec.Struct, frozen=True):
    """GET starcoder/settings: what the administrator says about the front end."""

    options: Options  # what holds where a person's own settings say nothing
    locked: tuple[OptionName, ...]  # what holds whatever they say
    disabled: tuple[Feature, ...]  # what nobody can use here
    reason: str  # of both, in the administrator's words; empty without one


class ModelEntry(msgspec.Struct, frozen=True):
    """One model of the catalogue or the store."""

    name: str
    title: str
    licence: str
    precision: Precision  # it is in, or would be made in on this machine
    download_bytes: int  # about; 0 where it is not known
    is_prepared: bool
    disk_bytes: int  # of its folder; 0 where it is not prepared
    memory_bytes: int  # about what it takes when it runs; 0 where it is not known
    fit: Fit
    is_gated: bool  # its licence has to be accepted first, at `address`
    address: str
    access: str  # what to do once to be let in to it; empty where nothing has to be done
    resumes: bool  # what came is kept when it is paused
    note: str
    state: ModelState
    message: str  # what went wrong and what to do, with the state "failed"
    bytes_per_s: float
    left_s: float | None = None  # of the step that is at work
    progress: Progress | None = None
    room: Room | None = None  # on the disk, for what is still to come; None while it comes, and where all is here


class WireMachine(msgspec.Struct, frozen=True):
    """What models run on here."""

    kind: Device
    name: str
    cores: int
    memory_bytes: int  # 0 where it is not known
    free_bytes: int


class TourReply(msgspec.Struct, frozen=True):
    """GET starcoder/tour."""

    text: str  # of the notebook's file


class ModelsReply(msgspec.Struct, frozen=True):
    """GET starcoder/models, and what every change of a model answers."""

    models: tuple[ModelEntry, ...]
    current: str  # the one that is served, or on its way to be
    served: str  # the one that answers now; empty where none does
    machine: WireMachine


class ModelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/models/get, pause, cancel, test."""

    model: str


class RemoveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST starcoder/models/remove."""

    model: str
    unload: bool = False  # also where it is served: nothing answers then


class SpeedReply(msgspec.Struct, frozen=True):
    """POST starcoder/models/test: what a short answer of the served model took."""

    model: str
    device: str
    prompt_tokens: int
    first_token_ms: float
    new_tokens: int
    tokens_per_s: float
