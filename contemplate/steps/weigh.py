"""`weigh`: each seat says what it thinks of the claims of the others."""

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
from contemplate.steps.base import Cards, Panel, Product, Step, names_of, of_record
from contemplate.types import Claim, Found, Message, Opinion, Stance, Turn, seat_number


class Weigh(Step):
    """Each seat agrees, disagrees or can't tell, for every claim that it did not make itself.

    It sees neither names nor counts, and the claims in an order of its own, drawn by the seed; for its own it counts anyway.
    Of what it says nothing clear it is unsure; a call that failed is no stance. Claims that fell are not asked about.

    Attributes:
        agent: the card, or several that the seats take in turn.
        keep: how many calls are kept back for what comes then, where the recipe's `calls_per_seat` sets a bound; seats for which
            none is left are not asked.
    """

    gives: ClassVar[tuple[Product, ...]] = ("claims",)

    do: Literal["weigh"] = "weigh"
    agent: Cards = "claim-judge"
    keep: Annotated[int, Field(ge=0, le=1000)] = 1

    @property
    def needs(self) -> Mapping[str, Product]:
        """Claims."""
        return {"do": "claims"}

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards."""
        return names_of(self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask every seat that there is something to ask, and count."""
        readers = {
            position.seat: shown for position in panel.positions if (shown := self._shown(run, position.seat, panel.claims))
        }
        most = len(readers) if run.left is None else max(run.left - self.keep, 0)
        silent = max(len(readers) - most, 0)
        notes = (f"{silent} of {len(readers)} seats do not weigh the claims: no call is left for them",) if silent else ()
        for note in notes:
            run.note(note)
        asked = [self._ask(run, seat, shown) for seat, shown in [*readers.items()][:most]]
        claims = panel.claims
        for turn in asked:
            claims = _with_opinions(claims, await turn)
        claims = tuple(decided(claim) for claim in claims)
        run.record_found(Found(claims=claims, notes=notes), [turn.id for turn in asked])
        return replace(panel, claims=claims)

    def _shown(self, run: Run, seat: str, claims: Sequence[Claim]) -> list[Claim]:
        """The claims that a seat is asked about, in its order."""
        shown = [claim for claim in claims if claim.state != "fell" and seat not in {source.seat for source in claim.sources}]
        run.rng("order", seat).shuffle(shown)
        return shown

    def _ask(self, run: Run, seat: str, shown: Sequence[Claim]) -> PendingTurn:
        names, number = names_of(self.agent), seat_number(seat)
        agent = run.seat(names[(number - 1) % len(names)], number)
        turns = dict.fromkeys(source.turn for claim in shown for source in claim.sources)
        return run.say(
            agent,
            sees=[(other, "saw") for other in of_record(run, turns)],
            prompt=partial(_prompt, run, agent, shown),
            form=reply_formats.opinions({claim.id: claim.text for claim in shown}),
        )


def _with_opinions(claims: Sequence[Claim], turn: Turn) -> tuple[Claim, ...]:
    """The claims with what a turn says of them; of what it said before, that stands no more."""
    opinions = turn.found.opinions if turn.status == "said" else None
    return tuple(
        _with_opinion(claim, turn, opinions[claim.id]) if opinions and claim.id in opinions else claim for claim in claims
    )


def _with_opinion(claim: Claim, turn: Turn, opinion: Opinion) -> Claim:
    stance = Stance(seat=turn.seat, turn=turn.id, side=opinion.side, reason=opinion.reason)
    stances = {**{held.seat: held for held in claim.stances}, turn.seat: stance}
    return claim.model_copy(update={"stances": tuple(stances[seat] for seat in sorted(stances, key=seat_number))})


def _prompt(run: Run, agent: Agent, shown: Sequence[Claim], told: str) -> tuple[Message, ...]:
    lines = "\n".join(f"{number}. {claim.text}" for number, claim in enumerate(shown, 1))
    material = run.quote([Quote("Claims", lines)], agent.seat, rounds=False)
    return prompts.ask(agent.card, run.posed, told, material)
