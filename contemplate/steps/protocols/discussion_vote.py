"""`discussion-vote`: a discussion in turns, and any of ten ways to come to a decision (arXiv:2502.19130)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.agents.reply_formats import BallotFormat
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Failed, Panel, Product, Step, standing
from contemplate.steps.deciding import follow_ruling
from contemplate.steps.judge import Judge
from contemplate.steps.rank import Own, Rank
from contemplate.steps.synthesize import Synthesize
from contemplate.steps.vote import Vote
from contemplate.types import Decision, EdgeKind, Message
from contemplate.voting import TieRule

Rule = Literal[
    "majority", "supermajority", "unanimity", "hybrid", "simple", "ranked", "cumulative", "approval", "judge", "summary"
]

_CONSENSUS = ("majority", "supermajority", "unanimity")
_PERCENT = {"majority": 50, "supermajority": 66, "unanimity": 100, "hybrid": 66}
_BALLOTS: dict[str, tuple[BallotFormat, str]] = {
    "hybrid": ("choice", "plurality"),
    "simple": ("choice", "plurality"),
    "ranked": ("ranking", "borda"),
    "cumulative": ("points", "cumulative"),
    "approval": ("approval", "approval"),
}


@dataclass
class _Talk:
    """The discussion so far.

    Attributes:
        said: every statement, in the order of the talk.
        latest: each seat's last statement, by its number.
        standing: the statement that put up the solution on the table.
        backers: the seats that have agreed with it since, its author among them.
    """

    said: list[PendingTurn] = field(default_factory=list)
    latest: dict[int, PendingTurn] = field(default_factory=dict)
    standing: PendingTurn | None = None
    backers: dict[int, PendingTurn] = field(default_factory=dict)

    async def open(self, run: Run, drafts: Sequence[PendingTurn]) -> None:
        """Begin with a draft of everybody: the answer that most of them hold is on the table, the first one of equals."""
        self.said = list(drafts)
        self.latest = dict(enumerate(drafts, 1))
        held = max(await run.groups(drafts), key=len, default=[])
        self.standing = held[0] if held else None
        self.backers = {number: draft for number, draft in self.latest.items() if draft in held}

    async def add(self, run: Run, number: int, statement: PendingTurn) -> None:
        """Take in a statement: it agrees with the solution on the table, or puts up its own instead."""
        self.said.append(statement)
        self.latest[number] = statement
        turn = await statement
        if turn.answer is None:
            return
        agrees = self.standing is not None and turn.found.agrees
        if self.standing is not None and agrees is None:
            agrees = len(await run.groups([self.standing, statement])) == 1
        if agrees:
            self.backers[number] = statement
        else:
            self.standing, self.backers = statement, {number: statement}

    @property
    def positions(self) -> tuple[PendingTurn, ...]:
        """Each seat's last statement, in seat order."""
        return tuple(self.latest[number] for number in sorted(self.latest))


class DiscussionVote(Step):
    """Agents discuss in turns of one statement each; a consensus ends it, or from turn `vote_from` on a vote.

    Each statement agrees with the solution on the table or puts up another. Under a consensus rule it is over as soon as, all
    having spoken, enough agents stand behind the solution on the table: its author, and those who have agreed since. If none
    is found, that solution is the decision in the end, and the decision says so. Under any other rule each agent restates
    its final answer after the turn, equal ones are put together, and a vote, a judge or a summary decides; a tie, or a judge
    that is swayed by the order of the answers, means another turn.

    Attributes:
        rule: "majority" (50 %), "supermajority" (66 %) or "unanimity": consensus; "hybrid": a supermajority's consensus in the
            turns before `vote_from`, else a simple vote; "simple", "ranked", "cumulative", "approval": a vote; "judge": an
            outsider chooses, asked in both orders; "summary": an outsider writes the answer.
        seats: how many agents discuss.
        turns: the most turns.
        vote_from: the first turn that ends with a vote.
        drafts: "one": the first agent drafts and the others react; "all": everybody drafts alone in the first turn.
        shows: the whole "talk" so far, or only each agent's last "solutions".
        ties: how a tie is broken that is left after the last turn.
        own: whether an agent votes over its own final answer too, as for `rank`.
        failed: what becomes of an agent that fails to restate its final answer, as for `vote`: it may keep its last statement.
        drafter, discusser, restater, voter, judge, summarizer: the cards.

    References:
        arXiv:2502.19130.
    """

    needs_positions: ClassVar[bool] = False
    gives: ClassVar[tuple[Product, ...]] = ("decision",)
    was: ClassVar[Mapping[str, object]] = {"own": "include"}

    do: Literal["discussion-vote"] = "discussion-vote"
    rule: Rule = "simple"
    seats: Annotated[int, Field(ge=1, le=1000)] = 3
    turns: Annotated[int, Field(ge=1, le=1000)] = 10
    vote_from: Annotated[int, Field(ge=1, le=1000)] = 3
    drafts: Literal["one", "all"] = "one"
    shows: Literal["talk", "solutions"] = "talk"
    ties: TieRule = "random"
    own: Own = "exclude"
    failed: Failed = "abstains"
    drafter: str = "proposer"
    discusser: str = "discusser"
    restater: str = "restater"
    voter: str = "voter"
    judge: str = "judge"
    summarizer: str = "synthesizer"

    @model_validator(mode="after")
    def _comes_to_a_vote(self) -> Self:
        if self.rule not in _CONSENSUS and self.vote_from > self.turns:
            msg = f"the first vote, after turn {self.vote_from}, is never reached: there are at most {self.turns} turns"
            raise ValueError(msg)
        return self

    @property
    def panel_size(self) -> int | None:
        """The number of seats, as many as are given."""
        return self.seats

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards that the rule needs."""
        last = {"judge": self.judge, "summary": self.summarizer}.get(self.rule, self.voter)
        deciding = () if self.rule in _CONSENSUS else (self.restater, last)
        return (self.drafter, self.discusser, *deciding)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out turn after turn, until there is a decision."""
        talk = _Talk()
        for turn in range(1, self.turns + 1):
            here = run.in_round(turn)
            if await self._turn(here, talk, turn):
                return await self._agreed(here, panel, talk, f"{self.rule} consensus")
            if run.spent():
                break
            if turn >= self.vote_from and self.rule not in _CONSENSUS:
                after, reached = await self._vote(here, talk, last=turn == self.turns)
                if reached or turn == self.turns:
                    return replace(after, cap=self.seats)
        return await self._agreed(run, panel, talk, f"{self.rule} (no consensus: the solution on the table)")

    # --- the talk -------------------------------------------------------------------------------------

    async def _turn(self, run: Run, talk: _Talk, turn: int) -> bool:
        """One turn of the discussion; whether it ended in a consensus."""
        if turn == 1 and self.drafts == "all":
            await talk.open(run, [self._draft(run, number) for number in range(1, self.seats + 1)])
            return self._agree(talk, turn)
        for number in range(1, self.seats + 1):
            if run.spent():
                break
            statement = self._draft(run, number) if talk.standing is None else self._react(run, talk, number)
            await talk.add(run, number, statement)
            if self._agree(talk, turn):
                return True
        return False

    def _agree(self, talk: _Talk, turn: int) -> bool:
        """Whether enough agents stand behind the solution on the table, for a rule that goes by that."""
        if self.rule not in _PERCENT or (self.rule == "hybrid" and turn >= self.vote_from) or len(talk.latest) < self.seats:
            return False
        return talk.standing is not None and 100 * len(talk.backers) >= _PERCENT[self.rule] * self.seats

    def _draft(self, run: Run, number: int) -> PendingTurn:
        agent = run.seat(self.drafter, number)
        return run.say(agent, prompt=partial(prompts.ask, agent.card, run.posed), form=reply_formats.answer(run.question))

    def _react(self, run: Run, talk: _Talk, number: int) -> PendingTurn:
        agent = run.seat(self.discusser, number)
        prompt = partial(_prompt, run, agent, self._heard(talk), talk.standing)
        return run.say(agent, sees=self._sees(talk, number), prompt=prompt, form=reply_formats.stance(run.question))

    def _heard(self, talk: _Talk) -> list[PendingTurn]:
        return list(talk.said) if self.shows == "talk" else [turn for turn in talk.said if turn in talk.latest.values()]

    def _sees(self, talk: _Talk, number: int) -> list[tuple[PendingTurn, EdgeKind]]:
        heard = self._heard(talk)
        if talk.standing is not None and talk.standing not in heard:
            heard.append(talk.standing)
        return [(turn, "revised" if turn is talk.latest.get(number) else "saw") for turn in heard]

    # --- the decision ---------------------------------------------------------------------------------

    async def _agreed(self, run: Run, panel: Panel, talk: _Talk, name: str) -> Panel:
        """The solution on the table is the decision."""
        await run.answered(talk.positions)
        backers = [turn.id for turn in talk.backers.values()]
        answer = talk.standing.turn.answer if talk.standing else None
        decision = await follow_ruling(run, answer, talk.positions, name, backers)
        moved = replace(panel, positions=talk.positions, cap=self.seats, decision=decision)
        return replace(moved, stopped="agreement") if name.endswith(" consensus") else moved

    async def _vote(self, run: Run, talk: _Talk, *, last: bool) -> tuple[Panel, bool]:
        """Everybody restates its final answer, and these are decided on; whether that came to anything."""
        finals = [self._restate(run, talk, number) for number in range(1, self.seats + 1)]
        panel = Panel(positions=tuple(finals), earlier=(talk.positions,))
        panel = Panel(positions=await standing(panel, self.failed))
        ties: TieRule = self.ties if last else "none"
        if self.rule == "summary":
            return await Synthesize(agent=self.summarizer)(run, panel), True
        if self.rule == "judge":
            return await self._judged(run, panel, ties)
        form, rule = _BALLOTS[self.rule]
        panel = await Rank(agent=self.voter, form=form, own=self.own)(run, panel)
        panel = await Vote(rule=rule, ties=ties)(run, panel)
        return panel, _won(panel.decision)

    async def _judged(self, run: Run, panel: Panel, ties: TieRule) -> tuple[Panel, bool]:
        """The judge chooses between the final answers; all agreeing leaves it nothing to choose."""
        judged = await Judge(agent=self.judge, when="always")(run, panel)
        if judged.decision is None:
            return await Vote(ties=ties)(run, panel), True
        return judged, judged.decision.tie_break == "judge"

    def _restate(self, run: Run, talk: _Talk, number: int) -> PendingTurn:
        agent = run.seat(self.restater, number)
        prompt = partial(_prompt, run, agent, self._heard(talk), talk.standing)
        return run.say(
            agent, sees=self._sees(talk, number), prompt=prompt, form=reply_formats.answer(run.question), detail="final"
        )


def _won(decision: Decision | None) -> bool:
    return decision is not None and decision.winner is not None


def _prompt(run: Run, agent: Agent, heard: Sequence[PendingTurn], standing: PendingTurn | None, told: str) -> tuple[Message, ...]:
    """The prompt that shows the discussion, one's own words and the solution on the table marked."""
    quotes = []
    shown = [*heard, *([standing] if standing and standing not in heard else [])]
    for number, turn in enumerate([turn for turn in shown if turn.turn.answer is not None], 1):
        title = f"Statement {number}" + (", yours" if turn.seat == agent.seat else "")
        quotes.append(Quote(f"{title}: the solution on the table" if turn is standing else title, turn.turn.words))
    material = run.quote(quotes, agent.seat, agent.card.name)
    return prompts.ask(agent.card, run.posed, told, material)
