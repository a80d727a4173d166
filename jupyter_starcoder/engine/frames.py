"""What goes between an engine's process and its users: messages in frames.

A frame is its body's length (4 bytes, big-endian) and a body in MessagePack. A frame over the limit ends the
connection: nobody honest sends one.
"""

import asyncio
import struct
from typing import BinaryIO, TypeVar

import msgspec

from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import BadRequest, EngineError
from jupyter_starcoder.values.generation import GenerationRequest, Usage
from jupyter_starcoder.values.model import EngineFacts, Progress

LENGTH = struct.Struct(">I")
LIMIT_BYTES = 64 * 1024 * 1024  # an opening with a hundred states that each allow the whole vocabulary
GREETING_LIMIT_BYTES = 4096  # from somebody who has not said the token yet


class Hello(msgspec.Struct, frozen=True, tag=True):
    """The first message of a connection."""

    token: str


class Start(msgspec.Struct, frozen=True, tag=True):
    """Asks for an answer, under a number that the client has not used on this connection."""

    number: int
    request: GenerationRequest


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Ends an answer soon."""

    number: int


class AskFacts(msgspec.Struct, frozen=True, tag=True):
    """Asks what the engine says of itself."""

    number: int


class Welcome(msgspec.Struct, frozen=True, tag=True):
    """The token was right."""


class Token(msgspec.Struct, frozen=True, tag=True):
    """The next token of an answer."""

    number: int
    token: int


class Finished(msgspec.Struct, frozen=True, tag=True):
    """An answer has ended well."""

    number: int
    usage: Usage


class Failed(msgspec.Struct, frozen=True, tag=True):
    """An answer has failed; `code` is that of the error tree."""

    number: int
    code: str
    message: str


class Facts(msgspec.Struct, frozen=True, tag=True):
    """What the engine says of itself."""

    number: int
    facts: EngineFacts


class HostOrder(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a host reads from its standard input, before anything else."""

    token: str
    folder: str
    settings: EngineSettings
    socket_path: str  # where to listen; "" means a port of the loopback interface


class Loading(msgspec.Struct, frozen=True, tag=True):
    """A host says how far it is."""

    progress: Progress


class Ready(msgspec.Struct, frozen=True, tag=True):
    """A host listens; `port` is 0 for a socket file."""

    port: int


class LoadFailed(msgspec.Struct, frozen=True, tag=True):
    """A host could not load its model, and ends."""

    code: str
    message: str


FromClient = Hello | Start | Cancel | AskFacts
FromHost = Welcome | Token | Finished | Failed | Facts
Report = Loading | Ready | LoadFailed  # on the host's standard output

FROM_CLIENT: msgspec.msgpack.Decoder[FromClient] = msgspec.msgpack.Decoder(FromClient)
FROM_HOST: msgspec.msgpack.Decoder[FromHost] = msgspec.msgpack.Decoder(FromHost)
REPORT: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)
ORDER: msgspec.msgpack.Decoder[HostOrder] = msgspec.msgpack.Decoder(HostOrder)

Message = TypeVar("Message")


def pack(message: msgspec.Struct) -> bytes:
    """A message as a frame.

    Raises:
        BadRequest: it is over the limit, or holds a number of more than 64 bits.
    """
    try:
        body = msgspec.msgpack.encode(message)
    except OverflowError as error:
        raise BadRequest(f"a message to the engine holds too large a number ({error}): send 64 bits") from error
    if len(body) > LIMIT_BYTES:
        raise BadRequest(f"a message to the engine has {len(body)} bytes, more than {LIMIT_BYTES}: send less")
    return LENGTH.pack(len(body)) + body


async def read_frame(
    reader: asyncio.StreamReader, decoder: msgspec.msgpack.Decoder[Message], *, limit_bytes: int = LIMIT_BYTES
) -> Message | None:
    """The next message; None where the other side has ended.

    Raises:
        EngineError: what came is not a message of this kind, or too large. The connection is of no use any more.
    """
    try:
        (size,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        body = await reader.readexactly(check_size(size, limit_bytes))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return unpack(body, decoder)


def read_frame_now(file: BinaryIO, decoder: msgspec.msgpack.Decoder[Message]) -> Message | None:
    """As `read_frame`, from a file and waiting for it."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = check_size(LENGTH.unpack(head)[0], LIMIT_BYTES)
    body = file.read(size)
    return unpack(body, decoder) if len(body) == size else None


def check_size(size_bytes: int, limit_bytes: int) -> int:
    """The size, if it is not over the limit."""
    if size_bytes > limit_bytes:
        raise EngineError(f"a frame announces {size_bytes} bytes, more than {limit_bytes}: it is not from this package")
    return size_bytes


def unpack(body: bytes, decoder: msgspec.msgpack.Decoder[Message]) -> Message:
    """The message of a frame's body.

    Raises:
        EngineError: it is none.
        BadRequest: a value in it refuses itself.
    """
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise EngineError(f"a message on the engine's socket cannot be read ({error})") from error
