"""Claims by hand, and a step that puts them on the panel: what is done with claims is tried without those who make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal

from contemplate import Compose, Propose, Step, Strategy
from contemplate.run import Run
from contemplate.steps.base import Panel, Product
from contemplate.types import Claim, ClaimSource, ClaimState, Found, Stance

_SIDES: Mapping[str, Literal["for", "against", "unsure"]] = {"+": "for", "-": "against", "?": "unsure"}
_CONFIDENCE = {"stands": 0.8, "fell": 0.2, "disputed": 0.5}


def a_claim(
    number: int, sides: str = "+++", state: ClaimState = "stands", text: str = "", confidence: float | None = None
) -> Claim:
    """A claim; `sides` says of each seat in turn whether it is for it (+), against it (-), unsure (?), or silent (a blank)."""
    stances = [
        Stance(seat=f"seat-{seat}", turn=f"3.weigh/seat-{seat}", side=_SIDES[sign], reason=f"reason {seat}")
        for seat, sign in enumerate(sides, 1)
        if sign in _SIDES
    ]
    text = text or f"Fact number {number} holds."
    return Claim(
        id=str(number),
        text=text,
        sources=(ClaimSource(seat="seat-1", turn="1.propose/seat-1", text=text),),
        stances=tuple(stances),
        state=state,
        confidence=_CONFIDENCE[state] if confidence is None else confidence,
        why=f"why {number}",
    )


class Claiming(Step):
    """Puts claims on the panel, and on record."""

    gives: ClassVar[tuple[Product, ...]] = ("claims",)

    do: Literal["claiming"] = "claiming"
    table: tuple[Claim, ...] = ()

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Put them there, once every position is there."""
        for position in panel.positions:
            await position
        run.record_found(Found(claims=self.table), [position.id for position in panel.positions], "claims")
        return replace(panel, claims=self.table)


def composing(*table: Claim, seats: int = 3, calls: int | None = None, **words: object) -> Strategy:
    """A strategy that proposes, has these claims, and composes the answer; `words` are those of the step."""
    compose = Compose.model_validate({"do": "compose", **words})
    return Strategy(steps=(Propose(seats=seats), Claiming(table=table), compose), calls_per_seat=calls)
