"""Messages in frames."""

import asyncio
import io
from typing import TypeVar

import msgspec
import pytest

from jupyter_starcoder.engine.frames import (
    FROM_CLIENT,
    FROM_HOST,
    LENGTH,
    LIMIT_BYTES,
    ORDER,
    Cancel,
    Finished,
    Hello,
    HostOrder,
    Start,
    Token,
    pack,
    read_frame,
    read_frame_now,
)
from jupyter_starcoder.engine.generation import nothing_done
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import BadRequest, EngineError
from jupyter_starcoder.values.generation import FREE, Automaton, GenerationRequest, Sampling, State

REQUEST = GenerationRequest(
    prompt_ids=(1, 2, 49151),
    max_tokens=3,
    stop_ids=(0, 2),
    sampling=Sampling(temperature=0.5, top_p=0.9, seed=2**63),
    opening=Automaton((State.of({1: 1, 2: FREE}), State.of({3: FREE}))),
    lane="chat",
    replaces="cell",
)
ORDERED = HostOrder(token="t", folder="f", settings=EngineSettings(threads=3), socket_path="s")


Message = TypeVar("Message")


def read(data: bytes, decoder: msgspec.msgpack.Decoder[Message], limit_bytes: int = LIMIT_BYTES) -> Message | None:
    """The first message of a stream that then ends."""

    async def reading() -> Message | None:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read_frame(reader, decoder, limit_bytes=limit_bytes)

    return asyncio.run(reading())


@pytest.mark.parametrize(
    ("message", "decoder"),
    [
        (Hello("secret"), FROM_CLIENT),
        (Start(7, REQUEST), FROM_CLIENT),
        (Cancel(7), FROM_CLIENT),
        (Token(7, 12), FROM_HOST),
        (Finished(7, nothing_done("superseded", prompt_tokens=3)), FROM_HOST),
        (ORDERED, ORDER),
    ],
)
def test_frame_comes_out_as_it_went_in(message: msgspec.Struct, decoder: msgspec.msgpack.Decoder[object]) -> None:
    """Every value that crosses the socket arrives whole, from a stream and from a file."""
    assert read(pack(message), decoder) == message
    assert read_frame_now(io.BytesIO(pack(message)), decoder) == message


@pytest.mark.parametrize("cut", [0, 2, 4, 9])
def test_frame_that_is_cut_is_an_end(cut: int) -> None:
    """A side that dies in the middle of a frame has ended, no more."""
    data = pack(Start(7, REQUEST))[:cut]

    assert read(data, FROM_CLIENT) is None
    assert read_frame_now(io.BytesIO(data), FROM_CLIENT) is None


def test_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    """A length alone can ask for all memory, so it is looked at first."""
    with pytest.raises(EngineError, match="announces 65 bytes, more than 64"):
        read(LENGTH.pack(65) + b"x" * 65, FROM_CLIENT, limit_bytes=64)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x81\xa4type\xa7Unknown", msgspec.msgpack.encode({"type": "Start"})])
def test_frame_that_holds_no_message_is_refused(body: bytes) -> None:
    """What is not one of our messages ends the connection with a named error."""
    with pytest.raises(EngineError, match="cannot be read"):
        read(LENGTH.pack(len(body)) + body, FROM_CLIENT)


def test_frame_number_of_more_than_64_bits_is_refused() -> None:
    """A seed that does not fit is the sender's mistake, and said so."""
    asked = GenerationRequest(prompt_ids=(1,), max_tokens=1, stop_ids=(), sampling=Sampling(seed=2**70))

    with pytest.raises(BadRequest, match="64 bits"):
        pack(Start(1, asked))
