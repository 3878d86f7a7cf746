"""A run: what a step may touch while it lays out turns."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contemplate.agents.agent import Agent
from contemplate.agents.card import Card
from contemplate.agents.prompts import Posed, Quote, quoted
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.answers import classes
from contemplate.deprecated import renamed
from contemplate.errors import QuorumError
from contemplate.run.ballots import Counting, answers_on, ballot_of
from contemplate.run.equivalence import EQUIVALENCE, find_equal
from contemplate.run.focus import READER
from contemplate.run.pending import PendingTurn, Prompt, Sees
from contemplate.run.state import RunState
from contemplate.run.turns import drop, keep, record, speak, speak_many
from contemplate.seeds import rng
from contemplate.trace.clock import Clock, Sight
from contemplate.trace.course import Course
from contemplate.trace.events import Noted
from contemplate.types import Answer, Ballot, Completion, Decision, Found, Message, Question, Turn
from contemplate.voting import TieRule, decide, weigh
from contemplate.voting.witnesses import Knowledge

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace


@dataclass(frozen=True)
class Run:
    """A run, seen from one place of its recipe.

    Attributes:
        state: what the steps share.
        step: number and verb of the step being laid out, as "2.revise".
        number: the number of the next leaf step, counted depth first from 1.
        rounds: the passes of the enclosing `repeat` steps, outermost first.
    """

    state: RunState
    step: str = ""
    number: int = 1
    rounds: tuple[int, ...] = ()

    def at(self, number: int, verb: str) -> Run:
        """The run, seen from the leaf step of that number."""
        return replace(self, number=number, step=f"{number}.{verb}")

    def in_round(self, number: int) -> Run:
        """The run, inside the pass `number` of a `repeat`."""
        return replace(self, rounds=(*self.rounds, number))

    @property
    def question(self) -> Question:
        """The problem."""
        return self.state.config.question

    @property
    def posed(self) -> Posed:
        """The problem, with the way in which its documents are quoted."""
        return Posed(self.state.config.question, self.state.config.quoting, self.state.refinement)

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self.state.config.seed

    @property
    def quorum(self) -> int:
        """The number of seats that must give a readable answer."""
        return self.state.config.quorum

    @property
    def models(self) -> tuple[str, ...]:
        """The models that the seats take in turn."""
        return self.state.config.models

    @property
    def reliability(self) -> Mapping[str, float]:
        """The weight of each model's vote, as far as it was learned."""
        return self.state.config.reliability

    @property
    def consistency(self) -> Mapping[str, float]:
        """The weight of each model as a judge, as far as it was learned."""
        return self.state.config.consistency

    @property
    def knowledge(self) -> Knowledge:
        """What is known of members and critics."""
        return self.state.config.knowledge

    @property
    def found_equal(self) -> frozenset[frozenset[str]]:
        """The pairs of canonical values that were found to mean the same, though their forms differ."""
        return frozenset(self.state.equal)

    @property
    def trace(self) -> Trace:
        """The trace so far."""
        from contemplate.trace.trace import Trace

        return Trace.over(self.state.trace)

    @property
    def course(self) -> Course:
        """The same turns, without what makes them a graph."""
        return self.state.trace

    def rng(self, *path: str | int) -> random.Random:
        """Random choices for `path` in this step, the same in every replay."""
        return rng(self.state.config.seed, self.step, *self.rounds, *path)

    def quote(self, quotes: Sequence[Quote], *path: str, rounds: bool = True) -> str:
        """`quotes` between marks that no words in them can hold: they hang on the run's secret, this step, and `path` in it.

        Args:
            quotes: what is shown.
            path: tells apart what is shown in one step, as the reader's seat.
            rounds: whether the round counts, too. The marks are part of the prompt, and so of its key in the ledger.
        """
        return quoted(quotes, self.state.config.quoting, self.step, *(map(str, self.rounds) if rounds else ()), *path)

    def card(self, name: str) -> Card | None:
        """The role of that name; None if the run has none."""
        return self.state.config.cards.get(name)

    # --- agents ---------------------------------------------------------------------------------------

    def seat(self, card: str, number: int) -> Agent:
        """The panel's seat `number` (from 1), playing `card`; models are taken in turn."""
        return self.state.agent(card, f"seat-{number}", self.state.config.model_of(number))

    def seats(self, cards: str | Sequence[str], count: int) -> list[Agent]:
        """The panel's first `count` seats playing `cards`, taken in turn."""
        names = [cards] if isinstance(cards, str) else list(cards)
        return [self.seat(names[number % len(names)], number + 1) for number in range(count)]

    def outsider(self, card: str, number: int = 1) -> Agent:
        """A role outside of the panel (a judge, a synthesizer); `number` from 1 takes the models in turn."""
        models = self.state.config.models
        return self.state.agent(card, card, models[(number - 1) % len(models)])

    def played_by(self, card: str, model: str) -> Agent:
        """A role outside of the panel, played by one model."""
        return self.state.agent(card, card, model)

    # --- turns ----------------------------------------------------------------------------------------

    def say(
        self, agent: Agent, *, sees: Sees = (), prompt: Prompt, form: ReplyFormat, detail: str = "", spare: bool = False
    ) -> PendingTurn:
        """Lay out a turn. It speaks the moment that all it sees is over; whoever reads it awaits it.

        Args:
            agent: who speaks.
            sees: the turns whose words it needs, and how it uses them.
            prompt: its messages, made when those are there.
            form: what its reply must hold.
            detail: tells apart several turns of one seat in one step.
            spare: it may turn out not to be needed: `keep` or `drop` it.
        """
        pending = self._pending(agent, detail, spare=spare)
        self._lay_out(pending.outline, [(other.id, kind) for other, kind in sees])
        self.state.tasks.start_soon(speak, self.state, pending, sees, prompt, form)
        return pending

    def say_many(
        self,
        agents: Sequence[Agent],
        *,
        prompt: Callable[[Agent], Prompt],
        form: ReplyFormat | Callable[[Agent], ReplyFormat],
        spare: bool = False,
    ) -> list[PendingTurn]:
        """Lay out turns that see nothing, one for each of `agents`; `form` may hang on their card.

        Those of one card and model ask the same, and share requests where the endpoint gives several samples for one; not for
        programs, whose authors may each be asked once more.
        """
        pendings = [self._pending(agent, "", spare=spare) for agent in agents]
        groups: dict[tuple[str, tuple[str, ...]], list[PendingTurn]] = {}
        for agent, pending in zip(agents, pendings, strict=True):
            self._lay_out(pending.outline, [])
            groups.setdefault((agent.card.name, agent.models), []).append(pending)
        for group in groups.values():
            first = group[0].agent
            assert first is not None  # noqa: S101 - as made above
            shared = form if isinstance(form, ReplyFormat) else form(first)
            apart = self.state.dealt is not None and self.state.dealt.apart
            alone = apart or shared.program is not None or any(one.agent and self._has_tools(one.agent) for one in group)
            if len(group) > 1 and self.state.shares_requests and not alone:
                self.state.tasks.start_soon(speak_many, self.state, group, prompt(first), shared)
                continue
            for pending in group:
                assert pending.agent is not None  # noqa: S101 - as made above
                self.state.tasks.start_soon(speak, self.state, pending, (), prompt(pending.agent), shared)
        return pendings

    def _has_tools(self, agent: Agent) -> bool:
        plan = self.state.config.tools
        return bool(plan) and bool(plan.of(agent.card.name, agent.seat))

    def _pending(self, agent: Agent, detail: str, *, spare: bool) -> PendingTurn:
        outline = self._outline(agent.seat, detail, card=agent.card.name, model=agent.models[0])
        return PendingTurn(self.state.numbered(outline), agent, spare=spare)

    def keep(self, spares: Sequence[PendingTurn]) -> None:
        """Keep those of `spares` that are over: they are needed."""
        for spare in spares:
            keep(self.state, spare)

    def drop(self, spares: Sequence[PendingTurn]) -> None:
        """Cancel all of `spares`, none of which is needed, and do not wait."""
        for spare in spares:
            drop(self.state, spare)

    def spent(self) -> bool:
        """Whether the budget is, so that nothing more should be laid out."""
        return self.state.spent()

    def affords(self, turns: int) -> bool:
        """Whether so many turns more stay within what the recipe allows for each seat (`calls_per_seat`)."""
        left = self.left
        return left is None or turns <= left

    @property
    def left(self) -> int | None:
        """The number of turns that the recipe still allows for, at least 0; None if it sets no bound."""
        state = self.state
        if state.config.allowance is None:
            return None
        laid_out = sum(count for (card, _), count in state.draws.items() if card not in {EQUIVALENCE, READER})
        return max(state.config.allowance - laid_out - state.repairs, 0)

    def record_decision(self, decision: Decision, counted: Sequence[str], detail: str = "", found: Found | None = None) -> None:
        """Put a decision over the turns `counted` on record, and what else was found: a turn that is no message."""
        outline = self._outline("", detail, decision=decision).model_copy(update={"found": Found.model_validate(found or {})})
        self._put_on_record(outline, counted)

    def record_found(self, found: Found, counted: Sequence[str], detail: str = "", text: str | None = None) -> None:
        """Put what was found out from the turns `counted` on record, and in words: a turn that is no message."""
        self._put_on_record(self._outline("", detail).model_copy(update={"found": found, "text": text}), counted)

    def put_forward(self, answer: Answer, detail: str, text: str | None = None) -> PendingTurn:
        """Put an answer on record that nobody gave, or a whole reply: a turn without an author, which others can be shown."""
        outline = self._outline("", detail).model_copy(update={"text": text or answer.text, "answer": answer})
        self._put_on_record(outline, ())
        pending = PendingTurn(outline)
        pending.finish(outline)
        return pending

    def _put_on_record(self, outline: Turn, counted: Sequence[str]) -> None:
        self._lay_out(outline, [(other, "counted") for other in counted])
        record(self.state, outline, Clock.made(started=self.state.elapsed, ended=self.state.elapsed))

    async def vote(self, positions: Sequence[PendingTurn], how: Counting, detail: str = "") -> Decision:
        """Count the answers of `positions`, once all are there, and put the decision on record."""
        return await self.count([ballot_of(await position) for position in positions], how, detail)

    async def count(
        self, ballots: Sequence[Ballot], how: Counting, detail: str = "", also: Sequence[PendingTurn] = ()
    ) -> Decision:
        """Count `ballots`, and put the decision on record; `also` are turns that their weights came from."""
        await self.equal([answer for ballot in ballots for answer in answers_on(ballot)])
        return self._count(ballots, how, detail, [turn.id for turn in also])

    async def weigh(
        self,
        first: Sequence[PendingTurn],
        final: Sequence[PendingTurn],
        passed: Mapping[str, float],
        weights: Mapping[str, float],
        ties: TieRule,
        detail: str = "",
    ) -> Decision:
        """Weigh first votes, final votes and verification (`contemplate.voting.weigh`), and put the decision on record."""
        before = self.present([ballot_of(await position) for position in first])
        after = self.present([ballot_of(await position) for position in final])
        await self.equal([answer for ballot in (*before, *after) for answer in answers_on(ballot)])
        state = self.state
        decision = weigh(
            before,
            after,
            passed,
            weights=weights,
            quorum=state.config.quorum,
            ties=ties,
            seed=state.config.seed,
            judged=state.equal,
        )
        self.record_decision(decision, list(dict.fromkeys(ballot.turn for ballot in (*before, *after))), detail)
        return decision

    def asked(self, turn: Turn) -> tuple[Message, ...]:
        """The messages that a turn's agent was asked with first; none where nothing was asked."""
        return self.state.asked(turn)

    def completion(self, turn: Turn) -> Completion | None:
        """The completion of a turn's first call that asked for no tools, whole; None where nothing came."""
        return None if (call := turn.answering) is None else self.state.replies[call.key].completion

    def present(self, ballots: Sequence[Ballot]) -> list[Ballot]:
        """The ballots of the seats that are not left out of a fork."""
        return self.state.config.changes.present(ballots)

    def note(self, message: str) -> None:
        """Something that a watcher should know and no turn says."""
        self.state.services.emit(Noted(message))

    def vote_of_last_words(self, seats: Sequence[str]) -> Decision:
        """Count what each seat said last, whatever was still to come: the best answer of a run that is cut short."""
        said = self.state.trace.positions()
        ballots = [Ballot(seat=seat, turn=said[seat][-1].id, answer=said[seat][-1].answer) for seat in seats if seat in said]
        silent = [Ballot(seat=seat, turn="") for seat in seats if seat not in said]
        return self._count([*ballots, *silent], Counting(), "")

    def _count(self, ballots: Sequence[Ballot], how: Counting, detail: str, also: Sequence[str] = ()) -> Decision:
        state = self.state
        decision = decide(
            self.present(ballots),
            rule=how.rule,
            threshold=how.threshold,
            ties=how.ties,
            quorum=state.config.quorum,
            seed=state.config.seed,
            judged=state.equal,
        )
        self.record_decision(decision, [*(ballot.turn for ballot in ballots if ballot.turn), *also], detail)
        return decision

    async def answered(self, positions: Sequence[PendingTurn]) -> list[PendingTurn]:
        """The positions among `positions` with an answer, in seat order, once all are over.

        Raises:
            QuorumError: fewer than the recipe's quorum, so that going on would be in vain.
        """
        alive = [position for position in positions if (await position).answer is not None]
        if len(alive) < self.quorum:
            failures = Counter(p.turn.failure.kind for p in positions if p.turn.failure)
            why = ", ".join(f"{count} x {kind}" for kind, count in failures.most_common())
            msg = f"{len(alive)} of {len(positions)} seats gave an answer, the quorum is {self.quorum} ({why or 'cancelled'})"
            raise QuorumError(msg)
        return alive

    async def answer_groups(self, positions: Sequence[PendingTurn]) -> list[list[PendingTurn]]:
        """The live ones of `positions`, grouped by their answer; groups and members in seat order.

        Raises:
            QuorumError: as `answered` does.
        """
        return await self.groups(await self.answered(positions))

    async def groups(self, positions: Sequence[PendingTurn]) -> list[list[PendingTurn]]:
        """The positions among `positions` with an answer, grouped by it."""
        said = [position for position in positions if (await position).answer is not None]
        found = [position.turn.answer for position in said if position.turn.answer is not None]
        indices, _ = classes(found, await self.equal(found))
        groups: dict[int, list[PendingTurn]] = {}
        for position, index in zip(said, indices, strict=True):
            groups.setdefault(index, []).append(position)
        return list(groups.values())

    async def equal(self, answers: Sequence[Answer]) -> frozenset[frozenset[str]]:
        """The pairs of canonical values that mean the same though their forms differ, as far as that was found out."""
        return await find_equal(self, answers)

    if not TYPE_CHECKING:
        __getattr__ = renamed(
            {"live": "answered", "camps": "answer_groups", "decide": "record_decision", "say_alike": "say_many"}
        )

    def _lay_out(self, outline: Turn, sees: Sequence[Sight]) -> None:
        self.course.lay_out(outline.id, sees)
        if self.state.replay is not None:
            self.state.replay.check(self.course)

    def _outline(self, seat: str, detail: str, *, card: str = "", model: str = "", decision: Decision | None = None) -> Turn:
        rounds = ".".join(map(str, self.rounds))
        turn_id = "/".join(part for part in (self.step, rounds, seat, detail) if part)
        return Turn.made(
            id=turn_id,
            step=self.step,
            verb=self.step.partition(".")[2],
            round=self.rounds[-1] if self.rounds else 0,
            seat=seat,
            card=card,
            model=model,
            decision=decision,
        )
