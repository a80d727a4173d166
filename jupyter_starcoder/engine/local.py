"""A model in this process: the asynchronous face of the worker."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from jupyter_starcoder.engine.decoder import Decoder
from jupyter_starcoder.engine.generation import ReadOnce, nothing_done
from jupyter_starcoder.engine.job import Arrival, Job, Maker
from jupyter_starcoder.engine.optimum_decoder import OptimumDecoder, is_optimum
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.engine.worker import Worker
from jupyter_starcoder.errors import StarcoderError
from jupyter_starcoder.values.generation import GenerationRequest, Usage
from jupyter_starcoder.values.model import EngineFacts


class LocalEngine:
    """A model that a thread of this process runs.

    It can be used from any event loop, each answer being read in the loop that began to read it.
    """

    def __init__(self, folder: Path, settings: EngineSettings | None = None) -> None:
        """Loads the model and waits for it: seconds, so call it in a thread where an event loop runs.

        Raises:
            ExtraMissing: ONNX Runtime is missing or installed twice.
            ModelError: the folder cannot be served; the message says what to do.
            EngineError: the model cannot be run on this device.
        """
        self._settings = settings or EngineSettings()
        self._folder = folder
        self._name = ""
        self._device = ""
        self._worker = Worker(self._open, max_waiting=self._settings.max_waiting)
        self._worker.wait_until_open()

    def generate(self, request: GenerationRequest) -> "LocalGeneration":
        """An answer; it is queued when it is first read, and EngineBusy comes from there."""
        return LocalGeneration(self._worker, request)

    async def facts(self) -> EngineFacts:
        """What the engine says of itself now."""
        return EngineFacts(
            model=self._name,
            device=self._device,
            process_id=os.getpid(),
            waiting=self._worker.waiting,
            is_busy=self._worker.is_busy,
        )

    async def close(self) -> None:
        """Ends all answers as cancelled and waits for the thread to end: one pass at most."""
        await asyncio.to_thread(self._worker.close)

    def _open(self) -> Maker:
        if is_optimum(self._folder):
            optimum = OptimumDecoder(self._folder, self._settings)
            optimum.warm_up()
            self._name, self._device = optimum.manifest.name, optimum.device.title
            return optimum
        session = Session(self._folder, self._settings)
        decoder = Decoder(session, self._settings)
        decoder.warm_up()
        self._name, self._device = session.manifest.name, session.device.title
        return decoder


class LocalGeneration(ReadOnce):
    """One answer of a worker."""

    def __init__(self, worker: Worker, request: GenerationRequest) -> None:
        super().__init__()
        self._worker = worker
        self._request = request
        self._job: Job | None = None
        self._is_cancelled = False

    def cancel(self) -> None:
        """Ends it between two tokens or two parts of the prompt."""
        self._is_cancelled = True
        if self._job is not None:
            self._worker.cancel(self._job)

    async def _tokens(self) -> AsyncIterator[int]:
        if self._is_cancelled:
            self._usage = nothing_done("cancelled", prompt_tokens=len(self._request.prompt_ids))
            return
        loop = asyncio.get_running_loop()
        arrivals: asyncio.Queue[Arrival] = asyncio.Queue()

        def deliver(arrival: Arrival) -> None:
            try:
                loop.call_soon_threadsafe(arrivals.put_nowait, arrival)
            except RuntimeError:  # the loop is closed: nobody reads this any more
                job.early = job.early or "cancelled"

        self._job = job = self._worker.submit(self._request, deliver)
        try:
            while True:
                arrival = await arrivals.get()
                if isinstance(arrival, Usage):
                    self._usage = arrival
                    return
                if isinstance(arrival, StarcoderError):
                    raise arrival
                yield arrival
        finally:
            self._worker.cancel(job)
