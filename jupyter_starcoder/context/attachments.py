"""Fills in what a person laid beside a question by name alone."""

from dataclasses import replace

from jupyter_starcoder.values.conversation import Attachment, Conversation
from kernels_ctx.snapshot import KernelSnapshot
from kernels_ctx.text import line


def with_frames(conversation: Conversation, snapshot: KernelSnapshot | None) -> Conversation:
    """The same, each frame without a text described as the live kernel has it; one that is gone says so."""
    attachments = tuple(_filled(attachment, snapshot) for attachment in conversation.attachments)
    return replace(conversation, attachments=attachments)


def _filled(attachment: Attachment, snapshot: KernelSnapshot | None) -> Attachment:
    if attachment.kind != "frame" or attachment.text.strip() or snapshot is None:
        return attachment
    variable = snapshot.variable(attachment.label)
    text = line(variable) if variable else f"{attachment.label}: the kernel has no such variable"
    return replace(attachment, text=text)
