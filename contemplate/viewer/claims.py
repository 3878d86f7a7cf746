"""The claims of a run on an open question, as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator

from contemplate.text.visible import clipped
from contemplate.trace.claims import claims_in, composition_in
from contemplate.types import Claim, Composition, Passage
from contemplate.viewer.model import ClaimsView, ClaimView, Line, SentenceView, Span, StanceView
from contemplate.viewer.reading import Reading

_HOLDS = {True: "holds", False: "does not hold", None: "could not be told"}


def claims_view(reading: Reading) -> ClaimsView | None:
    """The claims and the sentences; None where there are none."""
    claims = claims_in(reading.turns)
    answer = None if reading.report is None else reading.report.answer
    composition = composition_in(reading.turns, answer)
    if not claims and composition is None:
        return None
    sentences = composition.sentences if composition is not None else ()
    return ClaimsView(
        claims=tuple(_claim(reading, claim) for claim in claims),
        sentences=tuple(
            SentenceView(
                text=sentence.text[:4_000], claims=sentence.claims, flags=tuple(clipped(flag, 400) for flag in sentence.flags)
            )
            for sentence in sentences
        ),
        notes=tuple(_notes(claims, composition)),
    )


def _claim(reading: Reading, claim: Claim) -> ClaimView:
    return ClaimView(
        id=claim.id,
        text=clipped(claim.text, 2_000),
        state=claim.state,
        confidence=claim.confidence,
        why=clipped(claim.why, 600),
        sources=tuple(_sources(reading, claim)),
        stances=tuple(
            StanceView(seat=one.seat, turn=reading.numbers.get(one.turn), side=one.side, reason=clipped(one.reason, 600))
            for one in claim.stances
        ),
        checks=tuple(_checks(reading, claim)),
    )


def _sources(reading: Reading, claim: Claim) -> Iterator[Line]:
    for source in claim.sources:
        words = f": “{clipped(source.text, 400)}”" if source.text != claim.text else ""
        passage = f", resting on {_passage(source.passage)}" if source.passage else ""
        merged = f" ({clipped(source.merged, 120)})" if source.merged else ""
        yield (reading.link(source.turn, source.seat), Span(text=f"{words}{merged}{passage}"))


def _passage(passage: Passage) -> str:
    page = "" if passage.page is None else f", page {passage.page}"
    return f"“{clipped(passage.text, 400)}” ({clipped(passage.document, 120)}{page})"


def _checks(reading: Reading, claim: Claim) -> Iterator[Line]:
    for check in claim.checks:
        by = reading.link(check.turn, check.by) if check.turn else Span(text=check.by)
        yield (by, Span(text=f": {_HOLDS[check.holds]}{f' ({clipped(check.reason, 400)})' if check.reason.strip() else ''}"))


def _notes(claims: tuple[Claim, ...], composition: Composition | None) -> Iterator[str]:
    """What is wrong with the answer as a whole."""
    if composition is None:
        return
    texts = {claim.id: claim.text for claim in claims}
    yield from (clipped(flag, 400) for flag in composition.flags)
    for claim in composition.left_out:
        yield f"It leaves out claim [{claim}], which stands: {clipped(texts.get(claim, ''), 300)}"
    if composition.repaired:
        yield "It was written once more after a check."
