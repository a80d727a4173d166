"""The thread that owns a model: takes requests from a bounded queue and makes their answers.

`schedule.py` has who goes next. A paused answer's keys and values stay in a cache of their own.
"""

import threading
from collections.abc import Callable

from jupyter_starcoder.engine.answer import Reached
from jupyter_starcoder.engine.job import Arrival, Job, Maker, unexpected
from jupyter_starcoder.engine.schedule import next_at_work, next_to_begin, one_too_many
from jupyter_starcoder.errors import EngineBusy, EngineError
from jupyter_starcoder.values.generation import Finish, GenerationRequest


class Worker:
    """Runs what `open_decoder` gives, in a thread of its own."""

    def __init__(self, open_decoder: Callable[[], Maker], *, max_waiting: int) -> None:
        """Starts the thread; `wait_until_open` tells how that went.

        Args:
            open_decoder: called once, in the thread.
            max_waiting: requests in the queue.
        """
        self._open_decoder = open_decoder
        self._max_waiting = max_waiting
        self._changed = threading.Condition()
        self._waiting: list[Job] = []
        self._running: list[Job] = []  # the oldest first
        self._has_read = False  # whether the last step read a prompt
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

        Where the queue is full, whose requests are most of it loses the newest one; the rest of an answer is not lost.

        Raises:
            EngineBusy: it is this one.
            EngineError: the worker is closed.
        """
        job = Job(request, deliver)
        ended: list[tuple[Job, Finish | EngineBusy]]
        with self._changed:
            if self._is_closing:
                raise EngineError("the engine is closed: load the model again")
            same = self._same_key(request.replaces)
            is_late = any(other.request.number > request.number and other.early is None for other in same)
            ended = [(job, "superseded")] if is_late else self._queue(job, same)
        for old, end in ended:
            old.end(end)
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
            job.end(job.early or "cancelled")

    def close(self) -> None:
        """Ends all jobs as cancelled and the thread with them; waits for the pass that is running."""
        with self._changed:
            self._is_closing = True
            left, self._waiting = self._waiting, []
            self._give_up([*left, *self._running], "cancelled")
            self._changed.notify()
        for job in left:
            job.end(job.early or "cancelled")
        self._thread.join()

    def _queue(self, job: Job, older: list[Job]) -> list[tuple[Job, Finish | EngineBusy]]:
        """Queues a job in the place of older ones; gives what leaves the queue, and how it ends.

        Raises:
            EngineBusy: there is no place for this one.
        """
        queue = [*(waiting for waiting in self._waiting if waiting not in older), job]
        ended: list[tuple[Job, Finish | EngineBusy]] = [
            (waiting, "superseded") for waiting in self._waiting if waiting in older
        ]
        refusable = [waiting for waiting in queue if not waiting.request.is_rest]
        if refusable and len(queue) > self._max_waiting:
            busy = EngineBusy(f"{self._max_waiting} requests are waiting already: try again in a moment")
            dropped = one_too_many(refusable)
            if dropped is job:
                raise busy
            queue.remove(dropped)
            ended.append((dropped, busy))
        self._give_up(older, "superseded")
        self._waiting = queue
        self._changed.notify()
        return ended

    def _give_up(self, jobs: list[Job], finish: Finish) -> None:
        """Ends jobs soon; the first reason stays."""
        for job in jobs:
            job.early = job.early or finish
            if job in self._running:
                job.interrupt()

    def _same_key(self, key: str) -> list[Job]:
        return [job for job in [*self._waiting, *self._running] if key and job.request.replaces == key]

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
            self._end_early()
            self._begin_next(decoder)
            self._advance(decoder)

    def _wait_for_work(self) -> bool:
        """Sleeps until there is something to do; False at the end of all work."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._running or self._is_closing)
            return bool(self._running) or not self._is_closing

    def _end_early(self) -> None:
        """Ends what was given up, paused answers among them."""
        for job in [*self._running]:
            if job.early is not None:
                job.end(job.early)
                self._let_go(job)

    def _begin_next(self, decoder: Maker) -> None:
        """Begins one request, if one may."""
        with self._changed:
            job = next_to_begin(self._waiting, self._running, decoder.most_running)
            if job is None:
                return
            self._waiting.remove(job)
            self._running.append(job)
        if not job.begin(decoder):
            self._let_go(job)

    def _advance(self, decoder: Maker) -> None:
        """One step of those whose turn it is."""
        jobs = next_at_work(self._running, has_read=self._has_read)
        answers = [job.answer for job in jobs if job.answer is not None]
        if not answers:
            return
        self._has_read = jobs[0].is_reading
        try:
            all_reached = decoder.advance(answers)
        except Exception as error:  # noqa: BLE001 - a bug ends the answers that it met, the thread goes on with others
            all_reached = [Reached(end=unexpected(error))] * len(jobs)
        for job, reached in zip(jobs, all_reached, strict=True):
            if not job.take(reached):
                self._let_go(job)

    def _let_go(self, job: Job) -> None:
        with self._changed:
            self._running.remove(job)
