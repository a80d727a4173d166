"""The walk through an automaton."""

import math

import numpy as np
import pytest

from jupyter_starcoder.engine.constraint import Constraint
from jupyter_starcoder.engine.sampling import Sampler
from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.values.generation import FREE, Automaton, Sampling, State


def allowed(constraint: Constraint) -> list[int] | None:
    """What may come next, as a list."""
    found = constraint.allowed
    return None if found is None else found.ids.tolist()


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


def test_constraint_state_that_may_end_allows_what_is_behind() -> None:
    """A word may end where a longer one goes on: what follows a word is held once for all states."""
    states = (State.of({5: 1}), State(State.of({6: FREE}).ids, State.of({6: FREE}).targets, may_end=True))
    constraint = Constraint(Automaton(states, behind=State.of({7: 0, 8: 0}).ids), vocabulary_size=10)

    assert allowed(constraint) == [5]
    constraint.advance(5)
    assert allowed(constraint) == [6, 7, 8]
    constraint.advance(8)
    assert allowed(constraint) is None


def test_constraint_way_out_goes_on_by_the_rules_outside() -> None:
    """A token that only the outside allows leaves the automaton for good; what the outside asks for still holds."""
    outside = Automaton((State.of({5: 1, 6: 1}), State.of({7: FREE})))
    constraint = Constraint(Automaton((State.of({5: FREE}),), margin=2.0, outside=outside), vocabulary_size=10)

    assert (found := constraint.allowed) is not None
    assert found.outside is not None
    assert (found.ids.tolist(), found.margin, found.outside.tolist()) == ([5], 2.0, [5, 6])
    constraint.advance(6)
    assert allowed(constraint) == [7]
    constraint.advance(7)
    assert allowed(constraint) is None


def test_constraint_way_out_without_an_outside_is_free() -> None:
    """Where nothing holds outside, a model that insists goes its own way."""
    constraint = Constraint(Automaton((State.of({5: 0}),), margin=2.0), vocabulary_size=10)
    constraint.advance(6)

    assert allowed(constraint) is None


@pytest.mark.parametrize(("best_outside", "margin"), [(1.0, math.inf), (-1.0, 2.0)])
def test_constraint_that_was_felt_once_holds_to_the_end(best_outside: float, margin: float) -> None:
    """After a token that was not the model's own choice there is no way out; after its own there still is."""
    constraint = Constraint(Automaton((State.of({0: 1}), State.of({1: FREE})), margin=2.0), vocabulary_size=3)
    logits = np.array([0.0, -5.0, best_outside], dtype=np.float32)

    constraint.advance(Sampler(Sampling()).choose(logits, constraint.allowed))

    assert (found := constraint.allowed) is not None
    assert found.margin == margin


@pytest.mark.parametrize("margin", [-1.0, math.nan])
def test_automaton_margin_that_makes_no_sense_is_refused(margin: float) -> None:
    """A margin is a distance."""
    with pytest.raises(BadRequest, match="margin"):
        Automaton((), margin=margin)
