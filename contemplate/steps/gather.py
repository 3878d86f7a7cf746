"""`gather`: seats answer one after the other, and what is asked next is what can be expected to tell most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Cards, Panel, Step, Teaching, from_name, names_of
from contemplate.steps.critique import Critique, outside
from contemplate.steps.propose import Propose
from contemplate.steps.testimony import Testimony, testimony
from contemplate.steps.verify import Verify
from contemplate.types import AnswerKind
from contemplate.voting.stopping import Predictive, Samples, Settled, fewest
from contemplate.voting.witnesses import Offer, best_next, known_worth, posterior, witness_name

TRIED: frozenset[AnswerKind] = frozenset({"number", "math", "date"})
"""The kinds of answers for which programs are tried before anything is known of them."""

_WITH_REPAIR = 2
"""The calls that a program may take: one that fails is asked for once more."""


class Gather(Step):
    """Seats answer, each alone, until their vote is settled or the calls are spent; each call is the one that tells most.

    At first that is an answer, and as long as nothing is known of anybody it stays so: the step is then self-consistency that
    stops when its vote is settled, with as many seats more as the recipe's `calls_per_seat` allows for. Where it was learned
    that a critic tells right from wrong, one more verdict on a standing answer may tell more than one more answer, and where
    programs are known, one of them: what is asked is what can be expected to leave least doubt for its tokens
    (`contemplate.voting.witnesses.best_next`). A critic who is not known is not asked.

    Programs may be tried before anything tells them apart from chains of thought: they are half of a model's answers then, or
    fewer where one takes more tokens than a chain, so that both take as many; their votes count like any other. The first that
    brings no answer ends that for its model, and none is asked for where the calls would not do for its repair, too.

    The vote that comes next takes all of it as evidence by the rule `posterior`.

    Attributes:
        agent: the card, or several that the seats take in turn.
        seats: how many answer at first, at most; the recipe's `calls_per_seat` times as many calls may be made in all, or as
            many as there are seats if it says nothing.
        until: the stop test over the vote.
        sure: where a critic can be asked, how likely the leading answer must be, too, before the vote is settled, in [0, 1].
        verdicts: of critics that were "learned" to be worth it, or "none".
        verifier: the card under which bare answers are verified.
        critic: the card under which whole replies are audited.
        programs: those that were "learned" to be worth it; or they are "tried" as long as nothing tells them apart from chains,
            where the answer is a number, an expression or a date; or "none".
        programmer: the card that writes them.
        standing: how many answers, the likeliest, can be judged.
        trials: verdicts of each card on each standing answer that are asked for at the end whatever they are worth, so that this
            can be learned; 0 for none.
    """

    needs_positions: ClassVar[bool] = False
    moves: ClassVar[bool] = True
    runs_programs: ClassVar[bool] = True

    do: Literal["gather"] = "gather"
    agent: Cards = "proposer"
    seats: Annotated[int, Field(ge=1, le=1000)] = 5
    until: Annotated[Settled, BeforeValidator(from_name)] = Predictive()
    sure: Annotated[float, Field(ge=0, le=1)] = 0.95
    verdicts: Literal["learned", "none"] = "learned"
    verifier: str = "verifier"
    critic: str = "critic"
    programs: Literal["tried", "learned", "none"] = "learned"
    programmer: str = "programmer"
    standing: Annotated[int, Field(ge=1, le=100)] = 3
    trials: Annotated[int, Field(ge=0, le=100)] = 0

    @property
    def panel_size(self) -> int | None:
        """The number of seats at first."""
        return self.seats

    @property
    def stop_test(self) -> Settled | None:
        """The stop test over the vote."""
        return self.until

    @property
    def judges(self) -> tuple[str, ...]:
        """The cards of those who pass verdicts."""
        return (self.verifier, self.critic) if self.verdicts == "learned" or self.trials else ()

    @property
    def optional_cards(self) -> frozenset[str]:
        """The programmer's card: where programs can't be run, or can't print the answer, there are none."""
        return frozenset({self.programmer} if self.programs != "none" else ())

    @property
    def cards(self) -> tuple[str, ...]:
        """The proposers' cards, and those of everybody else who may be asked."""
        return (*names_of(self.agent), *self.judges, *sorted(self.optional_cards))

    @property
    def taught(self) -> frozenset[Teaching]:
        """What witnesses are worth."""
        return frozenset({"witnesses"})

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask until it is settled."""
        gathered = await _Gathering(self, run).gather()
        positions = panel.with_positions(gathered.positions)
        stopped = self.until.test if gathered.settled else None
        return replace(positions, cap=gathered.cap, verdicts=gathered.verdicts, stopped=stopped)


@dataclass(frozen=True)
class _Call:
    """A call that could be made.

    Attributes:
        offer: what it is worth is reckoned from.
        card: who is asked.
        seat: the number of the seat.
        model: of the seat.
        about: the position that is judged; None for an answer.
    """

    offer: Offer
    card: str
    seat: int
    model: str
    about: PendingTurn | None = None


@dataclass
class _Gathering:
    """The step at work.

    Attributes:
        positions: the answers, in the order in which they were asked for.
        asked: the call of each.
        verdicts: on them.
        settled: whether the vote is.
        cap: how many answers there might have been.
    """

    step: Gather
    run: Run
    positions: list[PendingTurn] = field(default_factory=list)
    asked: list[_Call] = field(default_factory=list)
    verdicts: dict[str, tuple[PendingTurn, ...]] = field(default_factory=dict)
    settled: bool = False
    cap: int = 0

    async def gather(self) -> _Gathering:
        """Make calls until the vote is settled, the calls are spent, or the budget is."""
        heard = await self._hear()
        while not self.run.spent():
            if not heard.groups and len(self.positions) - len(self._failed_programs()) >= self.step.seats:
                await self.run.answered(self.positions)  # nobody has: going on would be in vain
            draws = self._draws(heard)
            judging = self._judging(heard)
            if not draws.left:
                break
            self.settled = self.step.until.settled(draws) and not (judging and self._doubted(heard))
            if self.settled:
                break
            await self._ask(heard, draws, judging)
            heard = await self._hear()
        await self.run.answered(self.positions)
        await self._try_out(heard)
        return self

    async def _hear(self) -> Testimony:
        return await testimony(self.run, self.positions, self.verdicts)

    @property
    def _made(self) -> list[PendingTurn]:
        """All that was asked."""
        return [*self.positions, *(verdict for each in self.verdicts.values() for verdict in each)]

    def _draws(self, heard: Testimony) -> Samples:
        """The answers as draws, of which there may be as many more as there are calls left."""
        self.cap = len(self.positions) + self._left
        return Samples(tuple(heard.answer_of(position) for position in self.positions), self.cap, self.run.seed)

    @property
    def _left(self) -> int:
        """How many calls may still be made."""
        left = self.run.left
        if left is None:
            left = self.step.seats - sum(max(len(pending.turn.calls), 1) for pending in self._made)
        return max(left, 0)

    def _doubted(self, heard: Testimony) -> bool:
        return max(posterior(heard.evidence, self.run.knowledge)[:-1], default=0.0) < self.step.sure

    # --- what could be asked --------------------------------------------------------------------------

    def _answering(self) -> list[_Call]:
        """One more answer of each model, the seat whose turn it is first; and a program of each whose programs are known."""
        models, free = self.run.models, self._free_seats()
        next_of: dict[str, int] = {}
        while len(next_of) < len({*models}):
            number = next(free)
            next_of.setdefault(models[(number - 1) % len(models)], number)
        calls = [self._next_answer(number, (), self._left) for number in next_of.values()]
        if self._runs_programs and self._left >= _WITH_REPAIR:
            programs = [self._answer(self.step.programmer, number) for number in next_of.values()]
            calls += [call for call in programs if self._known_worth(call.model) > 0]
        return calls

    def _next_answer(self, seat: int, ahead: Sequence[_Call], left: int) -> _Call:
        """The answer of a seat: a chain of thought, or where programs are tried and one is due, a program.

        Args:
            seat: its number.
            ahead: what is asked side by side with it, in the seats before it.
            left: how many calls it may take; a program may need a repair.
        """
        names = names_of(self.step.agent)
        chain = self._answer(names[(seat - 1) % len(names)], seat)
        if not (self._tries_programs and left >= _WITH_REPAIR and self._program_is_due(chain.model, ahead)):
            return chain
        known = self._known_worth(chain.model) != 0 or chain.model in self._failed_programs()
        return chain if known else self._answer(self.step.programmer, seat)

    def _program_is_due(self, model: str, ahead: Sequence[_Call]) -> bool:
        """Whether programs had fewer of a model's answers than chains of thought, and no more of its tokens."""
        took = [*(position.turn.tokens.total for position in self.positions), *(call.offer.tokens for call in ahead)]
        sizes = [
            (call.card == self.step.programmer, tokens)
            for call, tokens in zip((*self.asked, *ahead), took, strict=True)
            if call.model == model
        ]
        programs, chains = ([tokens for by_program, tokens in sizes if by_program is wanted] for wanted in (True, False))
        return len(programs) < len(chains) and sum(programs) <= sum(chains)

    @property
    def _runs_programs(self) -> bool:
        return self.step.programs != "none" and self.run.card(self.step.programmer) is not None

    @property
    def _tries_programs(self) -> bool:
        """Whether programs are asked for as long as nothing tells them from chains of thought."""
        return self._runs_programs and self.step.programs == "tried" and self.run.question.kind in TRIED

    def _known_worth(self, model: str) -> float:
        """The worth of a program of a model as far as it was learned: above 0 if it is worth a call, below if it is not."""
        program, knowledge = witness_name(model, self.step.programmer), self.run.knowledge
        if self._tries_programs:
            return known_worth(program, witness_name(model), knowledge)
        return float(program in knowledge.members)

    def _failed_programs(self) -> list[str]:
        """The model of each program that brought no answer."""
        programs = [
            (call.model, position)
            for call, position in zip(self.asked, self.positions, strict=True)
            if call.card == self.step.programmer
        ]
        return [model for model, position in programs if position.turn.answer is None]

    def _free_seats(self) -> Iterator[int]:
        """The numbers of the seats that have not answered, without end."""
        taken = {position.seat for position in self.positions}
        return (number for number in count(1) if f"seat-{number}" not in taken)

    def _answer(self, card: str, seat: int) -> _Call:
        model = self.run.models[(seat - 1) % len(self.run.models)]
        name = witness_name(model, card if card == self.step.programmer else "")
        return _Call(Offer(kind="sample", witness=name, tokens=self._tokens(card, model)), card, seat, model)

    def _judging(self, heard: Testimony) -> list[_Call]:
        """A verdict of each critic who is known to be worth it, on each of the likeliest answers."""
        if self.step.verdicts == "none":
            return []
        known = self.run.knowledge.critics
        worth = {name for name, critic in known.items() if critic.rates is not None}
        if not worth:
            return []
        chances = posterior(heard.evidence, self.run.knowledge)
        likeliest = sorted(range(len(heard.groups)), key=lambda answer: -chances[answer])[: self.step.standing]
        return [
            _Call(
                Offer(kind="verdict", witness=name, about=answer, tokens=self._tokens(card, model)), card, seat, model, group[0]
            )
            for answer in likeliest
            for group in [heard.groups[answer]]
            for card in self.step.judges
            for model, seat in self._outsiders(group).items()
            if (name := witness_name(model, card)) in worth
        ]

    def _outsiders(self, group: Sequence[PendingTurn]) -> dict[str, int]:
        """For each model the seat of it that is best suited to judge an answer."""
        panel, models = Panel(positions=tuple(self.positions)), self.run.models
        found: dict[str, int] = {}
        for number in outside(group, panel, models):
            found.setdefault(models[(number - 1) % len(models)], number)
        return found

    def _tokens(self, card: str, model: str) -> float:
        """What a call of a model in a role took so far on average, or where there was none, what any took."""
        turns = [pending.turn for pending in self._made]
        own = [turn.tokens.total for turn in turns if turn.card == card and turn.model == model]
        sizes = own or [turn.tokens.total for turn in turns] or [1]
        return max(sum(sizes) / len(sizes), 1)

    # --- what is asked --------------------------------------------------------------------------------

    async def _ask(self, heard: Testimony, draws: Samples, judging: Sequence[_Call]) -> None:
        """Make the call that tells most; or several side by side, as long as answers are all that is asked for."""
        answering = self._answering()
        if not self.positions or (not judging and self._all_alike(answering)):
            first = self.step.seats - len(self.positions)
            await self._sample(min(fewest(self.step.until, draws), first) if first > 0 else fewest(self.step.until, draws))
            return
        calls = [*answering, *judging]
        offer = best_next(heard.evidence, self.run.knowledge, [call.offer for call in calls])
        call = next((call for call in calls if call.offer == offer), answering[0])
        if call.about is None:
            self._lay_out([call])
        else:
            self._judge(call.card, call.seat, call.about)
        await self._over()

    def _all_alike(self, answering: Sequence[_Call]) -> bool:
        """Whether nothing tells one answer that could be asked for from another."""
        return not any(call.offer.witness in self.run.knowledge.members for call in answering) or len(answering) == 1

    async def _sample(self, number: int) -> None:
        """Ask so many seats side by side, in turn; each may take the calls that those behind it don't need."""
        free, left = self._free_seats(), self._left
        calls: list[_Call] = []
        for behind in reversed(range(number)):
            calls.append(self._next_answer(next(free), calls, left - behind))
            left -= _WITH_REPAIR if calls[-1].card == self.step.programmer else 1
        self._lay_out(calls)
        await self._over()

    def _lay_out(self, calls: Sequence[_Call]) -> None:
        propose = Propose(agent=self.step.agent)
        self.positions += propose.lay_out(self.run, [self.run.seat(call.card, call.seat) for call in calls])
        self.asked += calls

    def _judge(self, card: str, seat: int, about: PendingTurn) -> None:
        """Lay out a verdict."""
        before = self.verdicts.get(about.id, ())
        again = f"-{len(before) + 1}" if before else ""
        judge = self.run.seat(card, seat)
        if card == self.step.verifier:
            verdict = Verify(agent=card).ask_one(self.run, about, judge, f"of-{about.seat}{again}")
        else:
            verdict = Critique(agent=card).ask_one(self.run, about, judge, f"on-{about.seat}{again}")
        self.verdicts[about.id] = (*before, verdict)

    async def _over(self) -> None:
        """Wait for all that was laid out."""
        for pending in self._made:
            await pending

    async def _try_out(self, heard: Testimony) -> None:
        """Have each standing answer judged, to learn what the verdicts are worth, as far as the calls go."""
        wanted: Counter[int] = Counter()
        for _ in range(self.step.trials):
            for card in self.step.judges:
                for number, group in enumerate(heard.groups[: self.step.standing]):
                    if not self.run.spent() and self.run.affords(1):
                        panel = Panel(positions=tuple(self.positions))
                        judges = outside(group, panel, self.run.models)
                        self._judge(card, judges[wanted[number] % len(judges)], group[0])
                        wanted[number] += 1
        await self._over()
