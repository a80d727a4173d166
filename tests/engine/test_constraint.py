"""The walk through an automaton."""

import pytest

from jupyter_starcoder.engine.constraint import Constraint
from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.values.generation import FREE, Automaton, State


def allowed(constraint: Constraint) -> list[int] | None:
    """What may come next, as a list."""
    ids = constraint.allowed
    return None if ids is None else ids.tolist()


def test_constraint_walks_its_states_and_then_is_free() -> None:
    """Each token leads to the state that it names, and FREE lifts the constraint for good."""
    constraint = Constraint(Automaton((State.of({5: 1, 6: FREE}), State.of({7: FREE}))), vocabulary_size=10)

    assert allowed(constraint) == [5, 6]
    constraint.advance(5)
    assert allowed(constraint) == [7]
    constraint.advance(7)
    assert allowed(constraint) is None
    constraint.advance(3)
    assert allowed(constraint) is None


def test_constraint_state_that_allows_nothing_lifts_it() -> None:
    """An empty state does not leave the model without a choice."""
    constraint = Constraint(Automaton((State.of({5: 1}), State.of({}))), vocabulary_size=10)
    constraint.advance(5)

    assert allowed(constraint) is None


def test_constraint_without_states_is_free() -> None:
    """An empty automaton asks for nothing."""
    assert allowed(Constraint(Automaton(()), vocabulary_size=10)) is None


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (State.of({10: FREE}), "allows token 10"),
        (State.of({-2: FREE}), "allows token"),
        (State.of({1: 1}), "leads to 1"),
        (State.of({1: -2}), "leads to -2"),
        (State(b"\0\0\0\0", b""), "1 ids and 0 targets"),
        (State(b"\0\0\0", b"\0\0\0"), "3 bytes"),
    ],
)
def test_constraint_that_makes_no_sense_is_refused(state: State, message: str) -> None:
    """Ids outside the vocabulary, states that do not exist and broken bytes are named."""
    with pytest.raises(BadRequest, match=message):
        Constraint(Automaton((state,)), vocabulary_size=10)
