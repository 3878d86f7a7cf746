"""What is said of an open answer's claims and sentences, in a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from contemplate.text import one_line
from contemplate.trace.claims import rows_of
from contemplate.types import Assessed, Assessment, Claim, ClaimState, Composition, Decision

Line = tuple[str, str]
"""A label, and what stands behind it."""

_STATES: Mapping[ClaimState, tuple[str, str]] = {
    "stands": ("stands", "stand"),
    "disputed": ("is disputed", "are disputed"),
    "fell": ("fell", "fell"),
}
_SHORT, _MOST = 100, 30


def counted(claims: Sequence[Claim]) -> str:
    """How many claims there are in which state."""
    states = Counter(claim.state for claim in claims)
    parts = [f"{states[state]} {words[states[state] != 1]}" for state, words in _STATES.items() if states[state]]
    return f"{len(claims)} claim{'s' * (len(claims) != 1)}{': ' if parts else ''}{', '.join(parts)}"


def composed(composition: Composition) -> str:
    """How an answer was composed."""
    flagged = sum(bool(sentence.flags) for sentence in composition.sentences)
    count = len(composition.sentences)
    parts = [f"{count} sentence{'s' * (count != 1)}", f"{flagged} with flags" if flagged else "no flags"]
    by_words = sum(sentence.by_words for sentence in composition.sentences)
    parts += [f"{by_words} traced by {'their' if by_words > 1 else 'its'} words"] if by_words else []
    parts += [f"{len(composition.left_out)} left out"] if composition.left_out else []
    return ", ".join([*parts, *(["written twice"] if composition.repaired else [])])


def stance_line(claim: Claim, width: int = 1_000) -> str:
    """A claim with where it stands and who holds it."""
    sides = [f"for: {', '.join(claim.seats_for)}"] if claim.seats_for else []
    sides += [f"against: {', '.join(claim.seats_against)}"] if claim.seats_against else []
    return (
        one_line(f"[{claim.id}] {claim.state} {claim.confidence:.2f}: {claim.text}", width) + f" ({'; '.join(sides) or 'nobody'})"
    )


def both_sides(claim: Claim) -> str:
    """A disputed claim, and why who is for and against it."""
    parts = [f"[{claim.id}] {one_line(claim.text, 300)}"]
    for side in ("for", "against"):
        said = [(stance.seat, one_line(stance.reason, 200)) for stance in claim.stances if stance.side == side]
        if said:
            parts.append(f"{side}: {', '.join(f'{seat} ({reason})' if reason else seat for seat, reason in said)}")
    return "; ".join(parts)


def lines_of(claims: Sequence[Claim], composition: Composition | None) -> Iterator[Line]:
    """The claims briefly, the disputes with both sides, and what is wrong with the answer."""
    if claims:
        yield "claims", counted(claims)
    for claim in claims[:_MOST]:
        held = f"{len(claim.seats_for)} for, {len(claim.seats_against)} against"
        yield f"  [{claim.id}]", f"{claim.state} {claim.confidence:.2f}, {held}: {one_line(claim.text, _SHORT)}"
    if len(claims) > _MOST:
        yield "", f"and {len(claims) - _MOST} more"
    for claim in claims:
        if claim.state == "disputed":
            yield "disputed", both_sides(claim)
    if composition is not None:
        yield from flags_of(composition)


def flags_of(composition: Composition) -> Iterator[Line]:
    """What is wrong with an answer: flag by flag, with the sentences that have it."""
    yield from (("flag", flag) for flag in composition.flags)
    flagged: dict[str, list[str]] = {}
    for sentence in composition.sentences:
        for flag in sentence.flags:
            flagged.setdefault(flag, []).append(f'"{one_line(sentence.text, 60)}"')
    for flag, sentences in flagged.items():
        more = f" and {len(sentences) - 3} more" if len(sentences) > 3 else ""  # noqa: PLR2004 - enough to find them
        yield "flag", f"{', '.join(sentences[:3])}{more}: {flag}"
    if composition.left_out:
        yield "left out", f"{' '.join(f'[{claim}]' for claim in composition.left_out)}, which {_stand(composition.left_out)}"


def _stand(claims: Sequence[str]) -> str:
    return _STATES["stands"][len(claims) != 1]


def scores_of(assessment: Assessment | None) -> Iterator[Line]:
    """The scores by criteria: of the answer, of each reply, and what is wrong with them."""
    if assessment is None:
        return
    weights = ", ".join(f"{one_line(one.name, 30)} {one.weight:g}" for one in assessment.criteria)
    yield "criteria", f"{weights}{' (proposed by the panel)' * assessment.proposed}"
    for name, one in rows_of(assessment):
        yield f"  {name}", scored(one)
    yield from (("scores", note) for note in assessment.notes)


def scored(one: Assessed) -> str:
    """What judges gave to a reply."""
    if one.mean is None:
        return "no scores"
    parts = ", ".join(f"{one_line(name, 30)} {score:.1f}" for name, score in one.scores.items())
    spread = "" if one.spread is None else f", spread {one.spread:.1f}"
    return f"{one.mean:.1f} of 10 ({parts}{spread}; {len(one.judges)} judge{'s' * (len(one.judges) != 1)})"


def seats_of(decision: Decision, claims: Sequence[Claim], composition: Composition) -> Iterator[Line]:
    """Which seats are for what an answer rests on, and who is against which claim."""
    yield "seats", f"{decision.tally[0].votes if decision.tally else 0} for, {len(decision.dissent)} against something in it"
    named = {claim for sentence in composition.sentences for claim in sentence.claims}
    for seat in decision.dissent:
        against = [f"[{claim.id}]" for claim in claims if claim.id in named and seat in claim.seats_against]
        yield "dissent", f"{seat}: {', '.join(against)}"
