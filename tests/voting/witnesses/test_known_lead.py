"""How much more often one member is known to be right than another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.voting.witnesses import NOTHING, Knowledge, Lead, Member, known_lead, known_worth

members = st.builds(Member, accuracy=st.floats(0.01, 0.99), error=st.floats(0, 0.5))


@pytest.mark.parametrize(("error", "expected"), [(0.0, 0.15), (0.03, 0.15 - 0.06 * 2**0.5), (0.06, 0.0), (0.3, 0.0)])
def test_it_is_two_standard_errors_nearer_to_nothing(error: float, expected: float) -> None:
    """Members .15 apart, with an error each."""
    known = Knowledge(members={"a": Member(accuracy=0.6, error=error), "b": Member(accuracy=0.45, error=error)})

    assert pytest.approx(expected) == known_lead("a", "b", known)


@given(one=members)
def test_nobody_leads_who_is_not_known(one: Member) -> None:
    """Nor does anybody lead before himself."""
    known = Knowledge(members={"a": one, "b": one})

    assert known_lead("a", "c", known) == 0
    assert known_lead("a", "b", known) == 0
    assert known_lead("a", "b", NOTHING) == 0


@given(one=members, other=members)
def test_who_leads_is_not_led(one: Member, other: Member) -> None:
    """Whoever is named first."""
    known = Knowledge(members={"a": one, "b": other})

    assert known_lead("a", "b", known) == -known_lead("b", "a", known)


@pytest.mark.parametrize(("error", "expected"), [(0.02, 0.06), (0.05, 0.0), (0.2, 0.0)])
def test_a_lead_on_the_same_questions_goes_before_accuracies(error: float, expected: float) -> None:
    """Whose errors hold the doubt which answers are right, which has no part in a lead."""
    members = {name: Member(accuracy=accuracy, error=0.2) for name, accuracy in (("a", 0.6), ("b", 0.5))}
    known = Knowledge(members=members, leads={"a": {"b": Lead(lead=0.1, error=error)}})

    assert pytest.approx(expected) == known_lead("a", "b", known)
    assert pytest.approx(-expected) == known_lead("b", "a", known)


@pytest.mark.parametrize(("agreement", "expected"), [(0.5, -0.06), (0.1, 0.0)], ids=["the same errors", "errors of its own"])
def test_who_is_behind_may_be_worth_asking(agreement: float, expected: float) -> None:
    """Where it errs in other ways, its votes still better those of the one ahead."""
    members = {name: Member(accuracy=0.5, error=0.2) for name in "ab"}
    lead = Lead(lead=0.1, error=0.02, repeats=(0.5, 0.5), agreement=agreement)
    known = Knowledge(members=members, leads={"a": {"b": lead}})

    assert pytest.approx(expected) == known_worth("b", "a", known)
    assert pytest.approx(0.06) == known_worth("a", "b", known)
