"""DeepConf: traces are filtered, and votes weighed, by how sure the model was of its own tokens.

References:
    arXiv:2508.15260.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import fsum
from typing import Annotated, ClassVar, Literal

import anyio
from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.steps.score import logprobs_of, measure
from contemplate.types import Ballot, Logprobs, Message
from contemplate.voting import TieRule, weights


class DeepConf(Step):
    """Sampling, filtering and the weighted vote in one; needs log-probabilities.

    "offline": all seats answer; the best `percent` per cent of the traces vote, equals of the last one too, each with its score.

    "online": of `warmup` whole traces the percentile of their lowest groups gives a threshold, and those that reach it vote.
    Then come further traces. One in which a full window falls below the threshold does not vote. Before each, sampling stops
    if the leading answer has the share `consensus` of all weight. Nothing is streamed here, so that a trace is judged when it
    is whole: the decision is the paper's, but the tokens that cutting a trace short would save are paid.

    Attributes:
        agent: the card of the seats.
        mode: "offline" or "online".
        seats: how many traces there are; online, the most.
        percent: how many per cent of the traces are good enough: 10 is the paper's "low", 90 its "high".
        measure: the score of a trace, offline; online it is its lowest group.
        window: tokens in a group, and in the tail.
        warmup: traces drawn before there is a threshold.
        consensus: the share of the weight that stops, in (0.5, 1].
        at_once: how many are in flight after the warm-up; what is not needed is cancelled, and may have been paid.
        logprobs: how many of the likeliest tokens a token's confidence is read from.
        ties: how a tie is broken.
    """

    needs_positions: ClassVar[bool] = False
    moves: ClassVar[bool] = True
    gives: ClassVar[tuple[Product, ...]] = ("scores", "decision")

    do: Literal["deepconf"] = "deepconf"
    agent: str = "proposer"
    mode: Literal["offline", "online"] = "online"
    seats: Annotated[int, Field(ge=1, le=1000)] = 256
    percent: Annotated[float, Field(gt=0, le=100)] = 90.0
    measure: Literal["mean", "lowest-group", "bottom", "tail"] = "lowest-group"
    window: Annotated[int, Field(ge=1, le=1_000_000)] = weights.WINDOW
    warmup: Annotated[int, Field(ge=1, le=1000)] = 16
    consensus: Annotated[float, Field(gt=0.5, le=1)] = 0.95
    at_once: Annotated[int, Field(ge=1, le=1000)] = 1
    logprobs: Annotated[int, Field(ge=1, le=20)] = 20
    ties: TieRule = "random"

    @property
    def panel_size(self) -> int | None:
        """The number of seats, as many as are given."""
        return self.seats

    @property
    def logprobs_wanted(self) -> int:
        """The number of likeliest tokens to be reported at each position of a reply."""
        return self.logprobs

    @property
    def cards(self) -> tuple[str, ...]:
        """The card of the seats."""
        return (self.agent,)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Sample, filter, and vote."""
        agents = [replace(agent, logprobs=self.logprobs) for agent in run.seats(self.agent, self.seats)]
        first = self.seats if self.mode == "offline" else min(self.warmup, self.seats)
        drawn = _Drawn(self._say(run, agents[:first]))
        for trace in drawn.traces:
            await self._read(run, drawn, trace)
        await run.answered(drawn.traces)
        scores = list(drawn.scores.values())
        threshold = weights.percentile(scores, 100 - self.percent) if scores else 0.0
        drawn.voters = {trace_id for trace_id, score in drawn.scores.items() if score >= threshold}
        settled = self.mode == "online" and await self._go_on(run, drawn, agents, threshold)
        panel = replace(
            panel.with_positions(drawn.traces), cap=self.seats, scores=drawn.scores, stopped="settled" if settled else None
        )
        return replace(panel, decision=await run.count(drawn.ballots(), Counting(rule="weighted", ties=self.ties)))

    def _say(self, run: Run, agents: Sequence[Agent], *, spare: bool = False) -> list[PendingTurn]:
        def prompt(agent: Agent) -> partial[tuple[Message, ...]]:
            return partial(prompts.ask, agent.card, run.posed)

        return run.say_many(agents, prompt=prompt, form=reply_formats.answer(run.question), spare=spare)

    async def _read(self, run: Run, drawn: _Drawn, trace: PendingTurn) -> Logprobs | None:
        """Score a trace, once it is there."""
        logprobs = logprobs_of(run, await trace)
        if logprobs is not None:
            by = self.measure if self.mode == "offline" else "lowest-group"
            drawn.scores[trace.id] = measure(logprobs, by, self.window)
        return logprobs

    async def _go_on(self, run: Run, drawn: _Drawn, agents: Sequence[Agent], threshold: float) -> bool:
        """Draw further traces until the vote is settled; whether it is."""
        warm = len(drawn.traces)
        spares: list[PendingTurn] = []
        settled = False
        try:
            while len(drawn.traces) < self.seats and not run.spent():
                settled = await drawn.consensus(run) >= self.consensus
                if settled:
                    break
                count = len(drawn.traces)
                spares += self._say(run, agents[warm + len(spares) : count + self.at_once], spare=True)
                trace = spares[count - warm]
                logprobs = await self._read(run, drawn, trace)
                run.keep([trace])
                drawn.traces.append(trace)
                if logprobs is not None and not self._is_cut(logprobs, threshold):
                    drawn.voters.add(trace.id)
        except anyio.get_cancelled_exc_class():
            run.keep(spares)
            raise
        run.drop(spares[len(drawn.traces) - warm :])
        return settled

    def _is_cut(self, logprobs: Logprobs, threshold: float) -> bool:
        """Whether a full window falls below the threshold; a trace shorter than a window never has one."""
        confidence = logprobs.confidence
        return len(confidence) >= self.window and weights.lowest_group(confidence, self.window) < threshold


@dataclass
class _Drawn:
    """The traces drawn so far.

    Attributes:
        scores: of those that came back, by id.
        voters: the ids of those that are good enough.
    """

    traces: list[PendingTurn]
    scores: dict[str, float] = field(default_factory=dict)
    voters: set[str] = field(default_factory=set)

    def ballots(self) -> list[Ballot]:
        """A vote for each trace, with its score as the weight; one that was filtered out abstains."""
        found = []
        for turn in (trace.turn for trace in self.traces):
            votes = turn.id in self.voters and turn.answer is not None
            weight = self.scores[turn.id] if votes else 1.0
            found.append(Ballot(seat=turn.seat, turn=turn.id, answer=turn.answer if votes else None, weight=weight))
        return found

    async def consensus(self, run: Run) -> float:
        """The share of the leading answer in the weight of all votes so far; 0 without any."""
        answer_groups = await run.groups([trace for trace in self.traces if trace.id in self.voters])
        weights = [fsum(self.scores[trace.id] for trace in group) for group in answer_groups]
        return max(weights) / fsum(weights) if weights and fsum(weights) else 0.0
