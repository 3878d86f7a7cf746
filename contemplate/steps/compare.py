"""`compare`: candidates are compared in pairs, and the one that stands up best decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import LETTERS, Quote
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.steps.deciding import choose
from contemplate.types import Message


class Compare(Step):
    """An outsider compares two replies at a time, each pair `times` times and every other time in the other order.

    In a "knockout" candidates are paired at random, whoever wins most comparisons of its pair goes on, an odd one goes on
    unopposed, and so on until one is left. In a "league" each meets `opponents` others, drawn at random, and the best
    mean share of comparisons won wins; a pair that drew each other is compared once for both. Ties go to
    whoever stands first in an order drawn by the seed. A comparison that can't be read counts for neither.

    Attributes:
        agent: the card of who compares.
        format: "knockout" or "league".
        times: comparisons of each pair, at least 2: never in one order only.
        opponents: how many others each meets in a league.

    References:
        arXiv:2411.19477.
    """

    gives: ClassVar[tuple[Product, ...]] = ("decision",)

    do: Literal["compare"] = "compare"
    agent: str = "comparer"
    format: Literal["knockout", "league"] = "knockout"
    times: Annotated[int, Field(ge=2, le=1000)] = 2
    opponents: Annotated[int, Field(ge=1, le=1000)] = 3

    @property
    def cards(self) -> tuple[str, ...]:
        """The card of who compares."""
        return (self.agent,)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Compare until one is left, and decide for it."""
        candidates = await run.answered(panel.positions)
        run.rng("order").shuffle(candidates)
        matches: list[_Match] = []
        play = self._knockout if self.format == "knockout" else self._league
        winner = await play(run, candidates, matches)
        comparisons = [comparison for match in matches for comparison in match.comparisons]
        return await choose(run, panel, winner, self.format, comparisons)

    async def _knockout(self, run: Run, candidates: Sequence[PendingTurn], matches: list[_Match]) -> PendingTurn:
        alive, number = list(candidates), 0
        while len(alive) > 1:
            number += 1
            if number > 1:
                run.rng("pairs", number).shuffle(alive)
            played = [self._match(run, *pair, f"round-{number}") for pair in _pairs(alive)]
            matches += played
            bye = alive[-1:] if len(alive) % 2 else []
            alive = [await match.winner() for match in played] + bye
        return alive[0]

    async def _league(self, run: Run, candidates: Sequence[PendingTurn], matches: list[_Match]) -> PendingTurn:
        meets: dict[str, list[_Match]] = {}
        known: dict[frozenset[str], _Match] = {}
        for index, candidate in enumerate(candidates):
            others = [*candidates[:index], *candidates[index + 1 :]]
            drawn = run.rng("opponents", candidate.seat).sample(others, min(self.opponents, len(others)))
            for other in sorted(drawn, key=candidates.index):
                pair = frozenset((candidate.id, other.id))
                if pair not in known:
                    known[pair] = self._match(run, candidate, other, "league")
                    matches.append(known[pair])
                meets.setdefault(candidate.id, []).append(known[pair])
        rates = []
        for candidate in candidates:
            shares = [await match.share(candidate) for match in meets.get(candidate.id, ())]
            rates.append(sum(shares) / len(shares) if shares else 0.0)
        return candidates[rates.index(max(rates))]

    def _match(self, run: Run, one: PendingTurn, other: PendingTurn, name: str) -> _Match:
        agent = run.outsider(self.agent)
        comparisons = []
        for number in range(self.times):
            shown = (one, other) if number % 2 == 0 else (other, one)
            comparison = run.say(
                agent,
                sees=[(candidate, "saw") for candidate in shown],
                prompt=partial(_prompt, run, agent, shown),
                form=reply_formats.choice([candidate.id for candidate in shown]),
                detail=f"{name}/{one.seat}-{other.seat}-{number + 1}",
            )
            comparisons.append(comparison)
        return _Match(one, other, tuple(comparisons))


@dataclass(frozen=True)
class _Match:
    """Two candidates, and the comparisons of them."""

    one: PendingTurn
    other: PendingTurn
    comparisons: tuple[PendingTurn, ...]

    async def winner(self) -> PendingTurn:
        """The reply that won most comparisons; the first-listed of equals."""
        return self.one if await self.share(self.one) >= 1 / 2 else self.other

    async def share(self, candidate: PendingTurn) -> float:
        """The share of its comparisons that a candidate won; half if none could be read."""
        chosen = [chose for comparison in self.comparisons if (chose := (await comparison).chose) is not None]
        return chosen.count(candidate.id) / len(chosen) if chosen else 1 / 2


def _pairs(alive: Sequence[PendingTurn]) -> list[tuple[PendingTurn, PendingTurn]]:
    """Each with its neighbour; an odd one is left over."""
    return [pair for number, pair in enumerate(pairwise(alive)) if number % 2 == 0]


def _prompt(run: Run, agent: Agent, shown: Sequence[PendingTurn], told: str) -> tuple[Message, ...]:
    quotes = [Quote(f"Reply {letter}", candidate.turn.words) for letter, candidate in zip(LETTERS, shown, strict=False)]
    material = run.quote(quotes, agent.seat, *(candidate.id for candidate in shown), rounds=False)
    return prompts.ask(agent.card, run.posed, told, material)
