"""The claims of an open answer, and how it was composed of them, as the turns of a run have them."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.types import Assessed, Assessment, Claim, Composition, Json, Turn


def claims_in(turns: Sequence[Turn]) -> tuple[Claim, ...]:
    """The claims as they stood at the end; empty where none were made out."""
    return next((turn.found.claims for turn in reversed(turns) if turn.found.claims is not None), None) or ()


def composition_in(turns: Sequence[Turn], answer: str | None) -> Composition | None:
    """How the answer was composed; None where it was not, or another one was taken in the end."""
    for turn in reversed(turns):
        if turn.decision is not None and turn.found.composition is not None:
            return turn.found.composition if turn.decision.winner == answer else None
    return None


def assessment_in(turns: Sequence[Turn]) -> Assessment | None:
    """The scores of the replies and the answer by the question's criteria; None where nothing was scored."""
    return next((turn.found.assessment for turn in reversed(turns) if turn.found.assessment is not None), None)


def rows_of(assessment: Assessment) -> list[tuple[str, Assessed]]:
    """What is scored, by what a reader calls it, the final answer first."""
    final = assessment.answer
    rows = [] if final is None else [(f"answer ({final.seat})" if final.seat else "answer", final)]
    return rows + [(one.seat, one) for one in assessment.replies if final is None or one.turn != final.turn]


def open_rows(claims: Sequence[Claim], composition: Composition | None, assessment: Assessment | None = None) -> Json:
    """What an outcome has of claims, sentences and scores by criteria, as JSON values; nothing of what there is not."""
    rows: Json = {"claims": [claim.model_dump(mode="json") for claim in claims]} if claims else {}
    if assessment is not None:
        rows["assessment"] = assessment.model_dump(mode="json")
    if composition is None:
        return rows
    written = composition.model_dump(mode="json")
    return {**rows, **{name: written[name] for name in ("sentences", "left_out", "flags")}}
