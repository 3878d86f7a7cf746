"""`dylan`: a team that grades itself, stops as soon as it agrees, and keeps its best (arXiv:2310.02170)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import LETTERS, Quote
from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Cards, Failed, Panel, Product, Step, names_of, standing
from contemplate.steps.rank import Own
from contemplate.trace.importance import Reader, importance
from contemplate.types import Decision, Found, Message, seat_number
from contemplate.voting import TieRule


class Dylan(Step):
    """Agents answer round after round; each reads all replies of the round before, its own among them, and grades each 1 to 5.

    It is over as soon as more than two thirds (rounded down) of a round's agents have given one answer, read in their order;
    only as many are asked at once as must agree for that, so that no call more is paid than by asking one at a time. From
    round `rank_from` on a ranker keeps the best `keep` agents. The last round's agents decide by plurality.

    The importance of each agent in each round, passed backwards along the grades, stands with the decision
    (`contemplate.trace.importance.recorded`).

    Attributes:
        seats: how many agents there are.
        rounds: the most rounds, with the independent first one.
        keep: how many agents the ranker keeps.
        rank_from: the first round before which it is asked.
        own: whether an agent reads and grades what it said itself, too, as in the paper.
        order: agents speak in the order of their "seats", or "shuffled" by the seed in each round.
        agent: the card of the first round.
        grader: the card of the later ones.
        ranker: the ranker's card.
        ties: how a tie in the last round is broken.
        failed: what becomes of an agent whose turn in the last round failed, as for `vote`.

    References:
        arXiv:2310.02170.
    """

    needs_positions: ClassVar[bool] = False
    gives: ClassVar[tuple[Product, ...]] = ("decision",)
    was: ClassVar[Mapping[str, object]] = {"own": "include"}

    do: Literal["dylan"] = "dylan"
    seats: Annotated[int, Field(ge=1, le=1000)] = 4
    rounds: Annotated[int, Field(ge=1, le=1000)] = 3
    keep: Annotated[int, Field(ge=1, le=1000)] = 2
    rank_from: Annotated[int, Field(ge=2, le=1001)] = 3
    own: Own = "exclude"
    order: Literal["seats", "shuffled"] = "seats"
    agent: Cards = "team-solver"
    grader: Cards = "team-grader"
    ranker: str = "team-ranker"
    ties: TieRule = "first-seen"
    failed: Failed = "abstains"

    @property
    def panel_size(self) -> int | None:
        """The number of seats, as many as are given."""
        return self.seats

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of all three roles."""
        return (*names_of(self.agent), *names_of(self.grader), self.ranker)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the rounds, until the team agrees or all are through."""
        active = list(range(1, self.seats + 1))
        rounds: list[list[PendingTurn]] = []
        agreed = False
        while len(rounds) < self.rounds and not agreed and not run.spent():
            here = run.in_round(len(rounds) + 1)
            before = await run.answered(rounds[-1]) if rounds else []
            if len(rounds) + 1 >= self.rank_from and len(active) > self.keep:
                active = await self._best(here, before, active)
            spoke, agreed = await self._round(here, active, before)
            rounds.append(spoke)
        first = await run.vote(rounds[0], self._votes, "first") if len(rounds) > 1 else None
        last = Panel(positions=tuple(rounds[-1]), earlier=tuple(map(tuple, rounds[:-1])))
        decision = await run.vote(await standing(last, self.failed), self._votes, "final")
        found = Found(importance=tuple(await _importance(run, rounds, decision)))
        run.record_decision(decision, [turn.id for turn in rounds[-1]], "importance", found)
        latest = {turn.seat: turn for spoke in rounds for turn in sorted(spoke, key=lambda turn: seat_number(turn.seat))}
        moved = replace(panel, positions=tuple(latest.values()), earlier=(tuple(rounds[0]),) if first else (), cap=self.seats)
        return replace(moved, decision=decision, first_decision=first, stopped="agreement" if agreed else None)

    @property
    def _votes(self) -> Counting:
        return Counting(ties=self.ties)

    async def _round(self, run: Run, active: Sequence[int], before: Sequence[PendingTurn]) -> tuple[list[PendingTurn], bool]:
        """The turns of the agents that had to speak, and whether they agree."""
        order = list(active)
        if self.order == "shuffled":
            run.rng("speakers").shuffle(order)
        wanted = 2 * len(order) // 3 + 1
        spoke: list[PendingTurn] = []
        lead = 0
        while len(spoke) < len(order) and not run.spent():
            asked = order[len(spoke) : len(spoke) + wanted - lead]
            spoke += [self._say(run, number, before) for number in asked]
            lead = max(map(len, await run.groups(spoke)), default=0)
            if lead >= wanted:
                return spoke, True
        return spoke, False

    def _say(self, run: Run, number: int, before: Sequence[PendingTurn]) -> PendingTurn:
        read = [other for other in before if self.own == "include" or seat_number(other.seat) != number]
        names = names_of(self.grader if read else self.agent)
        agent = run.seat(names[(number - 1) % len(names)], number)
        shown = run.rng(agent.seat, "order").sample(read, len(read))
        ids = [other.id for other in shown]
        return run.say(
            agent,
            sees=[(other, "saw") for other in shown],
            prompt=partial(_prompt, run, agent, shown),
            form=reply_formats.graded_answer(run.question, ids) if ids else reply_formats.answer(run.question),
        )

    async def _best(self, run: Run, before: Sequence[PendingTurn], active: Sequence[int]) -> list[int]:
        """The numbers of the agents that go on; a ranking that can't be read, or is too short, is filled up by the seed."""
        ranked: list[str] = []
        if len(before) > self.keep:
            ranker = run.outsider(self.ranker)
            shown = run.rng("ranker", "order").sample(list(before), len(before))[: len(LETTERS)]
            ranking = run.say(
                ranker,
                sees=[(other, "saw") for other in shown],
                prompt=partial(_prompt, run, ranker, shown),
                form=reply_formats.ballot([other.id for other in shown], "ranking"),
            )
            ranked = list((await ranking).found.ranking or ())
        seat_of = {other.id: seat_number(other.seat) for other in before}
        left = [number for number in seat_of.values() if number not in {seat_of[other] for other in ranked}]
        silent = [number for number in active if number not in seat_of.values()]
        best = [*(seat_of[other] for other in ranked), *run.rng("rest").sample(left, len(left)), *silent]
        return sorted(best[: self.keep])


def _prompt(run: Run, agent: Agent, shown: Sequence[PendingTurn], told: str) -> tuple[Message, ...]:
    quotes = [Quote(f"Reply {_name(index)}", other.turn.words) for index, other in enumerate(shown)]
    material = run.quote(quotes, agent.seat)
    return prompts.ask(agent.card, run.posed, told, material)


def _name(index: int) -> str:
    return LETTERS[index] if index < len(LETTERS) else str(index + 1)


async def _importance(run: Run, rounds: Sequence[Sequence[PendingTurn]], decision: Decision) -> list[dict[str, float]]:
    """The importance of each agent that gave an answer, round by round; nobody's where nothing won."""
    seats = {turn.id: turn.seat for spoke in rounds for turn in spoke}
    groups = [await run.groups(spoke) for spoke in rounds]
    readers = [{turn.seat: _reader(run, turn, seats) for group in said for turn in group} for said in groups]
    winners = [
        turn.seat
        for group in groups[-1]
        for turn in group
        if any(other.turn.answer is not None and other.turn.answer.value == decision.value for other in group)
    ]
    return importance(readers, winners)


def _reader(run: Run, turn: PendingTurn, seats: Mapping[str, str]) -> Reader:
    """Whom an agent read, and how it graded them."""
    read = [other for other, _ in run.course.saw(turn.id)]
    grades = turn.turn.found.grades or {}
    return Reader(tuple(seats[other] for other in read), tuple(float(grades[other]) for other in read if other in grades))
