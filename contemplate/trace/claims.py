"""The claims of an open answer, and how it was composed of them, as the turns of a run have them."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.types import Claim, Composition, Json, Turn


def claims_in(turns: Sequence[Turn]) -> tuple[Claim, ...]:
    """The claims as they stood at the end; empty where none were made out."""
    return next((turn.found.claims for turn in reversed(turns) if turn.found.claims is not None), None) or ()


def composition_in(turns: Sequence[Turn], answer: str | None) -> Composition | None:
    """How the answer was composed; None where it was not, or another one was taken in the end."""
    for turn in reversed(turns):
        if turn.decision is not None and turn.found.composition is not None:
            return turn.found.composition if turn.decision.winner == answer else None
    return None


def open_rows(claims: Sequence[Claim], composition: Composition | None) -> Json:
    """What an outcome has beside its answer where that is made of claims, as JSON values; nothing where it is not."""
    rows: Json = {"claims": [claim.model_dump(mode="json") for claim in claims]} if claims else {}
    if composition is None:
        return rows
    written = composition.model_dump(mode="json")
    return {**rows, **{name: written[name] for name in ("sentences", "left_out", "flags")}}
