"""The queue and the thread behind it, with answers that a test lets go on step by step."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import cast

import pytest

from jupyter_starcoder.engine.answer import Reached
from jupyter_starcoder.engine.job import Arrival, Job, Making
from jupyter_starcoder.engine.worker import Worker
from jupyter_starcoder.errors import BadRequest, EngineBusy, EngineError, ModelDamaged
from jupyter_starcoder.values.generation import Finish, GenerationRequest, Lane, Usage

WAIT_S = 20.0


class Script:
    """An answer of `max_tokens` tokens, all of them the prompt's first id; each waits to be let go."""

    def __init__(self, maker: "Scripts", request: GenerationRequest) -> None:
        self._maker = maker
        self._request = request
        self._made = 0
        self._is_interrupted = False
        self._is_waiting = False
        self.is_reading = True

    def advance(self) -> Reached:
        """The whole prompt, then a token."""
        if self.is_reading:
            self.is_reading = False
            return Reached()
        self._is_waiting = True
        if not self._maker.gate.acquire(timeout=WAIT_S):
            return Reached(end=EngineError("the test did not let go"))
        self._is_waiting = False
        if self._is_interrupted:
            return Reached(end=EngineError("interrupted"))
        self._made += 1
        end: Finish | None = "length" if self._made == self._request.max_tokens else None
        return Reached((self._request.prompt_ids[0],), end)

    def usage(self, finish: Finish, *, queue_s: float) -> Usage:
        """With the tokens made."""
        return Usage(
            finish=finish,
            prompt_tokens=1,
            reused_tokens=0,
            new_tokens=self._made,
            queue_s=queue_s,
            first_token_s=0.0,
            decode_s=0.0,
        )

    def interrupt(self) -> None:
        """Lets the step that is running fail."""
        self._is_interrupted = True
        if self._is_waiting:
            self._maker.gate.release()

    def close(self) -> None:
        """Notes it."""
        self._maker.closed += 1


class Scripts:
    """Makes such answers; each release of `gate` lets one token go."""

    def __init__(self, most_running: int) -> None:
        self.gate = threading.Semaphore(0)
        self.begun: queue.Queue[int] = queue.Queue()
        self.closed = 0
        self.most_running = most_running

    def begin(self, request: GenerationRequest) -> Script:
        """Begins one; prompts of 99 are refused, those of 98 meet a bug."""
        if request.prompt_ids == (99,):
            raise BadRequest("no")
        if request.prompt_ids == (98,):
            raise ZeroDivisionError("a bug")
        self.begun.put(request.prompt_ids[0])
        return Script(self, request)

    def advance(self, begun: Sequence[Making]) -> list[Reached]:
        """One step of each."""
        return [script.advance() for script in cast("Sequence[Script]", begun)]


class Reader:
    """What arrived for all jobs, in one order."""

    def __init__(self) -> None:
        self.order: list[tuple[int, Arrival]] = []
        self._ended = threading.Semaphore(0)
        self._tokens = threading.Semaphore(0)

    def deliver(self, name: int) -> Callable[[Arrival], None]:
        """Where a job delivers to."""

        def take(arrival: Arrival) -> None:
            self.order.append((name, arrival))
            (self._tokens if isinstance(arrival, int) else self._ended).release()

        return take

    def wait_for_ends(self, count: int) -> None:
        """Waits until so many more jobs have ended."""
        for _ in range(count):
            assert self._ended.acquire(timeout=WAIT_S)

    def wait_for_token(self) -> None:
        """Waits for one more token."""
        assert self._tokens.acquire(timeout=WAIT_S)

    def finish_of(self, name: int) -> str:
        """How a job ended."""
        (end,) = [arrival for who, arrival in self.order if who == name and isinstance(arrival, Usage)]
        return end.finish

    @property
    def tokens(self) -> list[int]:
        """Tokens of all jobs in the order in which they came."""
        return [arrival for _, arrival in self.order if isinstance(arrival, int)]


class Bench:
    """A worker at work for a test."""

    def __init__(self, *, max_running: int) -> None:
        self.scripts = Scripts(max_running)
        self.reader = Reader()
        self.worker = Worker(lambda: self.scripts, max_waiting=2)
        self.worker.wait_until_open()

    def submit(
        self, name: int, *, lane: Lane = "inline", replaces: str = "", user: str = "", max_tokens: int = 2
    ) -> Job:
        """Queues an answer that says its name so many times."""
        request = GenerationRequest(
            prompt_ids=(name,), max_tokens=max_tokens, stop_ids=(), lane=lane, replaces=replaces, user=user
        )
        return self.worker.submit(request, self.reader.deliver(name))

    def submit_begun(
        self, name: int, *, lane: Lane = "inline", replaces: str = "", user: str = "", max_tokens: int = 2
    ) -> Job:
        """Queues one and waits until it has begun."""
        job = self.submit(name, lane=lane, replaces=replaces, user=user, max_tokens=max_tokens)
        assert self.scripts.begun.get(timeout=WAIT_S) == name
        return job

    def let_go(self, count: int = 100) -> None:
        """Lets so many tokens go."""
        self.scripts.gate.release(count)


@pytest.fixture(params=[1])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A worker with a queue of two; the parameter is how many answers may be in the making."""
    bench = Bench(max_running=request.param)
    yield bench
    bench.let_go()
    bench.worker.close()


TWO_CACHES = pytest.mark.parametrize("bench", [2], indirect=True)


def test_worker_full_queue_is_busy(bench: Bench) -> None:
    """The queue takes so many and no more; afterwards it takes some again."""
    bench.submit_begun(1)
    bench.submit(2)
    bench.submit(3)
    with pytest.raises(EngineBusy, match="2 requests"):
        bench.submit(4)
    assert (bench.worker.waiting, bench.worker.is_busy) == (2, True)

    bench.let_go()
    bench.reader.wait_for_ends(3)
    bench.submit(5)
    bench.reader.wait_for_ends(1)

    assert bench.reader.tokens == [1, 1, 2, 2, 3, 3, 5, 5]
    assert bench.scripts.closed == 4


def test_worker_full_queue_makes_room_for_another_user(bench: Bench) -> None:
    """Whose requests fill the queue loses the newest to somebody who has none there, and is told."""
    bench.submit_begun(1, user="many")
    bench.submit(2, user="many")
    bench.submit(3, user="many")
    bench.submit(4, user="one")
    ends = dict(bench.reader.order)
    with pytest.raises(EngineBusy):
        bench.submit(5, user="many")
    bench.let_go()
    bench.reader.wait_for_ends(4)

    assert isinstance(ends[3], EngineBusy)
    assert [bench.reader.finish_of(name) for name in (1, 2, 4)] == ["length"] * 3


def test_worker_full_queue_takes_the_rest_of_an_answer(bench: Bench) -> None:
    """Whoever has read half of an answer gets the other half: others give way, or it is one more than there may be."""
    rest = GenerationRequest(prompt_ids=(4,), max_tokens=2, stop_ids=(), user="one", is_rest=True)
    bench.submit_begun(1)
    bench.submit(2)
    bench.submit(3)
    for name in (4, 5, 6):
        bench.worker.submit(replace(rest, prompt_ids=(name,)), bench.reader.deliver(name))
    refused = {name for name, arrival in bench.reader.order if isinstance(arrival, EngineBusy)}
    with pytest.raises(EngineBusy):
        bench.submit(7, user="two")
    bench.let_go()
    bench.reader.wait_for_ends(6)

    assert refused == {2, 3}
    assert [bench.reader.finish_of(name) for name in (1, 4, 5, 6)] == ["length"] * 4


def test_worker_newer_request_takes_the_place_of_the_one_that_it_replaces(bench: Bench) -> None:
    """A queue that is full loses nobody to a keystroke more."""
    bench.submit_begun(1)
    bench.submit(2)
    bench.submit(3, replaces="cell")
    bench.submit(4, replaces="cell")
    bench.let_go()
    bench.reader.wait_for_ends(4)

    assert [bench.reader.finish_of(name) for name in (2, 3, 4)] == ["length", "superseded", "length"]


def test_worker_quicker_lanes_go_first(bench: Bench) -> None:
    """Of what waits, inline goes before chat before batch; within a lane the older goes first."""
    bench.submit_begun(1)
    bench.submit(2, lane="batch")
    bench.submit(3, lane="chat")
    bench.let_go(2)
    bench.reader.wait_for_ends(1)
    assert bench.scripts.begun.get(timeout=WAIT_S) == 3
    bench.submit(4)
    bench.let_go()
    bench.reader.wait_for_ends(3)

    assert bench.reader.tokens == [1, 1, 3, 3, 4, 4, 2, 2]


@TWO_CACHES
def test_worker_keystroke_interrupts_a_chat(bench: Bench) -> None:
    """With a cache to spare, an answer of a slower lane pauses and goes on afterwards, losing nothing."""
    bench.submit_begun(1, lane="chat")
    bench.submit(2)
    bench.let_go(1)
    assert bench.scripts.begun.get(timeout=WAIT_S) == 2
    bench.let_go()
    bench.reader.wait_for_ends(2)

    assert bench.reader.tokens == [1, 2, 2, 1]


@TWO_CACHES
def test_worker_same_lane_writes_together(bench: Bench) -> None:
    """A newer request of the lane at work joins in after the step that is running."""
    bench.submit_begun(1, max_tokens=4)
    bench.submit(2, max_tokens=4)
    bench.let_go()
    bench.reader.wait_for_ends(2)

    assert bench.reader.tokens == [1, 1, 2, 1, 2, 1, 2, 2]


@TWO_CACHES
def test_worker_cancelled_row_disturbs_no_other(bench: Bench) -> None:
    """Of two that are written together one ends, and the other goes on to its own end."""
    bench.submit_begun(1, max_tokens=4)
    second = bench.submit(2, max_tokens=4)
    bench.let_go(3)
    for _ in range(3):
        bench.reader.wait_for_token()
    bench.worker.cancel(second)
    bench.let_go()
    bench.reader.wait_for_ends(2)

    assert (bench.reader.finish_of(1), bench.reader.finish_of(2)) == ("length", "cancelled")
    assert bench.reader.tokens.count(1) == 4
    assert bench.reader.tokens.count(2) < 4


def test_worker_user_with_many_requests_starves_nobody(bench: Bench) -> None:
    """Whose requests have no cache yet goes first, though they came later."""
    bench.submit_begun(1, user="many", max_tokens=9)
    bench.submit(2, user="many")
    bench.submit(3, user="one")
    bench.scripts.most_running = 3
    bench.let_go()
    bench.reader.wait_for_ends(3)

    assert [bench.scripts.begun.get(timeout=WAIT_S) for _ in range(2)] == [3, 2]


@TWO_CACHES
def test_worker_paused_answer_ends_when_cancelled(bench: Bench) -> None:
    """A paused answer does not wait for its turn to end."""
    chat = bench.submit_begun(1, lane="chat")
    bench.submit(2)
    bench.let_go(1)
    assert bench.scripts.begun.get(timeout=WAIT_S) == 2
    bench.worker.cancel(chat)
    bench.let_go(1)
    bench.reader.wait_for_ends(1)

    assert bench.reader.finish_of(1) == "cancelled"
    assert bench.worker.is_busy


def test_worker_newer_request_supersedes_waiting_and_running(bench: Bench) -> None:
    """Of one cell only the newest request is answered, and replaced ones leave their place in the queue."""
    bench.submit_begun(1, replaces="cell")
    bench.submit(2, replaces="other")
    for name in (3, 4, 5, 6):
        bench.submit(name, replaces="cell")
    bench.let_go()
    bench.reader.wait_for_ends(6)

    assert [bench.reader.finish_of(name) for name in range(1, 7)] == [
        "superseded",
        "length",
        "superseded",
        "superseded",
        "superseded",
        "length",
    ]
    assert len(bench.reader.tokens) <= 5


@TWO_CACHES
def test_worker_older_request_that_goes_on_gives_way_to_a_newer_one(bench: Bench) -> None:
    """The rest of an answer, asked for again after a refusal, ends no keystroke that came meanwhile."""
    first = GenerationRequest(prompt_ids=(1,), max_tokens=2, stop_ids=(), replaces="cell")
    bench.submit_begun(2, replaces="cell")
    bench.worker.submit(replace(first, prompt_ids=(1, 1)), bench.reader.deliver(1))
    bench.let_go()
    bench.reader.wait_for_ends(2)

    assert (bench.reader.finish_of(1), bench.reader.finish_of(2)) == ("superseded", "length")
    bench.worker.submit(replace(first, prompt_ids=(1, 1)), bench.reader.deliver(3))
    bench.reader.wait_for_ends(1)
    assert bench.reader.finish_of(3) == "length", "nobody is there to give way to"


def test_worker_empty_key_replaces_nothing(bench: Bench) -> None:
    """Requests without a key stand side by side."""
    bench.submit_begun(1)
    bench.submit(2)
    bench.submit(3)
    bench.let_go()
    bench.reader.wait_for_ends(3)

    assert {bench.reader.finish_of(name) for name in (1, 2, 3)} == {"length"}


def test_worker_cancelled_answer_stops_between_tokens(bench: Bench) -> None:
    """A running answer ends before its next token, and the next one begins."""
    first = bench.submit_begun(1)
    bench.let_go(1)
    bench.reader.wait_for_token()
    bench.worker.cancel(first)
    bench.submit(2)
    bench.let_go()
    bench.reader.wait_for_ends(2)
    bench.worker.cancel(first)

    assert bench.reader.finish_of(1) == "cancelled"
    assert bench.reader.tokens[-2:] == [2, 2]


def test_worker_cancelled_waiting_request_ends_at_once(bench: Bench) -> None:
    """A request that has not begun never does, and its place is free."""
    bench.submit_begun(1)
    waiting = bench.submit(2)
    bench.worker.cancel(waiting)

    assert bench.reader.finish_of(2) == "cancelled"
    assert bench.worker.waiting == 0


def test_worker_refused_request_does_not_end_the_thread(bench: Bench) -> None:
    """A bad request and a bug are errors of their own answer alone."""
    bench.submit(99)
    bench.submit(98)
    bench.reader.wait_for_ends(2)
    bench.submit(3)
    bench.let_go()
    bench.reader.wait_for_ends(1)
    errors = {name: arrival for name, arrival in bench.reader.order if isinstance(arrival, Exception)}

    assert isinstance(errors[99], BadRequest)
    assert isinstance(errors[98], EngineError)
    assert "ZeroDivisionError" in errors[98].message
    assert bench.reader.tokens == [3, 3]


def test_worker_close_ends_all_as_cancelled(bench: Bench) -> None:
    """Closing ends what runs and what waits, and nothing is taken afterwards."""
    bench.submit_begun(1)
    bench.submit(2)
    bench.let_go(1)
    bench.reader.wait_for_token()
    closing = threading.Thread(target=bench.worker.close)
    closing.start()
    bench.reader.wait_for_ends(1)
    bench.let_go()
    closing.join(WAIT_S)

    assert {bench.reader.finish_of(name) for name in (1, 2)} == {"cancelled"}
    with pytest.raises(EngineError, match="closed"):
        bench.submit(3)


def test_worker_failure_to_load_is_raised_where_it_is_waited_for() -> None:
    """What is wrong with a model reaches whoever opened it."""

    def fail() -> Scripts:
        raise ModelDamaged("cut short")

    worker = Worker(fail, max_waiting=1)
    with pytest.raises(ModelDamaged, match="cut short"):
        worker.wait_until_open()
    worker.close()
