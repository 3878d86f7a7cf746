"""Which claims stand: exact shares of the voices that take sides, and what was found out about each.

Voices are the seats, one each, and all critics together one more where at least two say the same and none says otherwise. So
critics alone can make a claim disputed, and never fell one that a seat made and no seat rejects.
"""

from __future__ import annotations

from fractions import Fraction

from contemplate.types import Claim, ClaimState

STANDS = Fraction(2, 3)
FELL = Fraction(1, 3)
_CRITICS = 2


def decided(claim: Claim) -> Claim:
    """`claim` with its state, its confidence and the reason in one line, as its stances and checks have it."""
    if wrong := next((check for check in claim.checks if check.by == "arithmetic" and check.holds is False), None):
        return claim.model_copy(update={"state": "fell", "confidence": 0.0, "why": f"what it computes is wrong: {wrong.reason}"})
    backing, opposing = len(claim.seats_for), len(claim.seats_against)
    silent = len(claim.stances) - backing - opposing
    critics = critics_voice(claim)
    yes, voices = backing + (critics is True), backing + opposing + (critics is not None)
    confidence = float(Fraction(yes + 1, voices + silent + 2))
    return claim.model_copy(update={"state": state_of(yes, voices), "confidence": confidence, "why": _why(claim, silent)})


def state_of(yes: int, voices: int) -> ClaimState:
    """What becomes of a claim that `yes` of so many voices are for; without any voice it is disputed."""
    share = Fraction(yes, voices) if voices else Fraction(1, 2)
    if share >= STANDS:
        return "stands"
    return "fell" if share <= FELL else "disputed"


def critics_voice(claim: Claim) -> bool | None:
    """What the critics of a claim say with one voice; None where fewer than two could tell, or they disagree."""
    said = [check.holds for check in claim.checks if check.by == "critic" and check.holds is not None]
    return said[0] if len(said) >= _CRITICS and len({*said}) == 1 else None


def _why(claim: Claim, silent: int) -> str:
    critics = critics_voice(claim)
    backing, opposing = len(claim.seats_for), len(claim.seats_against)
    parts = [f"{backing} of {backing + opposing} {'seat' if backing + opposing == 1 else 'seats'} that take sides for it"]
    if silent:
        parts.append(f"{silent} can't tell")
    if critics is not None:
        parts.append(f"its critics {'for' if critics else 'against'} it")
    elif any(check.by == "critic" for check in claim.checks):
        parts.append("its critics don't agree")
    return ", ".join(parts)
