"""`rank`: each seat fills in a ballot over the answers on the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import LETTERS, Quote
from contemplate.agents.reply_formats import BallotFormat
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Cards, Panel, Product, Step, names_of
from contemplate.types import Message, seat_number

Own = Literal["include", "exclude"]
"""Whether a seat finds its own reply among those that it judges."""


class Rank(Step):
    """Each seat fills in a ballot over the distinct answers, or over all the replies, but for its own.

    They stand under letters, without names, in an order drawn for each seat. The next `vote` counts the ballots instead of
    the seats' own answers, by a rule that asks for this form. Where all agree there is nothing to fill in. Beyond 26
    distinct answers, those that the most seats hold are on the ballot.

    A model favours what it wrote itself, so no seat finds its own reply on its ballot unless it is to. For an answer that
    others hold too, the first of them stands there; one that it holds alone is not on its ballot, which says nothing of it
    (`Ballot.offered`). A seat that is left with fewer than two fills in none; where nobody does, the vote counts the seats' own
    answers.

    Attributes:
        agent: the voters' card.
        form: what a ballot holds: one "choice", a "ranking", an "approval" of several, or "points" that sum to 10.
        shows: the bare "answer", or the whole "reply" that gave it first.
        of: what stands on the ballot: "distinct" answers, or "each" reply, those that agree too.
        orders: each seat fills in "one" ballot, or "both" that in its order and one in the reverse of it. Two that differ are
            an abstention: the order chose. Both are for a "choice".
        own: whether a seat's own reply is on its ballot: "exclude" or "include".

    References:
        arXiv:2404.13076 (models recognise their own texts, and the better they do the more they favour them).
    """

    gives: ClassVar[tuple[Product, ...]] = ("ballots",)
    was: ClassVar[Mapping[str, object]] = {"own": "include"}

    do: Literal["rank"] = "rank"
    agent: Cards = "voter"
    form: BallotFormat = "ranking"
    shows: Literal["answer", "reply"] = "answer"
    of: Literal["distinct", "each"] = "distinct"
    orders: Literal["one", "both"] = "one"
    own: Own = "exclude"

    @model_validator(mode="after")
    def _both_orders_choose(self) -> Self:
        if self.orders == "both" and self.form != "choice":
            msg = f"'orders: both' asks whether a choice stays the same: it is for 'form: choice', not '{self.form}'"
            raise ValueError(msg)
        return self

    @property
    def cards(self) -> tuple[str, ...]:
        """The voters' cards."""
        return names_of(self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the ballots, once every position is there."""
        if self.of == "distinct":
            answer_groups = await run.answer_groups(panel.positions)
        else:
            answer_groups = [[position] for position in await run.answered(panel.positions)]
        if len(answer_groups) == 1:
            return replace(panel, ballots=())
        listed = sorted(range(len(answer_groups)), key=lambda index: (-len(answer_groups[index]), index))[: len(LETTERS)]
        on_ballot = [answer_groups[index] for index in sorted(listed)]
        names = names_of(self.agent)
        voting = [position.seat for position in panel.positions if position.seat not in panel.out]
        voters = [run.seat(names[index % len(names)], seat_number(seat)) for index, seat in enumerate(voting)]
        shown = [(voter, self._batch(voter, on_ballot)) for voter in voters]
        idle = [voter.seat for voter, batch in shown if len(batch) <= 1]
        if idle:
            run.note(f"no ballot of {', '.join(idle)}: fewer than two replies are left to choose between without their own")
        ballots = [self._ballots(run, voter, batch) for voter, batch in shown if len(batch) > 1]
        return replace(panel, ballots=tuple(ballot for both in ballots for ballot in both))

    def _batch(self, voter: Agent, groups: Sequence[Sequence[PendingTurn]]) -> list[PendingTurn]:
        """A reply for each answer on a voter's ballot: the first that gave it, and that is not its own where it must not be."""
        of_others = [[one for one in group if self.own == "include" or one.seat != voter.seat] for group in groups]
        return [group[0] for group in of_others if group]

    def _ballots(self, run: Run, voter: Agent, candidates: Sequence[PendingTurn]) -> list[PendingTurn]:
        order = run.rng(voter.seat, "order").sample(list(candidates), len(candidates))
        ballot = self._ask(run, voter, order, "ballot")
        return [ballot, self._ask(run, voter, order[::-1], "reverse")] if self.orders == "both" else [ballot]

    def _ask(self, run: Run, voter: Agent, order: Sequence[PendingTurn], detail: str) -> PendingTurn:
        return run.say(
            voter,
            sees=[(candidate, "saw") for candidate in order],
            prompt=partial(self._prompt, run, voter, order),
            form=reply_formats.ballot([candidate.id for candidate in order], self.form),
            detail=detail,
        )

    def _prompt(self, run: Run, voter: Agent, order: Sequence[PendingTurn], told: str) -> tuple[Message, ...]:
        said = [candidate.turn for candidate in order]
        texts = [turn.answer.text if self.shows == "answer" and turn.answer else turn.words for turn in said]
        title = self.shows.capitalize()
        quotes = [Quote(f"{title} {letter}", text) for letter, text in zip(LETTERS, texts, strict=False)]
        material = run.quote(quotes, voter.seat)
        return prompts.ask(voter.card, run.posed, told, material)
