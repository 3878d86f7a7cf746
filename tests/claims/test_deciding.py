"""Which claims stand, and with what confidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims import critics_voice, decided
from contemplate.types import Claim, ClaimCheck, Side, Stance

Checks = list[bool | None]


def claim(sides: list[Side], critics: Checks | None = None, sums: bool | None = None) -> Claim:
    """A claim, as it is decided."""
    stances = tuple(Stance(seat=f"seat-{number}", turn="t", side=side) for number, side in enumerate(sides, 1))
    checks = [ClaimCheck(by="critic", holds=holds) for holds in critics or ()]
    checks += [ClaimCheck(by="arithmetic", holds=sums, reason="2 + 2 is 4, not 5")] if sums is not None else []
    return decided(Claim(id="1", text="It is so.", stances=stances, checks=tuple(checks)))


@pytest.mark.parametrize(
    ("sides", "critics", "state", "confidence"),
    [
        ("f", "", "stands", "2/3"),
        ("fuu", "", "stands", "2/5"),
        ("ffa", "", "stands", "3/5"),
        ("fa", "", "disputed", "2/4"),
        ("faa", "", "fell", "2/5"),
        ("ffff", "--", "stands", "5/7"),
        ("ff", "--", "stands", "3/5"),
        ("f", "--", "disputed", "2/4"),
        ("f", "-", "stands", "2/3"),
        ("f", "-+", "stands", "2/3"),
        ("f", "-?", "stands", "2/3"),
        ("f", "++", "stands", "3/4"),
        ("fa", "--", "fell", "2/5"),
        ("fa", "++", "stands", "3/5"),
        ("faa", "++", "disputed", "3/6"),
    ],
)
def test_the_shares(sides: str, critics: str, state: str, confidence: str) -> None:
    """Two thirds, one third; two critics that agree are one voice, and one alone, or two that don't, are none."""
    named: dict[str, Side] = {"f": "for", "a": "against", "u": "unsure"}
    read: dict[str, bool | None] = {"+": True, "-": False, "?": None}
    found = claim([named[side] for side in sides], [read[holds] for holds in critics])
    above, below = map(int, confidence.split("/"))
    assert (found.state, found.confidence) == (state, above / below)


def test_what_is_computed_wrongly_fell_whoever_holds_it() -> None:
    """All seats and both critics may."""
    found = claim(["for"] * 5, [True, True], sums=False)
    assert (found.state, found.confidence, found.why) == ("fell", 0.0, "what it computes is wrong: 2 + 2 is 4, not 5")


def test_what_is_computed_rightly_is_no_voice() -> None:
    """A sum that is right says nothing of the rest of the claim."""
    assert claim(["for", "against"], sums=True).state == "disputed"


def test_the_reason_says_who() -> None:
    """In one line."""
    assert claim(["for", "for", "against", "unsure"], [False, False]).why == (
        "2 of 3 seats that take sides for it, 1 can't tell, its critics against it"
    )


SIDES = st.lists(st.sampled_from(["for", "against", "unsure"]), max_size=8)
CRITICS = st.lists(st.sampled_from([True, False, None]), max_size=4)


@given(SIDES, CRITICS, st.randoms())
def test_the_order_of_seats_and_critics_makes_no_difference(sides: list[Side], critics: Checks, chance: object) -> None:
    """To state and confidence."""
    turned, asked = [*sides], [*critics]
    chance.shuffle(turned)  # type: ignore[attr-defined]
    chance.shuffle(asked)  # type: ignore[attr-defined]
    one, other = claim(sides, critics), claim(turned, asked)
    assert (one.state, one.confidence, one.why) == (other.state, other.confidence, other.why)


@given(SIDES, CRITICS)
def test_a_voice_for_a_claim_never_lowers_its_confidence(sides: list[Side], critics: Checks) -> None:
    """One seat more, or one that was unsure."""
    before = claim(sides, critics)
    after = claim([*sides, "for"], critics)
    ranks = ["fell", "disputed", "stands"]
    assert after.confidence >= before.confidence
    assert ranks.index(after.state) >= ranks.index(before.state)
    if "unsure" in sides:
        place = sides.index("unsure")
        assert claim([*sides[:place], "for", *sides[place + 1 :]], critics).confidence >= before.confidence


def _times(side: Side, times: int) -> list[Side]:
    return [side] * times


@given(st.integers(1, 8), st.integers(0, 8), CRITICS)
def test_critics_alone_never_fell_a_claim(makers: int, silent: int, critics: Checks) -> None:
    """That a seat made and none rejects; and with two seats or more for it, it stands."""
    found = claim([*_times("for", makers), *_times("unsure", silent)], critics)
    assert found.state in ({"stands"} if makers > 1 else {"stands", "disputed"})
    assert makers == 1 or critics_voice(found) is None or found.state == "stands"
