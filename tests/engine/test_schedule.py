"""Who is served next."""

from dataclasses import dataclass

import pytest

from jupyter_starcoder.engine.schedule import next_at_work, next_to_begin, one_too_many
from jupyter_starcoder.values.generation import Lane


@dataclass(frozen=True)
class Claimant:
    """A request, or one that has a cache."""

    lane: Lane = "inline"
    user: str = ""
    is_reading: bool = False
    name: str = ""


INLINE, CHAT, BATCH = Claimant("inline"), Claimant("chat"), Claimant("batch")
READING = Claimant("inline", is_reading=True)
CHAT_READING = Claimant("chat", is_reading=True)


@pytest.mark.parametrize(
    ("waiting", "running", "most", "begun"),
    [
        ([], [], 2, None),
        ([INLINE], [], 1, INLINE),
        ([BATCH, CHAT, INLINE], [], 4, INLINE),  # the quickest lane
        ([INLINE], [INLINE], 1, None),  # no cache is left
        ([INLINE], [INLINE], 2, INLINE),  # joins in
        ([INLINE], [READING], 4, None),  # prompts are read one at a time
        ([INLINE], [CHAT_READING], 4, INLINE),  # of each lane
        ([CHAT], [INLINE], 4, None),  # it would only wait
        ([CHAT], [CHAT], 2, None),  # the last cache is kept for a keystroke
        ([CHAT], [CHAT], 3, CHAT),
        ([CHAT], [BATCH], 2, CHAT),  # which a chat is beside an evaluation
        ([BATCH], [BATCH], 3, None),  # with three, one is kept for a chat and one for a keystroke
        ([BATCH], [BATCH], 4, BATCH),
        ([CHAT], [BATCH], 3, CHAT),
        ([CHAT], [BATCH, CHAT], 3, None),
        ([INLINE], [CHAT, BATCH], 2, None),
    ],
)
def test_schedule_begins(waiting: list[Claimant], running: list[Claimant], most: int, begun: Claimant | None) -> None:
    """Quick lanes first, in what caches there are."""
    assert next_to_begin(waiting, running, most) == begun


def test_schedule_user_with_fewest_running_goes_first_then_the_oldest() -> None:
    """Ten requests of one user do not keep another one waiting."""
    many = [Claimant("chat", "many", name=str(number)) for number in range(10)]
    late, later = Claimant("chat", "late", name="late"), Claimant("chat", "later", name="later")

    waiting = [*many, late, later]
    running: list[Claimant] = []
    for _ in range(5):
        begun = next_to_begin(waiting, running, 16)
        assert begun is not None
        waiting.remove(begun)
        running.append(begun)

    assert [begun.name for begun in running] == ["0", "late", "later", "1", "2"]


@pytest.mark.parametrize(
    ("running", "has_read", "at_work"),
    [
        ([], False, []),
        ([CHAT, INLINE, INLINE], False, [INLINE, INLINE]),  # the chat pauses
        ([READING, INLINE], False, [READING]),
        ([READING, INLINE], True, [INLINE]),  # turn by turn
        ([READING], True, [READING]),
        ([INLINE], True, [INLINE]),
        ([CHAT, CHAT_READING, CHAT_READING], False, [CHAT_READING]),  # one
    ],
)
def test_schedule_at_work(running: list[Claimant], has_read: bool, at_work: list[Claimant]) -> None:
    """One reader or all writers of the quickest lane."""
    assert next_at_work(running, has_read=has_read) == at_work


@pytest.mark.parametrize(
    ("users", "at"),
    [
        ("a", 0),
        ("aaaa", 3),  # nobody else waits: the newest
        ("aaab", 2),  # who asks more gives way to who asks less
        ("aaba", 3),
        ("aabb", 3),  # of equal users, who came last
        ("abcd", 3),
        ("bbaaa", 4),
    ],
)
def test_schedule_full_queue_loses_the_newest_of_whose_is_most(users: str, at: int) -> None:
    """A user who fills the queue takes no place from others."""
    waiting = [Claimant(user=user, name=str(number)) for number, user in enumerate(users)]

    assert one_too_many(waiting) is waiting[at]
