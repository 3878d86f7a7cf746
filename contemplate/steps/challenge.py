"""`challenge`: critics attack the claims that are disputed, and those that most would rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.claims import decided
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step, of_record
from contemplate.types import Claim, ClaimCheck, Found, Message, Side, Stance, Turn

_CRITICS = 2
_REASONS = 3
"""The most reasons of one side that a critic is shown, so that it can't count the seats."""
_HOLDS = {"sound": True, "flawed": False}


class Challenge(Step):
    """Two critics, of two models where there are two, attack each of some claims: the disputed first, then those most held.

    A critic sees the claim and the reasons of both sides, the first one those for it first, the other one those against it; no
    names. Both together are one voice, and only where they agree: see `contemplate.claims.deciding`. A call that failed says
    nothing.

    Attributes:
        agent: the critics' card.
        most: how many claims are challenged at most; 0 leaves the step out.
        keep: how many calls are kept back for what comes then, where the recipe's `calls_per_seat` sets a bound.
    """

    gives: ClassVar[tuple[Product, ...]] = ("claims",)

    do: Literal["challenge"] = "challenge"
    agent: str = "claim-critic"
    most: Annotated[int, Field(ge=0, le=60)] = 12
    keep: Annotated[int, Field(ge=0, le=1000)] = 4

    @property
    def needs(self) -> Mapping[str, Product]:
        """Claims."""
        return {"do": "claims"}

    @property
    def cards(self) -> tuple[str, ...]:
        """The critics' card."""
        return (self.agent,)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask the critics of as many claims as there are calls for, and count."""
        affordable = self.most if run.left is None else max(run.left - self.keep, 0) // _CRITICS
        chosen = most_worth([claim for claim in panel.claims if claim.state != "fell"])[: min(self.most, affordable)]
        if not chosen:
            return panel
        asked = {claim.id: self._attack(run, claim, place) for place, claim in enumerate(chosen)}
        checks = {claim: [_check(await turn) for turn in turns] for claim, turns in asked.items()}
        claims = tuple(_with_checks(claim, checks.get(claim.id, ())) for claim in panel.claims)
        run.record_found(Found(claims=claims), [turn.id for turns in asked.values() for turn in turns])
        return replace(panel, claims=claims)

    def _attack(self, run: Run, claim: Claim, place: int) -> list[PendingTurn]:
        """Lay out the attacks on one claim, by the models in turn."""
        models = [*dict.fromkeys(run.models)]
        shown = [_reasons(run, claim, "for"), _reasons(run, claim, "against")]
        attacks: list[PendingTurn] = []
        for number in range(_CRITICS):
            model = models[(place * _CRITICS + number) % len(models)]
            agent = run.outsider(self.agent, run.models.index(model) + 1)
            sides = shown if number == 0 else shown[::-1]
            turns = dict.fromkeys([claim.sources[0].turn, *(stance.turn for side in sides for stance in side)])
            attack = run.say(
                agent,
                sees=[(turn, "criticised") for turn in of_record(run, turns)],
                prompt=partial(_prompt, run, agent, claim, sides, number),
                form=reply_formats.attack(),
                detail=f"claim-{claim.id}-{number + 1}",
            )
            attacks.append(attack)
        return attacks


def most_worth(claims: Sequence[Claim]) -> list[Claim]:
    """`claims` as they are worth a challenge: disputed ones, then those of most seats, the least sure first."""
    return sorted(claims, key=lambda claim: (claim.state != "disputed", -len(claim.seats_for), claim.confidence, int(claim.id)))


def _reasons(run: Run, claim: Claim, side: Side) -> list[Stance]:
    """A few of the reasons of one side, drawn by the seed."""
    given = [stance for stance in claim.stances if stance.side == side and stance.reason]
    run.rng("reasons", claim.id, side).shuffle(given)
    return given[:_REASONS]


def _check(turn: Turn) -> ClaimCheck | None:
    """What a critic found; None where its call failed."""
    if turn.status != "said":
        return None
    return ClaimCheck(by="critic", turn=turn.id, holds=_HOLDS.get(turn.verdict or ""), reason=turn.found.reason or "")


def _with_checks(claim: Claim, found: Sequence[ClaimCheck | None]) -> Claim:
    checks = (*claim.checks, *(check for check in found if check is not None))
    return decided(claim.model_copy(update={"checks": checks}))


def _prompt(
    run: Run, agent: Agent, claim: Claim, sides: Sequence[Sequence[Stance]], critic: int, told: str
) -> tuple[Message, ...]:
    quotes = [Quote("Claim", claim.text)]
    for side in sides:
        quotes += [Quote(f"A reason {stance.side} it", stance.reason) for stance in side]
    material = run.quote(quotes, agent.seat, claim.id, str(critic), rounds=False)
    return prompts.ask(agent.card, run.posed, told, material)
