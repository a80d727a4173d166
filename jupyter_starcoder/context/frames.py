"""The frames of a live kernel by name, for whoever wants to point at one."""

from jupyter_starcoder.context.kernel import SnapshotOf
from jupyter_starcoder.values.chat import Frame
from kernels_ctx.errors import KernelContextError


async def live_frames(snapshot_of: SnapshotOf, path: str, deadline_s: float) -> tuple[Frame, ...]:
    """Frames in the kernel of the notebook at `path`, the latest first; none where no kernel answers."""
    try:
        snapshot = await snapshot_of(path, deadline_s)
    except KernelContextError:
        return ()
    frames = [variable for variable in snapshot.variables if variable.is_frame] if snapshot else []
    frames.sort(key=lambda frame: -frame.touched)
    return tuple(
        Frame(name=frame.name, kind=frame.type_name, shape=frame.shape, columns=frame.column_count) for frame in frames
    )
