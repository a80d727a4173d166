"""The thread that owns a model: takes requests from a bounded queue and makes their answers.

A request of a quicker lane goes first. When one comes while an answer of a slower lane is being made, that answer
pauses (its keys and values stay in a cache of their own) as long as a cache is free.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from jupyter_starcoder.engine.generation import nothing_done
from jupyter_starcoder.errors import EngineBusy, EngineError, StarcoderError
from jupyter_starcoder.values.generation import Finish, GenerationRequest, Lane, Usage

RANK: dict[Lane, int] = {"inline": 0, "chat": 1, "batch": 2}

Arrival = int | Usage | StarcoderError  # a token, and at the end the cost or what went wrong


class Steps(Protocol):
    """An answer while it is made; `Decoding` is one."""

    def steps(self) -> Iterator[int | Finish | None]:
        """None after a part of the prompt, a token, and at last why it ended."""

    def usage(self, finish: Finish, *, queue_s: float) -> Usage:
        """What it cost up to now."""

    def interrupt(self) -> None:
        """Called by another thread: the step that is running may fail at once, no other will be asked for."""

    def close(self) -> None:
        """Lets go of its cache."""


class StepMaker(Protocol):
    """What begins answers; `Decoder` does."""

    def begin(self, request: GenerationRequest) -> Steps:
        """Takes a cache for a request.

        Raises:
            BadRequest: it cannot be answered.
        """


class Job:
    """One request on its way through the worker."""

    def __init__(self, request: GenerationRequest, deliver: Callable[[Arrival], None]) -> None:
        self.request = request
        self.deliver = deliver  # called by the worker's thread, and for a job that never ran by the one that ends it
        self.rank = RANK[request.lane]
        self.submitted_s = time.perf_counter()
        self.began_s = 0.0
        self.early: Finish | None = None  # why to end it before its time

    @property
    def queue_s(self) -> float:
        """How long it waited, up to now or until it began."""
        return (self.began_s or time.perf_counter()) - self.submitted_s

    def end_unstarted(self) -> None:
        """Says that it ended without any work."""
        prompt_tokens = len(self.request.prompt_ids)
        self.deliver(nothing_done(self.early or "cancelled", prompt_tokens=prompt_tokens, queue_s=self.queue_s))


class Running:
    """A job at work, or paused."""

    def __init__(self, job: Job, maker: StepMaker) -> None:
        self.job = job
        self._maker = maker
        self._answer: Steps | None = None
        self._steps: Iterator[int | Finish | None] = iter(())

    def interrupt(self) -> None:
        """Called by another thread once `job.early` is set: the step that is running need not come to its end."""
        if self._answer is not None:
            self._answer.interrupt()

    def step(self) -> bool:
        """Makes one step; gives whether there may be more."""
        try:
            return self._step()
        except StarcoderError as error:
            self._end(error if self.job.early is None else self._cost(self.job.early))
        except Exception as error:  # noqa: BLE001 - one answer may fail in any way, the thread must go on with the next
            self._end(EngineError(f"the engine failed over this request ({type(error).__name__}: {error})"))
        return False

    def _step(self) -> bool:
        if self.job.early is not None and self._answer is None:
            self.job.end_unstarted()
            return False
        if self._answer is None:
            self._answer = self._maker.begin(self.job.request)
            self._steps = self._answer.steps()
        reached = next(self._steps) if self.job.early is None else self.job.early
        if isinstance(reached, str):
            self._end(self._cost(reached))
            return False
        if reached is not None:
            self.job.deliver(reached)
        return True

    def _cost(self, finish: Finish) -> Usage:
        if self._answer is None:
            return nothing_done(finish, prompt_tokens=len(self.job.request.prompt_ids), queue_s=self.job.queue_s)
        return self._answer.usage(finish, queue_s=self.job.queue_s)

    def _end(self, arrival: Arrival) -> None:
        if self._answer is not None:
            self._answer.close()
        self.job.deliver(arrival)


class Worker:
    """Runs what `open_decoder` gives, in a thread of its own."""

    def __init__(
        self, open_decoder: Callable[[], StepMaker], *, max_waiting: int, max_running: Callable[[], int]
    ) -> None:
        """Starts the thread; `wait_until_open` tells how that went.

        Args:
            open_decoder: called once, in the thread.
            max_waiting: requests in the queue.
            max_running: answers that are being made, paused ones among them; no more than the decoder has caches.
                Asked once the decoder is open.
        """
        self._open_decoder = open_decoder
        self._max_waiting = max_waiting
        self._max_running = max_running
        self._changed = threading.Condition()
        self._waiting: list[Job] = []
        self._running: list[Running] = []  # the quickest lane last: only that one is at work
        self._is_closing = False
        self._opened = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="starcoder-engine", daemon=True)
        self._thread.start()

    def wait_until_open(self) -> None:
        """Waits for the model to be loaded.

        Raises:
            ModelError: it could not be.
        """
        self._opened.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return len(self._waiting)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is being made."""
        return bool(self._running)

    def submit(self, request: GenerationRequest, deliver: Callable[[Arrival], None]) -> Job:
        """Queues a request; older ones with the same non-empty `replaces` end as superseded.

        Raises:
            EngineBusy: the queue is full.
            EngineError: the worker is closed.
        """
        job = Job(request, deliver)
        with self._changed:
            if self._is_closing:
                raise EngineError("the engine is closed: load the model again")
            older = self._same_key(request.replaces)
            replaced = [waiting for waiting in self._waiting if waiting in older]
            if len(self._waiting) - len(replaced) >= self._max_waiting:
                raise EngineBusy(f"{len(self._waiting)} requests are waiting already: try again in a moment")
            self._give_up(older, "superseded")
            self._waiting = [waiting for waiting in self._waiting if waiting not in older] + [job]
            self._changed.notify()
        for old in replaced:
            old.end_unstarted()
        return job

    def cancel(self, job: Job) -> None:
        """Ends a job soon; nothing happens when it has ended."""
        with self._changed:
            self._give_up([job], "cancelled")
            is_waiting = job in self._waiting
            if is_waiting:
                self._waiting.remove(job)
            self._changed.notify()
        if is_waiting:
            job.end_unstarted()

    def close(self) -> None:
        """Ends all jobs as cancelled and the thread with them; waits for the pass that is running."""
        with self._changed:
            self._is_closing = True
            left, self._waiting = self._waiting, []
            self._give_up([*left, *(running.job for running in self._running)], "cancelled")
            self._changed.notify()
        for job in left:
            job.end_unstarted()
        self._thread.join()

    def _give_up(self, jobs: list[Job], finish: Finish) -> None:
        """Ends jobs soon; the first reason stays."""
        for job in jobs:
            job.early = job.early or finish
        for running in self._running:
            if running.job in jobs:
                running.interrupt()

    def _same_key(self, key: str) -> list[Job]:
        jobs = [*self._waiting, *(running.job for running in self._running)]
        return [job for job in jobs if key and job.request.replaces == key]

    def _run(self) -> None:
        try:
            decoder = self._open_decoder()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again where the engine was asked for
            self._failure = error
            with self._changed:
                self._is_closing = True
            return
        finally:
            self._opened.set()
        while self._wait_for_work():
            self._begin_next(decoder)
            self._step()

    def _wait_for_work(self) -> bool:
        """Sleeps until there is something to do; False at the end of all work."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._running or self._is_closing)
            return bool(self._running) or not self._is_closing

    def _begin_next(self, decoder: StepMaker) -> None:
        """Begins the oldest job of the quickest lane, if that is quicker than what is at work."""
        with self._changed:
            if not self._waiting or len(self._running) >= self._max_running():
                return
            job = min(self._waiting, key=lambda waiting: waiting.rank)
            if self._running and job.rank >= self._running[-1].job.rank:
                return
            self._waiting.remove(job)
            job.began_s = time.perf_counter()
            self._running.append(Running(job, decoder))

    def _step(self) -> None:
        """One step of the answer at work; paused ones that are to end do so too."""
        for running in [*self._running]:
            is_at_work = running is self._running[-1]
            if (is_at_work or running.job.early is not None) and not running.step():
                with self._changed:
                    self._running.remove(running)
