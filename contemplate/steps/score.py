"""`score`: how good each position is, or how sure of it its author is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import exp, fsum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.errors import InputError
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.types import Logprobs, Message, Turn
from contemplate.voting import weights

Measure = Literal["probability", "mean", "lowest-group", "bottom", "tail"]
By = Literal["verifier", "yes-no", "percent", "p-true"] | Measure

MEASURES: tuple[str, ...] = ("probability", "mean", "lowest-group", "bottom", "tail")
"""What needs no call: it is read off the log-probabilities of the replies themselves."""

_ALTERNATIVES = 20
"""How many tokens may stand in the place of "yes"."""


class Score(Step):
    """Each position with an answer gets a number; `select` and `vote` go by it. More is better.

    By a "verifier": an outsider reads one reply, without a name, and scores it from `low` to `high`. By its author, in a
    follow-up question in its own conversation: "yes-no" (1 or 0), "percent" (0 to 1), or "p-true", the probability of the
    token that says yes. By the log-probabilities of the reply itself, without a call: its "probability", normalised by
    length, or DeepConf's trace confidence ("mean", "lowest-group", the "bottom" tenth of the groups, "tail").

    A position whose scoring failed has no score.

    Attributes:
        by: who, or what, scores.
        agent: the card of the verifier, or of the author when it is asked.
        of: "each" position, or the first one of each "distinct" answer, whose score holds for all that gave it.
        times: how many samples are averaged, where there are calls.
        low, high: a verifier's scale.
        window: tokens in a group, and in the tail.

    References:
        arXiv:2110.14168 (verifiers), arXiv:2502.06233 (what authors say), arXiv:2508.15260 (trace confidence).
    """

    gives: ClassVar[tuple[Product, ...]] = ("scores",)

    do: Literal["score"] = "score"
    by: By = "verifier"
    agent: str | None = None
    of: Literal["each", "distinct"] = "each"
    times: Annotated[int, Field(ge=1, le=1000)] = 1
    low: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    high: Annotated[float, Field(gt=0, le=1e6)] = 10.0
    window: Annotated[int, Field(ge=1, le=1_000_000)] = weights.WINDOW

    @model_validator(mode="after")
    def _a_scale(self) -> Score:
        if self.low >= self.high:
            msg = f"the scale from {self.low:g} to {self.high:g} is empty: 'low' must be below 'high'"
            raise ValueError(msg)
        return self

    @property
    def logprobs_wanted(self) -> int:
        """The number of likeliest tokens to be reported at each position of a reply."""
        return _ALTERNATIVES if self.by == "p-true" else 0

    @property
    def needs(self) -> Mapping[str, Product]:
        """Log-probabilities, where it goes by them."""
        return {"by": "logprobs"} if self.by in MEASURES else {}

    @property
    def cards(self) -> tuple[str, ...]:
        """The card of the scorer, if one is asked."""
        return () if self.by in MEASURES else (self._card,)

    @property
    def _card(self) -> str:
        return self.agent or ("scorer" if self.by == "verifier" else "self-assessor")

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Score the positions, once all are there."""
        if self.by in MEASURES:
            for position in panel.positions:
                logprobs_of(run, await position)
            await run.answered(panel.positions)
            return replace(panel, scores=self._measured(run, panel.positions), scored_by=())
        answer_groups = (
            await run.answer_groups(panel.positions)
            if self.of == "distinct"
            else [[p] for p in await run.answered(panel.positions)]
        )
        asked = [[self._ask(run, group[0], number) for number in range(1, self.times + 1)] for group in answer_groups]
        scores: dict[str, float] = {}
        for group, scorings in zip(answer_groups, asked, strict=True):
            found = [score for scoring in scorings if (score := await self._read(run, scoring)) is not None]
            if found:
                scores |= dict.fromkeys((position.id for position in group), fsum(found) / len(found))
        return replace(panel, scores=scores, scored_by=tuple(scoring for scorings in asked for scoring in scorings))

    def _measured(self, run: Run, positions: Sequence[PendingTurn]) -> dict[str, float]:
        measured = {}
        for position in positions:
            logprobs = logprobs_of(run, position.turn)
            if logprobs is not None and position.turn.answer is not None:
                measured[position.id] = measure(logprobs, self.by, self.window)
        return measured

    # --- asking -----------------------------------------------------------------------------------

    def _ask(self, run: Run, target: PendingTurn, number: int) -> PendingTurn:
        again = f"-{number}" if self.times > 1 else ""
        detail = f"of-{target.seat}{again}" if self.by == "verifier" else again.removeprefix("-")
        agent = self._agent(run, target)
        prompt = partial(self._prompt, run, agent, target)
        return run.say(agent, sees=[(target, "criticised")], prompt=prompt, form=self._form, detail=detail)

    def _agent(self, run: Run, target: PendingTurn) -> Agent:
        if self.by == "verifier":
            return run.outsider(self._card)
        author = target.agent
        assert author is not None  # noqa: S101 - a position is somebody's
        agent = replace(run.seat(self._card, author.number), models=(target.turn.model or author.models[0],))
        return replace(agent, logprobs=self.logprobs_wanted or None)

    @property
    def _form(self) -> ReplyFormat:
        match self.by:
            case "verifier":
                return reply_formats.score(self.low, self.high)
            case "percent":
                return reply_formats.score(0, 100)
            case _:
                return reply_formats.sure(alone=self.by == "p-true")

    def _prompt(self, run: Run, agent: Agent, target: PendingTurn, told: str) -> tuple[Message, ...]:
        if self.by != "verifier":
            return prompts.follow_up(run.asked(target.turn), target.turn.text or "", agent.card, told)
        material = run.quote([Quote("Reply", target.turn.words)], target.id, rounds=False)
        return prompts.ask(agent.card, run.posed, told, material)

    async def _read(self, run: Run, scoring: PendingTurn) -> float | None:
        turn = await scoring
        if self.by == "p-true":
            logprobs = logprobs_of(run, turn)
            return None if logprobs is None else p_true(logprobs)
        score = turn.found.score
        return score / 100 if score is not None and self.by == "percent" else score


def logprobs_of(run: Run, turn: Turn) -> Logprobs | None:
    """The log-probabilities of a turn that said something; None if it failed.

    Raises:
        InputError: its model gives none.
    """
    if turn.failure is not None and turn.failure.kind == "unsupported":
        raise InputError(f"scores can't be read from log-probabilities: {turn.failure.message}")
    completion = run.completion(turn)
    if completion is None:
        return None
    if completion.logprobs is None:
        raise InputError(f"{turn.model} gives no log-probabilities, and the step {turn.step} was to be scored by them")
    return completion.logprobs


def measure(logprobs: Logprobs, by: str, window: int) -> float:
    """One of `MEASURES` of a reply."""
    match by:
        case "probability":
            return weights.sequence_probability(logprobs.chosen)
        case "mean":
            return weights.mean_confidence(logprobs.confidence)
        case "bottom":
            return weights.bottom_groups(logprobs.confidence, window)
        case "tail":
            return weights.tail_confidence(logprobs.confidence, window)
        case _:
            return weights.lowest_group(logprobs.confidence, window)


def p_true(logprobs: Logprobs) -> float:
    """The probability that the first token of a reply says yes, however it is written, in [0, 1]."""
    said = [logprob for token, logprob in logprobs.first.items() if token.strip(" \n\t\"'*.").casefold() == "yes"]
    return min(1.0, fsum(map(exp, said)))
