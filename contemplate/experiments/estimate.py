"""The estimate of what an experiment takes: each strategy is rehearsed on a few of its questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contemplate.errors import InputError
from contemplate.experiments.arms import Arm
from contemplate.experiments.judging.contest import judge_of
from contemplate.experiments.judging.matches import judged_questions
from contemplate.experiments.judging.pairing import pairings
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Budget
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.seeds import rng
from contemplate.types import Completion, Price, Question, Request, Tokens

if TYPE_CHECKING:
    from contemplate.experiments.experiment import Experiment

REPLY_TOKENS = 300
"""How long a reply is taken to be, in tokens."""

_REHEARSED = 3
_FILLER = "so "


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
        caps = [("calls", budget.calls, self.calls), ("tokens", budget.tokens, self.tokens), ("usd", budget.usd, self.usd)]
        for name, cap, needed in caps:
            if cap is not None and needed is not None and needed[0] > cap:
                raise InputError(
                    f"budget: {name}: the plan takes about {needed[0]:,.6g} to {needed[1]:,.6g}, and the budget is {cap:,}; "
                    "raise it, or ask fewer questions (nothing was called)"
                )


async def estimate(experiment: Experiment) -> CostEstimate:
    """Rehearse an experiment.

    Each strategy works on the first questions twice with scripted agents: once they all agree, once each says something else.
    Their replies are taken to be `REPLY_TOKENS` tokens long; prompts are the real ones.
    """
    runs = experiment.size // max(len(experiment.arms), 1)
    questions = [question for one in experiment.asked for question in one.questions][:_REHEARSED]
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
    settings = experiment.orchestrator.settings.model_copy(update={"model": {}})  # a script knows models by their labels
    for agents in (_agreeing, _differing):
        calls: list[Request] = []
        async with Orchestrator(
            ["m"], backend=ScriptedBackend(_noting(agents, calls)), ledger=":memory:", settings=settings
        ) as stage:
            stage.catalogue = experiment.orchestrator.catalogue
            for question in questions:
                await stage.runner.run_or_load(arm.plan(stage, experiment.plan, question, 1), f"rehearsal-{question.id}")
        found.append(calls)
    prices = {
        model: await experiment.orchestrator.runner.price(model) for calls in found for model in {call.model for call in calls}
    }
    share = runs / len(questions)
    least, most = sorted(found, key=len)
    usd = None
    if None not in prices.values():
        usd = (share * _usd(least, prices), share * _usd(most, prices))
    return Expected(
        arm.label,
        arm.panel,
        (share * len(least), share * len(most)),
        (share * sum(map(_tokens, least)), share * sum(map(_tokens, most))),
        usd,
    )


def _noting(agents: Callable[[Request], str], calls: list[Request]) -> Callable[[Request], Completion]:
    def say(request: Request) -> Completion:
        calls.append(request)
        return Completion(text=agents(request), tokens=Tokens(prompt=_prompt(request), completion=REPLY_TOKENS, estimated=True))

    return say


def _prompt(request: Request) -> int:
    return sum(len(message.text) for message in request.messages) // 4


def _tokens(request: Request) -> int:
    return _prompt(request) + REPLY_TOKENS


def _usd(calls: Sequence[Request], prices: dict[str, Price | None]) -> float:
    priced = [(prices[call.model], call) for call in calls]
    return sum(price.usd(Tokens(prompt=_prompt(call), completion=REPLY_TOKENS)) for price, call in priced if price is not None)


def _sum(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)


_SAID = "Score: 7\nConfidence: 70%\nChoice: A\nRanking: A, B, C\n[[3, 3, 3]]\nYes."


def _agreeing(request: Request) -> str:
    return f"{_FILLER * REPLY_TOKENS}\nAgree\nVerdict: sound\nVerdict: accept\n{_SAID}\n{_answer(request, 1)}"


def _differing(request: Request) -> str:
    number = rng(0, request.key).randrange(1, 10_000)
    return f"{_FILLER * REPLY_TOKENS}\nDisagree\nVerdict: flawed\nVerdict: reject\n{_SAID}\n{_answer(request, number)}"


def _answer(request: Request, number: int) -> str:
    """An answer, by a program where one is asked for."""
    program = f"```python\nprint({number})\n```\n" if "```python" in request.messages[-1].text else ""
    return f"{program}Answer: {number}"
