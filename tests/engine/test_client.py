"""Both ends of a connection, over a real socket, with the fake engine behind it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jupyter_starcoder.engine.address import Address, SocketFolder
from jupyter_starcoder.engine.client import EngineClient
from jupyter_starcoder.engine.fake import FakeEngine
from jupyter_starcoder.engine.frames import (
    FROM_CLIENT,
    FROM_HOST,
    LENGTH,
    Hello,
    Start,
    Token,
    Welcome,
    pack,
    read_frame,
)
from jupyter_starcoder.engine.host import Host
from jupyter_starcoder.engine.rules import Rule
from jupyter_starcoder.errors import BadRequest, EngineDied, EngineError
from jupyter_starcoder.values.generation import GenerationRequest

TOKEN = "right"
SLOW = Rule(ending="slow", answer="abcdefghij", delay_s=0.02)
ENDLESS = Rule(ending="endless", answer="x" * 100_000, delay_s=0.001)
RULES = (SLOW, ENDLESS, Rule(ending="dies", answer="abc", dies_after=2), Rule(answer="quick"))


def request(text: str) -> GenerationRequest:
    """A request whose prompt spells `text`."""
    return GenerationRequest(prompt_ids=tuple(text.encode()), max_tokens=100_000, stop_ids=())


def with_host(
    body: Callable[[Address, FakeEngine, Host], Awaitable[None]], folder: Path | None, engine: FakeEngine | None = None
) -> None:
    """Runs a test's body against a host at a socket file in `folder`, or at a port without one."""

    async def run() -> None:
        served = engine or FakeEngine(RULES)
        host = Host(served, TOKEN)
        path = str(folder / "s") if folder else ""
        port = await host.listen(path)
        try:
            await body(Address(path=path, port=port), served, host)
        finally:
            await host.close()

    asyncio.run(run())


async def text_of(client: EngineClient, prompt: str) -> str:
    """A whole answer."""
    return bytes([token async for token in client.generate(request(prompt))]).decode()


async def until_idle(engine: FakeEngine) -> None:
    """Waits until nothing runs; the test's timeout ends a wait for nothing."""
    while (await engine.facts()).is_busy:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("is_file", [True, False])
def test_client_answers_cross_the_socket(tmp_path: Path, is_file: bool) -> None:
    """Answer, cost and facts arrive, over a socket file and over a port."""

    async def body(address: Address, _: FakeEngine, __: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        generation = client.generate(request("x"))

        assert bytes([token async for token in generation]) == b"quick"
        assert (generation.usage.finish, generation.usage.new_tokens) == ("stop", 5)
        assert (await client.facts()).model == "fake"
        await client.close()

    with_host(body, tmp_path if is_file else None)


def test_client_several_answers_at_once(tmp_path: Path) -> None:
    """Answers on one connection do not wait for one another, nor mix."""

    async def body(address: Address, _: FakeEngine, __: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        order: list[str] = []

        async def read(prompt: str) -> str:
            text = await text_of(client, prompt)
            order.append(prompt)
            return text

        assert [*await asyncio.gather(read("slow"), read("a"), read("b"))] == ["abcdefghij", "quick", "quick"]
        assert order[-1] == "slow"
        await client.close()

    with_host(body, tmp_path)


@pytest.mark.parametrize("token", ["", "wrong", "right ", "é"])
def test_client_with_a_wrong_token_is_refused(tmp_path: Path, token: str) -> None:
    """Who does not know the token gets nothing, and a clear error."""

    async def body(address: Address, engine: FakeEngine, _: Host) -> None:
        with pytest.raises(EngineError, match="refused"):
            await EngineClient.connect(address, token)
        assert engine.requests == []

    with_host(body, tmp_path)


@pytest.mark.parametrize(
    "greeting",
    [
        b"GET / HTTP/1.1\r\n\r\n",  # announces 1.2 GB
        LENGTH.pack(5000) + b"x" * 5000,
        pack(Hello("wrong")),
        LENGTH.pack(1) + b"\xc1",
    ],
)
def test_host_stranger_is_hung_up_on(tmp_path: Path, greeting: bytes) -> None:
    """Whatever a stranger sends, the host says nothing and goes on."""

    async def body(address: Address, _: FakeEngine, __: Host) -> None:
        reader, writer = await asyncio.open_unix_connection(address.path)
        writer.write(greeting)
        assert await reader.read() == b""
        writer.close()
        client = await EngineClient.connect(address, TOKEN)
        assert await text_of(client, "x") == "quick"
        await client.close()

    with_host(body, tmp_path)


def test_client_nobody_listening_is_named(tmp_path: Path) -> None:
    """A socket that is gone is a dead engine."""
    with pytest.raises(EngineDied, match="does not listen"):
        asyncio.run(EngineClient.connect(Address(path=str(tmp_path / "absent")), TOKEN))


def test_client_cancel_reaches_the_engine(tmp_path: Path) -> None:
    """A cancelled answer ends with its cost, and the engine is idle."""

    async def body(address: Address, engine: FakeEngine, _: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        generation = client.generate(request("endless"))
        async for _token in generation:
            generation.cancel()
        assert generation.usage.finish == "cancelled"
        await until_idle(engine)
        await client.close()

    with_host(body, tmp_path)


def test_client_loop_that_is_left_stops_the_engine(tmp_path: Path) -> None:
    """A consumer that breaks out of its loop need not say so."""

    async def body(address: Address, engine: FakeEngine, _: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        async for _token in client.generate(request("endless")):
            break
        await until_idle(engine)
        assert await text_of(client, "x") == "quick"
        await client.close()

    with_host(body, tmp_path)


def test_client_that_vanishes_cancels_its_answers(tmp_path: Path) -> None:
    """A connection that drops takes its answers with it."""

    async def body(address: Address, engine: FakeEngine, _: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        generation = client.generate(request("endless"))
        await anext(aiter(generation))
        transport = client._writer.transport
        transport.abort()
        await until_idle(engine)
        await client.close()

    with_host(body, tmp_path)


def test_client_close_ends_answers_as_cancelled(tmp_path: Path) -> None:
    """Whoever reads while this end is closed comes to an end."""

    async def body(address: Address, _: FakeEngine, __: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        generation = client.generate(request("endless"))
        async for _token in generation:
            await client.close()
        assert generation.usage.finish == "cancelled"

    with_host(body, tmp_path)


def test_client_host_that_goes_is_a_dead_engine(tmp_path: Path) -> None:
    """An answer whose host hangs up fails, and so do later ones and questions."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_frame(reader, FROM_CLIENT)
        writer.write(pack(Welcome()))
        await read_frame(reader, FROM_CLIENT)
        writer.write(pack(Token(1, 65)))
        writer.close()

    async def body() -> None:
        async with await asyncio.start_unix_server(hang_up, tmp_path / "s"):
            client = await EngineClient.connect(Address(path=str(tmp_path / "s")), TOKEN)
            tokens = []
            with pytest.raises(EngineDied, match="middle of an answer"):  # noqa: PT012 - what came before it counts
                async for token in client.generate(request("x")):
                    tokens.append(token)
            assert tokens == [65]
            with pytest.raises(EngineDied):
                await text_of(client, "x")
            with pytest.raises(EngineDied):
                await client.facts()
            await client.close()

    asyncio.run(body())


def test_host_close_ends_connections(tmp_path: Path) -> None:
    """A host that closes lets go of its clients, whatever they are reading."""

    async def body(address: Address, _: FakeEngine, host: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        await anext(aiter(client.generate(request("endless"))))
        await host.close()
        with pytest.raises(EngineDied):
            await text_of(client, "x")
        await client.close()

    with_host(body, tmp_path)


@pytest.mark.parametrize("is_rude", [True, False])
def test_host_sixty_four_clients_that_vanish_leave_nothing(tmp_path: Path, is_rude: bool) -> None:
    """Whether their connections are reset or closed: nothing of theirs runs on, and the next client is served."""

    async def vanish(address: Address) -> None:
        reader, writer = await asyncio.open_unix_connection(address.path)
        writer.write(pack(Hello(TOKEN)))
        welcome = await read_frame(reader, FROM_HOST)
        assert isinstance(welcome, Welcome)
        writer.write(pack(Start(1, request("endless"))))
        token = await read_frame(reader, FROM_HOST)
        assert isinstance(token, Token)
        if is_rude:
            writer.transport.abort()
        else:
            writer.close()

    async def body(address: Address, engine: FakeEngine, _: Host) -> None:
        await asyncio.gather(*(vanish(address) for _ in range(64)))
        assert len(engine.requests) == 64
        await until_idle(engine)
        client = await EngineClient.connect(address, TOKEN)
        assert await text_of(client, "x") == "quick"
        await client.close()

    with_host(body, tmp_path)


def test_client_closed_after_its_engine_died_does_not_call_that_cancelled(tmp_path: Path) -> None:
    """Whoever hears of the death first closes the client; the others are told of the death all the same."""

    async def body(address: Address, _: FakeEngine, __: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        generation = client.generate(request("endless"))
        tokens = aiter(generation)
        await anext(tokens)
        client._reader.feed_eof()  # as a process that was killed ends it
        while not client._reading.done():
            await asyncio.sleep(0)
        await client.close()
        with pytest.raises(EngineDied):
            async for _token in tokens:
                pass

    with_host(body, tmp_path)


def test_client_errors_keep_their_kind(tmp_path: Path) -> None:
    """An error of the engine is raised here as what it was there."""

    class Refusing(FakeEngine):
        def generate(self, request: GenerationRequest) -> object:  # type: ignore[override]
            raise BadRequest("not like this")

    async def refused(address: Address, _: FakeEngine, __: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        with pytest.raises(BadRequest, match="not like this"):
            await text_of(client, "x")
        await client.close()

    async def dying(address: Address, _: FakeEngine, __: Host) -> None:
        client = await EngineClient.connect(address, TOKEN)
        with pytest.raises(EngineDied, match="as its rule says"):
            await text_of(client, "dies")
        await client.close()

    with_host(refused, tmp_path, Refusing())
    (tmp_path / "s").unlink(missing_ok=True)
    with_host(dying, tmp_path)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no socket files on this system")
def test_socket_folder_is_for_this_user_alone() -> None:
    """The directory is 0700 from its first moment, and gone when closed."""
    sockets = SocketFolder()
    folder = sockets.folder
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sockets.path.startswith(str(folder))

    sockets.close()

    assert not folder.exists()
    assert sockets.path == ""


def test_socket_folder_with_a_long_path_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the path would not fit into a socket's address, a port is used."""
    long = tmp_path / ("d" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))

    assert SocketFolder().path == ""
    assert list(long.iterdir()) == []
