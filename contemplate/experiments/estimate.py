"""The estimate of what an experiment takes: each strategy is rehearsed on a few of its questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contemplate.errors import InputError
from contemplate.experiments.arms import Arm
from contemplate.experiments.judging.contest import judge_of
from contemplate.experiments.judging.matches import judged_questions
from contemplate.experiments.judging.pairing import pairings
from contemplate.models.budget import Budget
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.rehearsal import REPLY_TOKENS, Cast, agreeing, differing, exceeded
from contemplate.types import Question, Tokens

if TYPE_CHECKING:
    from contemplate.experiments.experiment import Experiment

_REHEARSED = 3


@dataclass(frozen=True)
class Expected:
    """The calls and tokens that one strategy takes for all its questions.

    Attributes:
        calls: where all agree, and where everybody says something else.
        tokens: the same, prompts and replies.
        usd: the same; None where a price is not known.
    """

    strategy: str
    panel: str
    calls: tuple[float, float]
    tokens: tuple[float, float]
    usd: tuple[float, float] | None


@dataclass(frozen=True)
class CostEstimate:
    """The estimate for an experiment, samples that strategies share counted for each of them.

    Attributes:
        expected: for each strategy, and for the judge of a plan with pairwise judging; baselines with as many calls, and what the
            judge says of them, are left out, as their number is not known yet.
        runs: how many cells there are.
    """

    expected: tuple[Expected, ...]
    runs: int

    @property
    def calls(self) -> tuple[float, float]:
        """All calls, at least and at most."""
        return _sum([one.calls for one in self.expected])

    @property
    def tokens(self) -> tuple[float, float]:
        """All tokens."""
        return _sum([one.tokens for one in self.expected])

    @property
    def usd(self) -> tuple[float, float] | None:
        """All US dollars; None where a price is not known."""
        known = [one.usd for one in self.expected if one.usd is not None]
        return _sum(known) if len(known) == len(self.expected) else None

    def check(self, budget: Budget) -> None:
        """Refuse an experiment that would pass its budget even if all agents agreed.

        Raises:
            InputError: with the estimate.
        """
        for name, (least, most), cap in exceeded(budget, calls=self.calls, tokens=self.tokens, usd=self.usd):
            raise InputError(
                f"budget: {name}: the plan takes about {least:,.6g} to {most:,.6g}, and the budget is {cap:,}; "
                "raise it, or ask fewer questions (nothing was called)"
            )


async def estimate(experiment: Experiment) -> CostEstimate:
    """Rehearse an experiment.

    Each strategy works on the first questions twice with scripted agents: once they all agree, once each says something else.
    Their replies are taken to be `REPLY_TOKENS` tokens long; prompts are the real ones.
    """
    runs = experiment.size // max(len(experiment.arms), 1)
    questions = [_unlabelled(question) for one in experiment.asked for question in one.questions][:_REHEARSED]
    expected = [await _expected(experiment, one, questions, runs) for one in experiment.arms]
    judging = await _judging(experiment)
    return CostEstimate((*expected, *judging), experiment.size)


async def _judging(experiment: Experiment) -> list[Expected]:
    """What pairwise judging takes: nothing where all answers are the same, else both orders of every pair; none without it."""
    if experiment.plan.pairwise is None:
        return []
    judge, runner = judge_of(experiment), experiment.orchestrator.runner
    pairs = pairings(experiment.plan.pairwise, experiment.arms)
    card = runner.catalogue.card(experiment.plan.pairwise.card)
    questions = judged_questions(experiment.asked)
    calls = 2 * len(pairs) * experiment.plan.repeats
    read = sum((len(question.text) + len(card.instruction)) // 4 + 2 * REPLY_TOKENS for question in questions)
    tokens = Tokens(prompt=calls * read, completion=calls * len(questions) * REPLY_TOKENS)
    price = await runner.price(judge)
    usd = None if price is None else (0.0, price.usd(tokens))
    name = f"pairwise judge ({len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'})"
    return [Expected(name, judge, (0, calls * len(questions)), (0, tokens.prompt + tokens.completion), usd)]


async def _expected(experiment: Experiment, arm: Arm, questions: Sequence[Question], runs: int) -> Expected:
    found = []
    settings = experiment.orchestrator.settings.model_copy(update={"model": {}, "limits": {}})  # a script is called at once
    for agents in (agreeing(), differing()):
        cast = Cast.playing(agents)
        async with Orchestrator(["m"], backend=cast.backend, ledger=":memory:", settings=settings) as stage:
            stage.catalogue = experiment.orchestrator.catalogue
            for question in questions:
                await stage.runner.run_or_load(arm.plan(stage, experiment.plan, question, 1), f"rehearsal-{question.id}")
        found.append(cast)
    prices = {
        model: await experiment.orchestrator.runner.price(model)
        for cast in found
        for model in {call.model for call in cast.asked}
    }
    share = runs / len(questions)
    least, most = sorted(found, key=lambda cast: len(cast.asked))
    cheap, dear = least.usd(prices), most.usd(prices)
    return Expected(
        arm.label,
        arm.panel,
        (share * len(least.asked), share * len(most.asked)),
        (share * least.tokens, share * most.tokens),
        None if cheap is None or dear is None else (share * cheap, share * dear),
    )


def _unlabelled(question: Question) -> Question:
    """A question without labels of privacy: a script hears it, which is part of this process and has no label."""
    documents = tuple(document.model_copy(update={"privacy": "any"}) for document in question.documents)
    attachments = tuple(one.model_copy(update={"privacy": "any"}) for one in question.attachments)
    return question.model_copy(update={"privacy": "any", "documents": documents, "attachments": attachments})


def _sum(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)
