"""Every recipe on bad days: agents that say anything, calls that fail, a budget that runs out; and each has tests of its own."""

from __future__ import annotations

import random
from pathlib import Path

import anyio
import pytest

from contemplate import Budget, Completion, Orchestrator, Outcome, Question, Request, ScriptedBackend, Settings
from contemplate.catalogue import Catalogue
from contemplate.catalogue.recipe import dump, load
from contemplate.errors import RejectedError, UnreachableError
from contemplate.models.backends.scripted import Script
from contemplate.models.retry import Retry
from contemplate.types import Logprobs

NAMES = Catalogue().names("strategies")
QUESTION = Question(text="Which?", kind="choice", choices=("one", "other"))
BY_PROGRAM = Question(text="Is it so?", kind="boolean")
"""The question for recipes whose seats write programs."""
NUMBER = Question(text="How many?", kind="number")
"""The question for which the default tries programs."""
SMALLER = {"best-of-n": {"seats": 8}, "deepconf": {"seats": 24}, "verify-refine": {"runs": 3, "rounds": 8}}
"""What makes a run of some recipes short enough for many of them."""

SEEDS = pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 8), marks=pytest.mark.slow)], ids=str)

LINES = (
    *("Answer: A", "Answer: B", "Answer: A\nConfidence: 80%", "Answer: B\nConfidence: 10%", "Answer: C", "hm"),
    *("Verdict: sound", "Verdict: flawed", "Verdict: accept", "Verdict: reject", "yes", "no", "Agree", "Disagree"),
    *("Score: 7", "Score: 3", "Scores: 7, 4", "Value: sure", "Value: impossible", "[[5, 3]]"),
    *(
        "Choice: A",
        "Choice: B",
        "Choice: neither",
        "Ranking: B, A",
        "Approved: A",
        "Points: A 6, B 4",
        "1. do this\n2. do that",
        "",
    ),
)

PROGRAMS = tuple(
    f"```python\n{code}\n```"
    for code in ("print(True)", "print(7)", "print(3)", "print('no')", "print(1 / 0)", "print(", "open('x')", "1")
)


def anything(seed: int, failing: float = 0.0, longest: float = 0.0) -> Script:
    """Agents that each say a few lines drawn by chance, the same ones whenever they are asked the same; some calls fail.

    Each takes some time, up to `longest` seconds.
    """

    async def say(request: Request) -> Completion:
        draw = random.Random(f"{seed} {request.key}")
        await anyio.sleep(draw.random() * longest)
        if draw.random() < failing:
            raise RejectedError("no")
        probability = draw.uniform(-3, 0)
        logprobs = Logprobs(
            chosen=(probability,) * 3, confidence=(draw.uniform(0, 9),) * 3, first={"yes": probability, "no": -1.0}
        )
        lines = PROGRAMS if "Python program" in request.messages[-1].content else LINES
        return Completion(text="\n".join(draw.sample(lines, draw.randint(1, 4))), logprobs=logprobs if request.logprobs else None)

    return say


async def run(name: str, script: Script, budget: Budget | None = None, question: Question | None = None) -> Outcome:
    """A run of a recipe, which a replay repeats turn for turn."""
    settings = Settings(retry=Retry(attempts=1))
    async with Orchestrator(["m", "n"], backend=ScriptedBackend(script), ledger=":memory:", settings=settings) as orchestrator:
        question = question or (BY_PROGRAM if name.startswith("program-") else QUESTION)
        outcome = await orchestrator.solve(question, name, parameters=SMALLER.get(name), seed=3, budget=budget)
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference
    assert difference is None
    assert replayed.answer == outcome.answer
    return outcome


def holds_together(outcome: Outcome) -> None:
    """What is true of every outcome."""
    decision, trace = outcome.decision, outcome.trace
    said = {turn.answer.text for turn in trace.turns if turn.answer is not None}
    assert 0 <= outcome.confidence <= 1
    assert (outcome.answer is None) == (outcome.confidence == 0)
    for turn in trace.turns:
        assert turn.status == "said" or turn.answer is None
        assert (turn.status == "failed") == (turn.failure is not None)
        if turn.decision is not None and turn.decision.winner is not None:
            assert turn.decision.winner in said
    if decision is not None and outcome.answer is not None:
        assert decision.winner == outcome.answer


@pytest.mark.parametrize("name", NAMES)
@SEEDS
async def test_agents_may_say_anything(name: str, seeds: range) -> None:
    """Whatever they say, there is an outcome: an answer somebody gave, or none."""
    for seed in seeds:
        holds_together(await run(name, anything(seed)))


@pytest.mark.parametrize("name", NAMES)
@SEEDS
async def test_calls_may_fail(name: str, seeds: range) -> None:
    """One call in three, by chance; a failed turn is never a vote."""
    for seed in seeds:
        holds_together(await run(name, anything(seed, failing=0.3)))


@pytest.mark.parametrize("failing", [0.0, 0.3])
@SEEDS
async def test_the_default_may_try_programs(seeds: range, failing: float) -> None:
    """On a question that asks for a number, whatever these print, and whether they come at all."""
    for seed in seeds:
        holds_together(await run("contemplating", anything(seed, failing), question=NUMBER))


@pytest.mark.parametrize("name", NAMES)
async def test_all_calls_may_fail(name: str) -> None:
    """Then there is no answer, and the outcome says why."""
    outcome = await run(name, anything(0, failing=1.0))

    assert outcome.answer is None
    assert outcome.stopped in {"quorum", "unreachable"}
    assert {turn.status for turn in outcome.trace.turns if turn.seat} <= {"failed", "cancelled", "skipped"}


@pytest.mark.parametrize("name", NAMES)
async def test_the_server_may_be_gone(name: str) -> None:
    """Which is told apart from agents that say nothing."""

    def gone(_: Request) -> Completion:
        raise UnreachableError("nobody there")

    assert (await run(name, gone)).stopped == "unreachable"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("after", [(1, 3, 8), pytest.param((2, 4, 5, 13), marks=pytest.mark.slow)], ids=str)
async def test_a_budget_may_run_out(name: str, after: tuple[int, ...]) -> None:
    """After any number of calls: never one more is made, and what was said so far is what there is."""
    for calls in after:
        outcome = await run(name, anything(calls, longest=0.004), Budget(calls=calls))
        holds_together(outcome)
        assert outcome.usage.calls <= calls


@pytest.mark.parametrize("name", NAMES)
def test_recipes_survive_the_trip_through_yaml(name: str) -> None:
    """The strategy of a recipe, written down, is a recipe of the same strategy."""
    strategy = Catalogue().recipe(name).strategy()
    assert load(dump(strategy)).to_dict() == strategy.to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_each_recipe_is_held_against_its_paper(name: str) -> None:
    """Some test drives it by its name, and it says where it comes from or that it is ours."""
    tests = "".join(
        file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py") if file != Path(__file__)
    )
    recipe = Catalogue().recipe(name)

    assert f'"{name}"' in tests
    ours = {"single", "calibration", "contemplating", "contemplating-2026-11", "contemplating-open", "parallel-refine"}
    assert recipe.paper or name in ours
