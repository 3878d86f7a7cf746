"""`chateval`: judges with different personas talk about two texts, and score both (arXiv:2308.07201)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contemplate import answers
from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.errors import InputError, QuorumError
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.types import Answer, Decision, Message, Question, Tally
from contemplate.voting.decision import ruled, stands, undecided

LOWEST, HIGHEST = 1, 10

Scores = dict[str, tuple[float, float]]
"""What each seat scored the two texts, in the order in which they were given."""


@dataclass(frozen=True)
class _Order:
    """One order in which the two texts are shown.

    Attributes:
        name: "as-given" or "swapped".
        question: with its choices in that order.
        pair: the answers that stand for the first and the second text shown.
        texts: where they are drafts, these, in that order.
    """

    name: str
    question: Question
    pair: tuple[Answer, Answer]
    texts: tuple[PendingTurn, ...] = ()

    def scores(self, turn: PendingTurn) -> tuple[float, float] | None:
        """The scores in `turn`, in the order in which the texts were given."""
        found = turn.turn.found.scores
        if found is None:
            return None
        first, second = found
        return (second, first) if self.name == "swapped" else (first, second)


class ChatEval(Step):
    """Judges with different personas talk about which of two texts is better, and score both in their last turn.

    The two texts are the question's two choices; the talk is held once with each of them first, and the scores are averaged over
    judges and orders. A question of kind "text" may instead hold both itself: there the answer is A or B, and there is one order.
    To an open question two drafts are written first, by nobody of the panel, and the better one is the answer: all of it. Of two
    that are found equally good one is drawn by the seed; where only one could be written, that is it.

    Attributes:
        mode: "one-by-one": each judge reads all that was said so far; "simultaneous": all read the last round;
            "simultaneous-with-summariser": all read a summary of the last round, which takes a call more.
        seats: how many judges there are, each with a persona of its own.
        rounds: how often each speaks.
        both_orders: whether the talk is held a second time with the texts swapped.
        personas: the judges' cards.
        summariser: the card that condenses a round.
        author: the card of who writes the two drafts for an open question, of two models where there are two.

    References:
        arXiv:2308.07201.
    """

    needs_positions: ClassVar[bool] = False
    gives: ClassVar[tuple[Product, ...]] = ("decision",)

    do: Literal["chateval"] = "chateval"
    mode: Literal["one-by-one", "simultaneous", "simultaneous-with-summariser"] = "one-by-one"
    seats: Annotated[int, Field(ge=1, le=1000)] = 2
    rounds: Annotated[int, Field(ge=1, le=1000)] = 2
    both_orders: bool = True
    personas: tuple[str, ...] = ("general-public", "text-critic", "news-author", "psychologist", "scientist")
    summariser: str = "talk-summariser"
    author: str = "proposer"

    @model_validator(mode="after")
    def _personas_differ(self) -> Self:
        if self.seats > len(set(self.personas)):
            msg = f"{self.seats} judges need as many different personas, and there are {len(set(self.personas))}"
            raise ValueError(msg)
        return self

    @property
    def panel_size(self) -> int | None:
        """The number of seats, as many as are given."""
        return self.seats

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of the personas in use, of the summariser where there is one, and of the author of drafts."""
        return (*self.personas[: self.seats], *((self.summariser,) if self._summed_up else ()), self.author)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the talk in each order, and average the scores."""
        if run.question.kind != "open":
            return await self._judge(run, panel, self._orders(run.question))
        drafts = [self._draft(run, number) for number in (1, 2)]
        written = {answer.value: (draft, answer) for draft in drafts if (answer := (await draft).answer) is not None}
        if len(written) == len(drafts):
            return await self._judge(run, panel, self._orders_of(run.question, *written.values()))
        if not written:
            raise QuorumError(f"no text could be written to be judged: {_why(drafts)}")
        ((draft, answer),) = written.values()
        decision = ruled(undecided("mean-score", (), quorum=run.quorum), answer, {}, rule="mean-score")
        decision = stands(decision, "there is one text only, so there was nothing to judge")
        run.record_decision(decision, [draft.id])
        return replace(panel, decision=decision)

    def _draft(self, run: Run, number: int) -> PendingTurn:
        agent = run.outsider(self.author, number)
        prompt = partial(prompts.ask, agent.card, run.posed)
        return run.say(agent, prompt=prompt, form=reply_formats.answer(run.question), detail=f"draft-{number}")

    def _orders_of(self, question: Question, one: tuple[PendingTurn, Answer], other: tuple[PendingTurn, Answer]) -> list[_Order]:
        """The orders in which two drafts are shown."""
        given = _Order("as-given", question, (one[1], other[1]), (one[0], other[0]))
        swapped = _Order("swapped", question, (other[1], one[1]), (other[0], one[0]))
        return [given, swapped] if self.both_orders else [given]

    async def _judge(self, run: Run, panel: Panel, orders: Sequence[_Order]) -> Panel:
        """Have two texts judged."""
        last = {order.name: self._talk(run, order) for order in orders}
        for spoke in last.values():
            for turn in spoke:
                await turn
        found = {order.name: _scores(order, last[order.name]) for order in orders}
        decision = self._decision(run, orders[0].pair, found)
        run.record_decision(decision, [turn.id for spoke in last.values() for turn in spoke])
        return replace(panel.with_positions(last[orders[0].name]), cap=self.seats, decision=decision)

    @property
    def _summed_up(self) -> bool:
        return self.mode == "simultaneous-with-summariser" and self.rounds > 1

    def _orders(self, question: Question) -> list[_Order]:
        """The orders in which the texts are shown.

        Raises:
            InputError: there are not two of them.
        """
        if question.kind == "text" or len(question.choices) == 2:  # noqa: PLR2004 - a pair
            first, second = (answers.read(f"Answer: {letter}", question) for letter in "AB")
            if first is not None and second is not None:
                given = _Order("as-given", question, (first, second))
                if not (self.both_orders and question.choices):
                    return [given]
                swapped = question.model_copy(update={"choices": question.choices[::-1]})
                return [given, _Order("swapped", swapped, (second, first))]
        raise InputError(
            "chateval compares two texts: give them as the two choices of a question, or put both, called A and B, into the text "
            "of a question of kind 'text'; to an open question it has both written. "
            f"This one is of kind {question.kind!r} with {len(question.choices)} choices"
        )

    # --- the talk -------------------------------------------------------------------------------------

    def _talk(self, run: Run, order: _Order) -> list[PendingTurn]:
        """The judges' last turns."""
        said: list[PendingTurn] = []
        rounds: list[list[PendingTurn]] = []
        for number in range(1, self.rounds + 1):
            here = run.in_round(number)
            if rounds and self._summed_up:
                said = [self._sum_up(run.in_round(number - 1), order, rounds[-1])]
            elif self.mode != "one-by-one":
                said = rounds[-1] if rounds else []
            spoke: list[PendingTurn] = []
            for judge in run.seats(self.personas, self.seats):
                heard = [*said, *spoke] if self.mode == "one-by-one" else said
                spoke.append(self._say(here, order, judge, heard, scoring=number == self.rounds))
            said = [*said, *spoke]
            rounds.append(spoke)
        return rounds[-1]

    def _say(self, run: Run, order: _Order, judge: Agent, heard: Sequence[PendingTurn], *, scoring: bool) -> PendingTurn:
        return run.say(
            judge,
            sees=[(turn, "saw") for turn in (*order.texts, *heard)],
            prompt=partial(_prompt, run, order, judge, tuple(heard)),
            form=reply_formats.pair_scores(LOWEST, HIGHEST, order.pair) if scoring else reply_formats.anything(),
            detail=order.name,
        )

    def _sum_up(self, run: Run, order: _Order, spoke: Sequence[PendingTurn]) -> PendingTurn:
        agent = run.outsider(self.summariser)
        return run.say(
            agent,
            sees=[(turn, "saw") for turn in (*order.texts, *spoke)],
            prompt=partial(_prompt, run, order, agent, tuple(spoke)),
            form=reply_formats.anything(),
            detail=order.name,
        )

    # --- the decision ---------------------------------------------------------------------------------

    def _decision(self, run: Run, pair: tuple[Answer, Answer], found: Mapping[str, Scores]) -> Decision:
        """The text with the higher mean; the mean of each order counts the same.

        Raises:
            QuorumError: too few judges gave scores that can be read.
        """
        judges = {f"seat-{number}": _of_seat(f"seat-{number}", found) for number in range(1, self.seats + 1)}
        scored = {seat: means for seat, means in judges.items() if means is not None}
        if len(scored) < run.quorum:
            raise QuorumError(f"{len(scored)} of {self.seats} seats gave scores, the quorum is {run.quorum}")
        by_order = {name: _mean(list(scores.values())) for name, scores in found.items() if scores}
        means = _mean(list(by_order.values()))
        won = None if means[0] == means[1] else int(means[1] > means[0])
        behind = [tuple(seat for seat, two in scored.items() if two[index] > two[1 - index]) for index in (0, 1)]
        rows = [
            Tally(
                answer=pair[index].text,
                votes=len(behind[index]),
                weight=means[index],
                seats=behind[index],
                shares={name: two[index] / sum(two) for name, two in by_order.items()},
            )
            for index in sorted((0, 1), key=lambda index: -means[index])
        ]
        silent = [seat for seat, two in judges.items() if two is None]
        drawn = won is None and pair[0].kind == "open"
        if drawn:
            won = run.rng("tie").randrange(2)
        if won is None:
            texts = (pair[0].text, pair[1].text)
            reason = f"both texts have a mean score of {means[0]:.3g}"
            return undecided("mean-score", rows, abstentions=silent, quorum=run.quorum, ties=texts, reason=reason)
        counted = undecided("mean-score", rows, abstentions=silent, quorum=run.quorum)
        held = {seat: pair[index] for seat in scored for index in (0, 1) if seat in behind[index]}
        decision = ruled(counted, pair[won], held, rule="mean-score", seats=self.seats, asked=True)
        ties = (pair[0].text, pair[1].text)
        return decision.model_copy(update={"ties": ties, "tie_break": "random"}) if drawn else decision


def _prompt(run: Run, order: _Order, agent: Agent, heard: Sequence[PendingTurn], told: str) -> tuple[Message, ...]:
    """The texts in this order, and what was said; one's own words are marked, others are told apart by a number."""
    quotes = [Quote(f"Text {letter}", text.turn.words) for letter, text in zip("AB", order.texts, strict=False)]
    for turn in heard:
        if turn.turn.status != "said":
            continue
        outsider = turn.agent is not None and not turn.agent.number
        other = f"What judge {turn.agent.number} said" if turn.agent is not None else ""
        title = "What you said" if turn.seat == agent.seat else "Summary of what was said" if outsider else other
        quotes.append(Quote(title, turn.turn.words))
    material = run.quote(quotes, order.name, *map(str, run.rounds), agent.seat, rounds=False)
    return prompts.ask(agent.card, replace(run.posed, question=order.question), told, material)


def _why(drafts: Sequence[PendingTurn]) -> str:
    """The reasons of drafts that failed."""
    return "; ".join(dict.fromkeys(draft.turn.failure.message for draft in drafts if draft.turn.failure is not None))


def _scores(order: _Order, spoke: Sequence[PendingTurn]) -> Scores:
    found = {turn.seat: order.scores(turn) for turn in spoke}
    return {seat: two for seat, two in found.items() if two is not None}


def _of_seat(seat: str, found: Mapping[str, Scores]) -> tuple[float, float] | None:
    """A judge's mean scores over the orders; None if it gave none."""
    given = [scores[seat] for scores in found.values() if seat in scores]
    return _mean(given) if given else None


def _mean(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    first, second = (math.fsum(scores) / len(pairs) for scores in zip(*pairs, strict=True))
    return round(first, 9), round(second, 9)  # so that equal means are equal
