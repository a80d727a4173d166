"""The models of one server: which there are, how each stands, and what a person does to them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_starcoder.downloads.queue import Downloads
from jupyter_starcoder.errors import BadRequest, EngineBusy, UnknownModel
from jupyter_starcoder.serving import Serving
from jupyter_starcoder.values.stock import Download, Fit, KnownModel, Machine, ModelState, Room, Speed
from jupyter_starcoder.workshop import Workshop

if TYPE_CHECKING:
    from jupyter_starcoder.copilot import LoadedModel

COMING = {"waiting", "fetching", "exporting"}  # the disk fills meanwhile: free space would be compared with what came
TRIAL_S = 120.0  # longest that a trial may take, its turn behind what people wait for included


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One model, and how it stands."""

    model: KnownModel
    state: ModelState
    fit: Fit
    room: Room | None  # on the disk, for what is still to come; None while it comes
    download: Download | None  # while it is on its way, paused or failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All of them, and what they run on."""

    volumes: tuple[Volume, ...]
    machine: Machine
    served: str  # the model that answers; empty where none does


class Library:
    """The models of one server."""

    def __init__(self, workshop: Workshop, downloads: Downloads, serving: Serving) -> None:
        self._workshop = workshop
        self._downloads = downloads
        self._serving = serving
        self._trial = asyncio.Lock()

    async def listing(self) -> Listing:
        """Every model of the catalogue and the store.

        Raises:
            ModelError: the store cannot be read.
        """
        models, machine = await asyncio.gather(
            asyncio.to_thread(self._workshop.models), asyncio.to_thread(self._workshop.machine)
        )
        ways, served = self._downloads.latest, self._serving.answering
        return Listing(
            volumes=tuple(_volume(model, machine, ways, served) for model in models), machine=machine, served=served
        )

    async def get(self, name: str) -> None:
        """Begins to fetch and prepare a model, or goes on with it; returns at once.

        Raises:
            UnknownModel: neither the catalogue nor the store has it.
        """
        await self._require(name)
        await self._downloads.get(name)

    async def pause(self, name: str) -> None:
        """Stops the work on a model and keeps what came. Raises BadRequest where there is none."""
        await self._downloads.pause(name)

    async def cancel(self, name: str) -> None:
        """Stops the work on a model and takes away what came. Raises BadRequest where there is none."""
        await self._downloads.cancel(name)

    async def remove(self, name: str, *, unload: bool) -> None:
        """Takes a model out of the store.

        Args:
            name: of the model.
            unload: also where it is served: nothing answers then.

        Raises:
            BadRequest: it is served or on its way.
            UnknownModel: it is not in the store.
            ModelError: its folder could not be removed.
        """
        self._downloads.require_still(name)  # before anything is unloaded for it
        # Again once it is our turn: another page may have begun to fetch it meanwhile.
        async with self._serving.without(name, unload=unload), self._downloads.without(name):
            await asyncio.to_thread(self._workshop.remove, name)

    async def test(self, name: str, model: "LoadedModel") -> Speed:
        """What a short answer of the served model takes; one at a time.

        Raises:
            BadRequest: it is not the one that was meant.
            EngineBusy: another is being made, or its turn did not come.
            EngineError: the engine could not answer.
        """
        from jupyter_starcoder.trial import try_out

        if model.name != name:
            raise BadRequest(f"{name!r} does not answer here, {model.name} does: use it first, then test it")
        if self._trial.locked():
            raise EngineBusy("somebody tests the model just now: try again in a moment")
        async with self._trial:
            try:
                return await asyncio.wait_for(try_out(model), TRIAL_S)
            except TimeoutError as error:
                raise EngineBusy(
                    f"the test was not over after {TRIAL_S:.0f} s: others are being answered, or the model is too "
                    "large for this machine"
                ) from error

    async def close(self) -> None:
        """Stops what is on its way and keeps what came."""
        await self._downloads.close()

    async def _require(self, name: str) -> None:
        if not any(model.name == name for model in await asyncio.to_thread(self._workshop.models)):
            raise UnknownModel(f"no model is called {name!r}: GET starcoder/models lists what there is")


def _volume(model: KnownModel, machine: Machine, ways: Mapping[str, Download], served: str) -> Volume:
    way = ways.get(model.name)
    is_served = model.name == served
    state: ModelState = "none"
    if way is not None:
        state = way.state
    elif is_served:
        state = "served"
    elif model.is_prepared:
        state = "prepared"
    room = None if state in COMING else model.room
    return Volume(
        model=model,
        state=state,
        fit="fits" if is_served else machine.fit(model.memory_bytes, room),
        room=room,
        download=way,
    )
