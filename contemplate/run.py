"""A run: what a step may touch while it lays out turns."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from contemplate.agent import Agent
from contemplate.answers import answer_form
from contemplate.errors import QuorumError
from contemplate.seeds import rng
from contemplate.trace import Clock, Sight
from contemplate.turns import Pending, Prompt, Read, Said, Sees, Work, record, speak
from contemplate.types import Ballot, Decision, Question, Turn
from contemplate.voting import TieRule, decide

__all__ = ["Counting", "Pending", "Prompt", "Read", "Run", "Said", "Sees", "Work"]


@dataclass(frozen=True)
class Counting:
    """How a vote is counted; see the step `vote`."""

    rule: str = "plurality"
    threshold: float | None = None
    ties: TieRule = "random"


@dataclass(frozen=True)
class Run:
    """A run, seen from one place of its recipe.

    Attributes:
        work: what the steps share.
        step: number and verb of the step being laid out, as "2.revise".
        number: the number of the next leaf step, counted depth first from 1.
        rounds: the passes of the enclosing `repeat` steps, outermost first.
    """

    work: Work
    step: str = ""
    number: int = 1
    rounds: tuple[int, ...] = ()

    def at(self, number: int, verb: str) -> Run:
        """This run, seen from the leaf step of that number."""
        return replace(self, number=number, step=f"{number}.{verb}")

    def in_round(self, number: int) -> Run:
        """This run, inside the pass `number` of a `repeat`."""
        return replace(self, rounds=(*self.rounds, number))

    @property
    def question(self) -> Question:
        """The problem."""
        return self.work.question

    @property
    def answer_form(self) -> str:
        """The demand for the final line of this question's kind."""
        return answer_form(self.question)

    def rng(self, *path: str | int) -> random.Random:
        """Random choices for a place in this step, the same in every replay."""
        return rng(self.work.seed, self.step, *self.rounds, *path)

    # --- agents ---------------------------------------------------------------------------------------

    def seat(self, card: str, number: int) -> Agent:
        """The panel's seat `number` (from 1), playing `card`; models are taken in turn."""
        models = self.work.models
        return self._agent(card, f"seat-{number}", models[(number - 1) % len(models)])

    def seats(self, cards: str | Sequence[str], count: int) -> list[Agent]:
        """The panel's first `count` seats playing `cards`, taken in turn."""
        names = [cards] if isinstance(cards, str) else list(cards)
        return [self.seat(names[number % len(names)], number + 1) for number in range(count)]

    def outsider(self, card: str) -> Agent:
        """A role outside of the panel (a judge, a synthesizer), on the first model."""
        return self._agent(card, card, self.work.models[0])

    def _agent(self, name: str, seat: str, model: str) -> Agent:
        card = self.work.cards[name]
        wanted = card.models or (model, *(other for other in self.work.fallbacks if other != model))
        return Agent(seat=seat, card=card, models=wanted, sampling=card.sampling(self.work.sampling(wanted[0])))

    # --- turns ----------------------------------------------------------------------------------------

    def say(self, agent: Agent, *, sees: Sees, prompt: Prompt, read: Read, detail: str = "") -> Pending:
        """Lay out a turn. It speaks the moment that all it sees is over; whoever reads it awaits it.

        Args:
            agent: who speaks.
            sees: the turns whose words it needs, and how it uses them.
            prompt: its messages, made when those are there.
            read: what to read from the reply.
            detail: tells apart several turns of one seat in one step.
        """
        number = self.work.draws[agent.card.name, agent.models[0]]
        self.work.draws[agent.card.name, agent.models[0]] += 1
        outline = self._outline(agent.seat, detail, card=agent.card.name, model=agent.models[0], draw=number)
        pending = Pending(outline, agent)
        self._lay_out(outline, [(other.id, kind) for other, kind in sees])
        self.work.tasks.start_soon(speak, self.work, pending, sees, prompt, read)
        return pending

    def decide(self, decision: Decision, counted: Sequence[str], detail: str = "") -> None:
        """Put a decision over the turns `counted` on record: a turn that is no message."""
        outline = self._outline("", detail, decision=decision)
        self._lay_out(outline, [(other, "counted") for other in counted])
        now = self.work.elapsed
        record(self.work, outline, Clock(started=now, ended=now))

    async def vote(self, positions: Sequence[Pending], how: Counting, detail: str = "") -> Decision:
        """Count the answers of `positions`, once all are there, and put the decision on record."""
        turns = [await position for position in positions]
        return self._count([Ballot(seat=turn.seat, turn=turn.id, answer=turn.answer) for turn in turns], how, detail)

    def vote_of_last_words(self, seats: Sequence[str]) -> Decision:
        """Count what each seat said last, whatever was still to come: the best answer of a run that is cut short."""
        said = self.work.trace.positions()
        ballots = [Ballot(seat=seat, turn=said[seat][-1].id, answer=said[seat][-1].answer) for seat in seats if seat in said]
        silent = [Ballot(seat=seat, turn="") for seat in seats if seat not in said]
        return self._count([*ballots, *silent], Counting(), "")

    def _count(self, ballots: Sequence[Ballot], how: Counting, detail: str) -> Decision:
        work = self.work
        decision = decide(ballots, rule=how.rule, threshold=how.threshold, ties=how.ties, quorum=work.quorum, seed=work.seed)
        self.decide(decision, [ballot.turn for ballot in ballots if ballot.turn], detail)
        return decision

    async def live(self, positions: Sequence[Pending]) -> list[Pending]:
        """Those of `positions` that said an answer, in seat order, once all are over.

        Raises:
            QuorumError: fewer than the recipe's quorum, so that going on would be in vain.
        """
        alive = [position for position in positions if (await position).answer is not None]
        if len(alive) < self.work.quorum:
            failures = Counter(p.turn.failure.kind for p in positions if p.turn.failure)
            why = ", ".join(f"{count} x {kind}" for kind, count in failures.most_common())
            msg = (
                f"{len(alive)} of {len(positions)} seats gave an answer, the quorum is {self.work.quorum} ({why or 'cancelled'})"
            )
            raise QuorumError(msg)
        return alive

    def _lay_out(self, outline: Turn, sees: Sequence[Sight]) -> None:
        self.work.trace.lay_out(outline.id, sees)
        self.work.check_replayed()

    def _outline(
        self, seat: str, detail: str, *, card: str = "", model: str = "", draw: int = 0, decision: Decision | None = None
    ) -> Turn:
        rounds = ".".join(map(str, self.rounds))
        turn_id = "/".join(part for part in (self.step, rounds, seat, detail) if part)
        return Turn(
            id=turn_id,
            step=self.step,
            verb=self.step.partition(".")[2],
            round=self.rounds[-1] if self.rounds else 0,
            seat=seat,
            card=card,
            model=model,
            draw=draw,
            decision=decision,
        )
