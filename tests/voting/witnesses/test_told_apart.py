"""Whether two members are known to differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.voting.witnesses import NOTHING, Knowledge, Member, told_apart

members = st.builds(Member, accuracy=st.floats(0.01, 0.99), error=st.floats(0, 0.5))


@pytest.mark.parametrize(
    ("error", "expected"),
    [(0.01, True), (0.05, True), (0.06, False), (0.3, False)],
)
def test_by_two_standard_errors_of_the_difference(error: float, expected: bool) -> None:
    """.15 apart, with an error each."""
    known = Knowledge(members={"a": Member(accuracy=0.6, error=error), "b": Member(accuracy=0.45, error=error)})

    assert expected == told_apart("a", "b", known)


@given(one=members)
def test_nobody_is_told_from_who_is_not_known(one: Member) -> None:
    """Nor from itself."""
    known = Knowledge(members={"a": one, "b": one})

    assert not told_apart("a", "c", known)
    assert not told_apart("a", "b", known)
    assert not told_apart("a", "b", NOTHING)


@given(one=members, other=members)
def test_it_is_the_same_either_way(one: Member, other: Member) -> None:
    """Whoever is named first."""
    known = Knowledge(members={"a": one, "b": other})

    assert told_apart("a", "b", known) == told_apart("b", "a", known)
