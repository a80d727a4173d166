"""The snapshot of a Python kernel."""

import asyncio

import pytest

from kernels_ctx.asking import snapshot
from kernels_ctx.channel import FakeChannel
from kernels_ctx.errors import KernelSilent, ProbeFailed
from kernels_ctx.limits import Limits
from kernels_ctx.snapshot import KernelSnapshot
from kernels_ctx.text import render

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")


def taken(namespace: dict[str, object], limits: Limits | None = None) -> KernelSnapshot:
    """The snapshot of a kernel with these variables."""
    return asyncio.run(snapshot(FakeChannel(namespace), 1.0, limits))


def test_snapshot_frame_gives_columns_and_dtypes() -> None:
    """A frame is told by shape, column names as code spells them, and dtypes."""
    frame = pd.DataFrame({"region": pd.Series(["n"], dtype=object), ("a", 1): [1.5]})

    found = taken({"df": frame, "n": 3})

    assert render(found) == "df: DataFrame 1 × 2, columns 'region' (object), ('a', 1) (float64)"


def test_snapshot_wide_frame_is_shown_in_part_and_counted() -> None:
    """Of very many columns those are shown that the cells nearby name, and all can be asked for."""
    found = taken({"wide": pd.DataFrame(np.zeros((2, 5000)), columns=[f"c{i}" for i in range(5000)])})

    text = render(found, ["wide['c4321']"])

    assert text.startswith("wide: DataFrame 2 × 5000, columns 'c0' (float64), 'c1' (float64), ")
    assert text.endswith("'c28' (float64), 'c4321' (float64) and 4970 more")
    assert found.variables[0].keys == tuple(f"c{i}" for i in range(5000))


def test_snapshot_same_state_gives_same_bytes() -> None:
    """The order in which names were bound does not matter."""
    one = {"b": [1], "a": np.zeros(3)}
    other = {"a": np.ones(3), "b": [2]}

    assert render(taken(one)) == render(taken(other))


def test_snapshot_leaves_no_name_behind() -> None:
    """The probe binds nothing in the kernel."""
    namespace: dict[str, object] = {"x": 1}

    taken(namespace)

    assert set(namespace) - {"__builtins__"} == {"x"}


class Hostile:
    """Tries to run when looked at."""

    def __init__(self) -> None:
        self.touched: list[str] = []

    def __repr__(self) -> str:
        self.touched.append("repr")
        return "owned"

    def __getattr__(self, name: str) -> object:
        self.__dict__["touched"].append(name)
        raise RuntimeError(name)

    @property
    def __class__(self) -> type:
        """Lies about its type."""
        self.touched.append("class")
        frame: type = pd.DataFrame
        return frame

    @__class__.setter
    def __class__(self, value: type) -> None:
        raise RuntimeError


def test_snapshot_hostile_object_is_never_run() -> None:
    """No `__repr__`, `__getattr__` or property of a user's is called, and a lie about a class changes nothing."""
    hostile = Hostile()

    found = taken({"h": hostile})

    assert found.variables[0].type_name == "Hostile"
    assert hostile.touched == []


def test_snapshot_function_shows_no_default_that_needs_its_repr() -> None:
    """A default value would need its repr."""
    hostile = Hostile()

    def join(left: int, *rest: int, how: Hostile = hostile, **more: int) -> None: ...

    assert render(taken({"join": join})) == "join: function (left, *rest, how=..., **more)"


def test_snapshot_many_variables_is_cut() -> None:
    """The probe stops at its limit and says so."""
    found = taken({f"v{i:03}": i for i in range(20)}, Limits(variables=5))

    assert found.is_cut
    assert len(found.variables) == 5


def test_snapshot_other_language_is_empty() -> None:
    """A language without a probe is no error."""
    channel = FakeChannel({}, language="julia")

    assert KernelSnapshot(language="julia", variables=()) == asyncio.run(snapshot(channel, 1.0))
    assert channel.asked == 0


def test_snapshot_silent_kernel_is_a_named_error() -> None:
    """A running cell answers nothing in time."""
    with pytest.raises(KernelSilent):
        asyncio.run(snapshot(FakeChannel({}, is_silent=True), 0.1))


def test_snapshot_nonsense_answer_is_a_named_error() -> None:
    """What is no JSON is refused."""

    class Nonsense(FakeChannel):
        async def ask(self, expression: str, timeout_s: float) -> str:
            return "'{}'"

    with pytest.raises(ProbeFailed):
        asyncio.run(snapshot(Nonsense({}), 0.1))
