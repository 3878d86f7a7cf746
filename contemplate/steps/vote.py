"""`vote`: the panel's answers are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from math import inf
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Failed, Panel, Product, Step, Teaching, gives_up, standing
from contemplate.steps.deciding import choose
from contemplate.steps.testimony import believed
from contemplate.steps.voters import Voters, filled_in, one_each, raw_weights, scaled
from contemplate.types import Ballot, Decision, Value
from contemplate.voting import RULES, TieRule, find_rule, rule_names

POSTERIOR = "posterior"
"""The rule that takes votes and verdicts as evidence, each as reliable as it was learned to be."""

EVIDENCE = "evidence"
"""The rule that weighs first votes, final votes and verification."""

_BEST = "best"
"""The rule by which the one position of most weight decides, the first of equals."""

_OWN = (EVIDENCE, POSTERIOR, _BEST)
"""The rules that go by more than ballots."""


class Weighing(Value):
    """The weight of each kind of evidence under the rule `evidence`, relative to the others; 0 leaves one out.

    Attributes:
        first: the share of the first, independent votes.
        final: the share of the votes after the discussion.
        verification: the share of the verifications passed. With as much weight as both votes together, a minority of two
            in five that alone survives one verification wins, and one in five that alone survives four.
    """

    first: Annotated[float, Field(ge=0, le=1000)] = 1.0
    final: Annotated[float, Field(ge=0, le=1000)] = 1.0
    verification: Annotated[float, Field(ge=0, le=1000)] = 2.0


class Vote(Step):
    """Counts each seat's position as its vote; where positions were revised, the first ones are counted too.

    Both votes stand in the trace, so that it can be seen what the discussion changed. Where seats have filled in ballots
    (`rank`), these are counted instead. Where one position was chosen over all others (`select`), there is nothing to count.

    What a seat's vote weighs is known to the rules that go by weight, as "weighted" does: nothing but 1 ("equal"); its stated
    "confidence"; the "score" of its position; the probability of its reply, normalised by length ("logprob"); or the
    reliability of its model that was "learned" from other questions, which seats of one model share, since copies are
    no independent witnesses. The rule "best" takes the position of most weight, and under a rule that goes by heads the
    `top` of them alone vote. Ballots may weigh the "consistency" of their author's model: how often in the ledger it chose the
    same in both orders of what it compared (`contemplate.voting.reliability.both_orders`), shared by seats likewise.

    The rule "posterior" takes votes as evidence, and the verdicts that `gather`, `critique` and `verify` brought, each for as
    much as was learned of who gave it; where nothing was learned it is plurality (`contemplate.voting.witnesses.believe`).

    Attributes:
        rule: how votes are counted; `contemplate list rules` says which there are.
        threshold: the share that a supermajority needs, in (1/2, 1].
        ties: how a tie for the first place is broken: at "random" by the seed, "first-seen" in seat order,
            not at all ("none"), or by the "judge" that comes after.
        failed: a seat whose last turn failed "abstains", or "keeps" the answer that it gave before, if it gave one;
            "keeps-unless-unread" tells a call that failed, or a reply that was cut off, from one that can't be read. Of a
            failed ballot the same is true where the rule takes a choice; where it takes a ranking, an approval or points the seat
            abstains, since one answer is none of these.
        weighing: what counts how much under the rule `evidence`.
        voters: what the weight of a vote is.
        temperature: weights become a softmax at this temperature: high is plain voting, near 0 the surest decides alone.
        recalibrate: stated confidence is rescaled by ReConcile's steps (arXiv:2309.13007).
        top: how many of the positions of most weight vote, under a rule that goes by heads.
        floor: under the rule `posterior`, how likely the winner must be, in [0, 1]: below it there is no answer.
    """

    gives: ClassVar[tuple[Product, ...]] = ("decision",)

    do: Literal["vote"] = "vote"
    rule: str = "plurality"
    threshold: Annotated[float, Field(gt=0.5, le=1)] | None = None
    ties: TieRule = "random"
    failed: Failed = "abstains"
    weighing: Weighing = Weighing()
    voters: Voters = "equal"
    temperature: Annotated[float, Field(gt=0, le=1e6)] | None = None
    recalibrate: bool = False
    top: Annotated[int, Field(ge=1, le=1000)] | None = None
    floor: Annotated[float, Field(ge=0, le=1)] = 0.0

    @field_validator("rule")
    @classmethod
    def _known(cls, rule: str) -> str:
        if rule not in {*RULES, *_OWN} and rule not in (known := (*rule_names(), *_OWN)):
            near = get_close_matches(rule, known, n=1)
            msg = f"unknown rule {rule!r}{f'; did you mean {near[0]!r}?' if near else ''} (allowed: {', '.join(known)})"
            raise ValueError(msg)
        return rule

    @model_validator(mode="after")
    def _weighs(self) -> Vote:
        problem = self._misweighed()
        if self.recalibrate and self.voters != "confidence":
            problem = problem or f"'recalibrate' is for 'voters: confidence', not '{self.voters}'"
        if self.recalibrate and self.temperature is not None:
            problem = problem or "give either 'recalibrate' or 'temperature'"
        if self.floor and self.rule != POSTERIOR:
            problem = problem or f"a 'floor' is for the rule {POSTERIOR!r}, whose confidence is a chance, not for {self.rule!r}"
        if problem:
            raise ValueError(problem)
        return self

    def _misweighed(self) -> str | None:
        """The reason why rule and voters don't go together; None if they do."""
        if self.voters == "equal":
            given = [name for name in ("temperature", "recalibrate", "top") if getattr(self, name)]
            if given or self.rule == _BEST:
                what = f"'{given[0]}'" if given else f"the rule {_BEST!r}"
                return f"{what} needs 'voters' that differ: confidence, score, logprob or learned"
        elif self.rule in {EVIDENCE, POSTERIOR}:
            how = " ('weighing')" if self.rule == EVIDENCE else ", learned of witnesses"
            return f"the rule {self.rule!r} has weights of its own{how}: it takes no 'voters'"
        elif self.voters == "consistency" and (self.temperature or self.top or self.rule == _BEST):
            return "'voters: consistency' weighs ballots: it takes neither 'temperature' nor 'top', nor the rule 'best'"
        elif self._by_heads and self.top is None:
            heads = f"the rule {self.rule!r} goes by heads, so 'voters: {self.voters}' means nothing"
            return f"{heads}: use 'weighted', or give 'top'"
        return None

    @property
    def needs(self) -> Mapping[str, Product]:
        """The products that the weights are read from."""
        wanted: dict[str, Product] = {
            "score": "scores",
            "logprob": "logprobs",
            "confidence": "confidence",
            "consistency": "ballots",
        }
        return {"voters": wanted[self.voters]} if self.voters in wanted else {}

    @property
    def learns(self) -> bool:
        """Where votes weigh what was learned."""
        return bool(self.taught - {"witnesses"})

    @property
    def taught(self) -> frozenset[Teaching]:
        """How far models agree with each other or judges with themselves, where votes weigh that; or what witnesses are worth."""
        if self.rule == POSTERIOR:
            return frozenset({"witnesses"})
        teachings: Mapping[Voters, Teaching] = {"learned": "agreement", "consistency": "consistency"}
        return frozenset({teachings[self.voters]} if self.voters in teachings else ())

    @property
    def _by_heads(self) -> bool:
        return self.rule not in _OWN and not find_rule(self.rule).weighted

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Wait for every position, count, and put the decisions on record."""
        if panel.chosen is not None:
            return panel
        if self.rule == _BEST:
            return await self._best(run, panel)
        if self.rule == POSTERIOR:
            return await self._believe(run, panel)
        revised = panel.first is not panel.positions
        if not (revised or panel.ballots or (self.rule == EVIDENCE and panel.verified)):
            return replace(panel, decision=await self._count(run, panel, panel.positions, ""))
        final = await standing(panel, self.failed)
        first = await self._count(run, panel, panel.first, "first") if revised else None
        if self.rule == EVIDENCE:
            if first is None:
                await run.vote(panel.first, self._votes, "first")
            weights = self.weighing.model_dump()
            decision = await run.weigh(panel.first, final, panel.verified, weights, self.ties, "final")
        elif panel.ballots:
            decision = await self._count_ballots(run, panel.ballots, final)
        else:
            decision = await self._count(run, panel, final, "final")
        return replace(panel, positions=final, first_decision=first, decision=decision)

    async def _count_ballots(self, run: Run, filled: Sequence[PendingTurn], positions: Sequence[PendingTurn]) -> Decision:
        """Count what seats filled in, one ballot for each of them."""
        given = [(await turn, await self._ballot(run, turn, positions)) for turn in filled]
        seats = [turn.seat for turn in filled]
        reverses = [turn for index, turn in enumerate(filled) if turn.seat in seats[:index]]
        return await run.count(one_each(run, self.voters, given), self._votes, "final", reverses)

    async def _ballot(self, run: Run, ballot: PendingTurn, positions: Sequence[PendingTurn]) -> Ballot:
        """What a seat filled in; where that failed, perhaps the answer that it keeps, which is a choice but no ranking."""
        turn = await ballot
        own = next((position for position in positions if position.seat == turn.seat), None)
        if own is None or turn.failure is None or gives_up(turn, self.failed) or find_rule(self.rule).form != "choice":
            return filled_in(run, turn)
        return Ballot(seat=turn.seat, turn=own.id, answer=(await own).answer)

    async def _count(self, run: Run, panel: Panel, positions: Sequence[PendingTurn], detail: str) -> Decision:
        """Count the answers of `positions`, each with its weight."""
        if self.voters == "equal":
            return await run.vote(positions, self._votes, detail)
        raw = await raw_weights(run, self.voters, positions, panel.scores, recalibrate=self.recalibrate)
        if self.top is not None and self._by_heads:
            best = sorted(raw, key=lambda index: -raw[index])[: self.top]
            voting = [position for index, position in enumerate(positions) if index in best]
            return await run.vote(voting, self._votes, detail)
        weights = scaled(raw, self.temperature)
        ballots = [
            Ballot(seat=turn.seat, turn=turn.id, answer=turn.answer, weight=weights.get(index, 0.0))
            for index, turn in enumerate([await position for position in positions])
        ]
        return await run.count(ballots, self._votes, detail, panel.scored_by if self.voters == "score" else ())

    async def _believe(self, run: Run, panel: Panel) -> Panel:
        """Decide for the likeliest answer, given the votes and what was said of them."""
        final = await standing(panel, self.failed)
        first = await self._count(run, panel, panel.first, "first") if panel.first is not panel.positions else None
        detail = "" if first is None else "final"
        decision = await believed(run, final, panel.verdicts, ties=self.ties, floor=self.floor, detail=detail)
        return replace(panel, positions=final, first_decision=first, decision=decision)

    async def _best(self, run: Run, panel: Panel) -> Panel:
        """The position of most weight decides; the most common answer where nothing has a weight."""
        alive = await run.answered(panel.positions)
        raw = await raw_weights(run, self.voters, alive, panel.scores, recalibrate=self.recalibrate)
        if not raw:
            return replace(panel, decision=await run.vote(panel.positions, Counting(ties=self.ties)))
        best = max(range(len(alive)), key=lambda index: raw.get(index, -inf))
        return await choose(run, panel, alive[best], _BEST, panel.scored_by if self.voters == "score" else ())

    @property
    def _votes(self) -> Counting:
        """The way to count bare votes."""
        rule = "plurality" if self.rule in {EVIDENCE, POSTERIOR} else self.rule
        return Counting(rule=rule, threshold=self.threshold, ties=self.ties)
