"""`assess`: the replies and the final answer are scored by the question's criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import LETTERS, Quote
from contemplate.claims import listed
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Step, of_record
from contemplate.types import Answer, Assessment, Criterion, Decision, Found, Message, Turn, seat_number
from contemplate.voting.assessing import Reading, assessed, faults

_OUTSIDER = 2
"""The place of the model that judges where the panel is one seat: another one than its own where there are several."""


class Assess(Step):
    """Judges score the seats' replies and the final answer by each criterion of the question, from 1 to 10. It decides nothing.

    Judges are seats of the panel; each reads all replies but its own under letters, without names, and the final answer among
    them, once in an order drawn for it and once in the reverse. What it gave is averaged over the orders, then over the judges,
    then by the weights of the criteria. A score that can't be read, or is off the scale, counts for nothing and is reported. Of
    a panel of one seat an outsider is the judge. Where the question's criteria are "panel", one call proposes them first, which
    sees the question alone.

    Two calls a judge, and one more for criteria that are proposed, on top of what `calls_per_seat` allows for; nobody is
    asked again. Without criteria the step does nothing; with them, a strategy without this step ends with one.

    Attributes:
        agent: the judges' card.
        proposer: the card of who proposes criteria.
        judges: how many seats judge, at most: the first ones, which have as many models as there are. 0 leaves the step out.

    References:
        arXiv:2404.13076 (judges favour what they wrote themselves), arXiv:2305.17926 (the order of candidates sways judges).
    """

    do: Literal["assess"] = "assess"
    agent: str = "assessor"
    proposer: str = "criteria-proposer"
    judges: Annotated[int, Field(ge=0, le=100)] = 3

    @property
    def cards(self) -> tuple[str, ...]:
        """The judges' card, and the proposer's."""
        return (self.agent, self.proposer)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Have everything scored, and put the assessment on record."""
        if not run.question.criteria:
            return panel
        if not self.judges:
            run.note("nothing is scored by the criteria: the strategy has no judges for them (judges: 0)")
            return panel
        proposal = self._propose(run) if run.question.criteria == "panel" else None
        criteria = await _criteria(run, proposal)
        for position in panel.positions:
            await position
        made_of = [] if proposal is None else [proposal.id]
        if criteria:
            await _Assessing(self, run, panel, criteria, made_of).carry_out(proposed=proposal is not None)
        else:
            note = "no criteria can be read from what the panel proposed, so nothing is scored"
            run.note(note)
            run.record_found(Found(notes=(note,)), made_of)
        return panel

    def _propose(self, run: Run) -> PendingTurn:
        agent = run.outsider(self.proposer)
        prompt = partial(prompts.ask, agent.card, run.posed)
        return run.say(agent, prompt=prompt, form=reply_formats.proposed_criteria(), detail="criteria")


async def _criteria(run: Run, proposal: PendingTurn | None) -> tuple[Criterion, ...]:
    """The question's criteria, or those that were proposed, which are told at once."""
    if proposal is None:
        return () if run.question.criteria == "panel" else run.question.criteria
    criteria = (await proposal).found.criteria or ()
    if criteria:
        run.note(f"criteria of the panel: {', '.join(f'{one.name} {one.weight:g}' for one in criteria)}")
    return criteria


@dataclass(frozen=True)
class _Shown:
    """Something that is scored.

    Attributes:
        id: of the turn that gave it, or that decided.
        seats: whose it is; nobody scores its own.
        text: what judges read.
        turn: that turn, if it is on record.
    """

    id: str
    seats: tuple[str, ...]
    text: str
    turn: PendingTurn | None


class _Assessing:
    """The step at work by given criteria."""

    def __init__(self, step: Assess, run: Run, panel: Panel, criteria: Sequence[Criterion], made_of: Sequence[str]) -> None:
        self._step, self._run, self._criteria = step, run, criteria
        self._made_of = list(made_of)
        said = [position for position in panel.positions if _answers(position.turn)]
        most = len(LETTERS) - 1
        self._notes = [f"{len(said) - most} replies are not scored: there are letters for {most}"] if len(said) > most else []
        self._replies = [_reply(position, panel) for position in said[:most]]
        self._answer, self._is_own = _final(run, panel.decision, said)
        self._judges = self._chosen([position.seat for position in panel.positions])

    def _chosen(self, seats: Sequence[str]) -> list[Agent]:
        """The judges: the first seats; an outsider where there is none beside the author."""
        if len(seats) <= 1:
            return [self._run.outsider(self._step.agent, _OUTSIDER)]
        return [self._run.seat(self._step.agent, seat_number(seat)) for seat in seats[: self._step.judges]]

    async def carry_out(self, *, proposed: bool) -> None:
        """Ask the judges, and put together what they gave."""
        asked = [(judge, batch, self._ask(judge, batch, way)) for judge, batch, way in self._batches()]
        readings = [_reading(judge, batch, await turn) for judge, batch, turn in asked]
        self._made_of += [turn.id for _, _, turn in asked]
        replies = [assessed(one.id, one.seats[0], readings, self._criteria) for one in self._replies]
        answer = self._answer and (
            next((one for one in replies if one.turn == self._answer.id), None)
            if self._is_own
            else assessed(self._answer.id, "", readings, self._criteria)
        )
        notes = (*self._notes, *faults(readings, self._criteria))
        for note in notes:
            self._run.note(note)
        found = Assessment(
            criteria=tuple(self._criteria), proposed=proposed, replies=tuple(replies), answer=answer or None, notes=notes
        )
        self._run.record_found(Found(assessment=found), self._made_of)

    def _batches(self) -> list[tuple[Agent, list[_Shown], str]]:
        """Who reads what, in which order: one's own left out, and what is left twice unless it is one reply."""
        everything = [*self._replies, *([self._answer] if self._answer is not None and not self._is_own else [])]
        found: list[tuple[Agent, list[_Shown], str]] = []
        for judge in self._judges:
            batch = [one for one in everything if judge.seat not in one.seats]
            self._run.rng("order", judge.seat).shuffle(batch)
            ways = [("ahead", batch), ("reverse", batch[::-1])] if len(batch) > 1 else [("ahead", batch)]
            found += [(judge, order, way) for way, order in ways if order]
        return found

    def _ask(self, judge: Agent, batch: Sequence[_Shown], way: str) -> PendingTurn:
        return self._run.say(
            judge,
            sees=[(one.turn, "criticised") for one in batch if one.turn is not None],
            prompt=partial(_prompt, self._run, judge, batch, self._criteria, way),
            form=reply_formats.criteria_scores([one.id for one in batch], self._criteria),
            detail=way,
        )


def _answers(turn: Turn) -> bool:
    """Whether a position answers the question, and does not only judge two texts that do."""
    return turn.answer is not None and turn.found.scores is None


def _reply(position: PendingTurn, panel: Panel) -> _Shown:
    """A seat's reply as judges read it: without its list of claims, which the final answer does not have."""
    words = position.turn.words
    found = listed(words) if panel.claims else None
    return _Shown(position.id, (position.seat,), found.prose if found is not None and found.prose.strip() else words, position)


def _final(run: Run, decision: Decision | None, said: Sequence[PendingTurn]) -> tuple[_Shown | None, bool]:
    """The final answer, and whether it is one of the replies."""
    if decision is None or decision.winner is None:
        return None, False
    for position in said:
        if _is(position.turn.answer, decision):
            return _Shown(position.id, (position.seat,), position.turn.words, position), True
    decided = [turn.id for turn in run.course.turns if turn.decision == decision]
    recorded = of_record(run, decided[-1:])
    return _Shown(decided[-1] if decided else "answer", (), decision.winner, recorded[0] if recorded else None), False


def _is(answer: Answer | None, decision: Decision) -> bool:
    return answer is not None and answer.value == decision.value


def _reading(judge: Agent, batch: Sequence[_Shown], turn: Turn) -> Reading:
    found = turn.found
    scored: Mapping[str, Mapping[str, float]] = (found.scored or {}) if turn.status == "said" else {}
    return Reading(judge.seat, tuple(one.id for one in batch), scored, found.notes if turn.status == "said" else ())


def _prompt(
    run: Run, judge: Agent, batch: Sequence[_Shown], criteria: Sequence[Criterion], way: str, told: str
) -> tuple[Message, ...]:
    lines = [f"{one.name}{f': {one.description}' if one.description else ''}" for one in criteria]
    quotes = [Quote("Criteria", "\n".join(lines))]
    quotes += [Quote(f"Reply {letter}", one.text) for letter, one in zip(LETTERS, batch, strict=False)]
    return prompts.ask(judge.card, run.posed, told, run.quote(quotes, judge.seat, way, rounds=False))
