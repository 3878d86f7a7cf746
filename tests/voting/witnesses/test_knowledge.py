"""What is known of witnesses, and of some of them."""

from __future__ import annotations

from contemplate.voting.witnesses import Critic, Knowledge, Lead, Member

GOOD = Member(accuracy=0.9)
STRICT = Critic(sensitivity=0.6, specificity=0.9)


def test_what_is_known_of_some_models() -> None:
    """In every role, also where a name has a colon of its own; the average stays that of all."""
    members = {"m:1": GOOD, "programmer:m:1": GOOD, "n": GOOD, "programmer:n": GOOD}
    known = Knowledge(accuracy=0.7, members=members, critics={"verifier:m:1": STRICT, "verifier:n": STRICT})
    expected = Knowledge(accuracy=0.7, members=dict(list(members.items())[:2]), critics={"verifier:m:1": STRICT})
    assert expected == known.of(["m:1"])


def test_leads_of_some_models_are_those_among_them() -> None:
    """A lead over somebody who is left out is left out, too."""
    lead = Lead(lead=0.1)
    known = Knowledge(leads={"m": {"programmer:m": lead, "n": lead}, "n": {"programmer:m": lead}})

    assert {"m": {"programmer:m": lead}} == known.of(["m"]).leads
