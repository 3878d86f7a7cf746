"""Weights of voters, scores and selections: what a recipe may say, and what is refused."""

from __future__ import annotations

import re
from math import log

import pytest

from contemplate import Completion, Orchestrator, Outcome, Request, ScriptedBackend, Strategy
from contemplate.catalogue import recipe
from contemplate.errors import InputError, RecipeError
from contemplate.orchestration.options import RunOptions
from contemplate.steps import Propose, Rank, Score, Select, Vote
from contemplate.types import Logprobs
from stage import Stage

STATED = ["Confidence: 100 %\nAnswer: 1", "Confidence: 60 %\nAnswer: 2", "Confidence: 75 %\nAnswer: 2", "Answer: 3"]


async def learned(known: dict[str, float], models: list[str], seats: int) -> Outcome:
    """A vote by learned weights among seats of `models`; those of model n say 2, the others 1."""

    def said(request: Request) -> str:
        return "Answer: 2" if request.model == "n" else "Answer: 1"

    strategy = Strategy(steps=[Propose(seats=seats), Vote(rule="weighted", voters="learned")])
    async with Orchestrator(models, backend=ScriptedBackend(said), ledger=":memory:") as orchestrator:
        spec = orchestrator.specify("What is 6 * 7?", strategy, RunOptions(answer="number")).model_copy(
            update={"reliability": known}
        )
        return await orchestrator.runner.execute(spec)


# --- stated confidence -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "weights"),
    [
        ({}, {"1": 1.0, "2": 1.35, "3": 0.0}),
        ({"recalibrate": True}, {"1": 1.0, "2": 0.4, "3": 0.1}),
    ],
)
async def test_votes_weigh_as_much_as_their_authors_are_sure(
    stage: Stage, options: dict[str, object], weights: dict[str, float]
) -> None:
    """As stated, or by ReConcile's steps; who states nothing is not sure at all."""
    strategy = Strategy(steps=[Propose(seats=4, confidence=True), Vote(rule="weighted", voters="confidence", **options)])

    show = await stage(strategy, {"proposer": STATED})

    assert {row.answer: pytest.approx(row.weight) for row in show.decision.tally} == weights


async def test_votes_weigh_as_much_as_their_replies_are_likely(stage: Stage) -> None:
    """The probability of the reply, normalised by its length."""
    said = [
        Completion(text="Answer: 1", logprobs=Logprobs(chosen=(log(0.5), log(0.5)), confidence=(1, 1), first={})),
        Completion(text="Answer: 2", logprobs=Logprobs(chosen=(log(0.9),), confidence=(1,), first={})),
    ]

    show = await stage(
        Strategy(steps=[Propose(seats=2, logprobs=1), Vote(rule="weighted", voters="logprob")]), {"proposer": said}
    )

    assert {row.answer: pytest.approx(row.weight) for row in show.decision.tally} == {"1": 0.5, "2": 0.9}


# --- learned reliability -----------------------------------------------------------------------------------


async def test_learned_weights_are_shared_by_the_copies_of_a_model() -> None:
    """Three seats of one model are one witness: their votes together weigh what it does."""
    outcome = await learned({"m": 2.0, "n": 3.0}, ["m", "m", "n", "m"], seats=4)

    assert outcome.decision is not None
    assert {row.answer: pytest.approx(row.weight) for row in outcome.decision.tally} == {"2": 3.0, "1": 2.0}


async def test_learned_weights_must_be_known() -> None:
    """Nothing learned at all, or nothing of one of the models: one line that says so."""
    with pytest.raises(InputError, match="learned"):
        await learned({}, ["m"], seats=2)
    with pytest.raises(InputError, match="no reliability is known of 'n'; known: m"):
        await learned({"m": 1.0}, ["m", "n"], seats=2)


# --- ballots ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "rule", "winner"),
    [("ranking", "borda", "2"), ("ranking", "plurality", "1"), ("approval", "approval", "3"), ("points", "cumulative", "2")],
)
async def test_ballots_that_seats_filled_in_are_counted_instead_of_their_answers(
    stage: Stage, form: str, rule: str, winner: str
) -> None:
    """Letters stand for other answers on each ballot; what is counted are the answers behind them."""
    wishes = [("1", "2", "3"), ("1", "2", "3"), ("1", "2", "3"), ("2", "3", "1"), ("2", "3", "1")]
    approved = [("3",), ("1", "3"), ("3", "2"), ("2",), ("3",)]
    points = [(6, 4, 0), (6, 4, 0), (6, 4, 0), (0, 9, 1), (0, 9, 1)]

    def fill_in(request: Request) -> str:
        text, seat = request.messages[-1].content, request.draw
        letter = {answer: found.group(1) for answer in "123" if (found := re.search(rf"(\b[A-C]) \[\w+\] ---\n{answer}\n", text))}
        if form == "ranking":
            return f"Final ranking: {', '.join(letter[answer] for answer in wishes[seat])}"
        if form == "approval":
            return f"Approved: {', '.join(letter[answer] for answer in approved[seat])}"
        return "Points: " + ", ".join(f"{letter[answer]} {given}" for answer, given in zip("123", points[seat], strict=True))

    lines = {"proposer": [f"Answer: {answer}" for answer in (3, 3, 1, 2, 3)], "voter": fill_in}
    strategy = Strategy(steps=[Propose(seats=5), Rank(form=form, own="include"), Vote(rule=rule)])

    show = await stage(strategy, lines)

    assert show.calls == 10
    assert show.answer == winner
    assert show.sources("3.vote/final") == [f"2.rank/seat-{number}/ballot" for number in range(1, 6)]


# --- select ---------------------------------------------------------------------------------------------------


def scored(*selects: Select, **score: object) -> Strategy:
    """Four seats, scored by a verifier, narrowed and counted."""
    return Strategy(steps=[Propose(seats=4), Score(**score), *selects, Vote()])  # type: ignore[arg-type]


LINES = {
    "proposer": ["ONE\nAnswer: 1", "TWO\nAnswer: 2", "THREE\nAnswer: 2", "FOUR\nAnswer: 3"],
    "scorer": lambda request: next(
        f"Score: {n}" for mark, n in (("ONE", 5), ("TWO", 3), ("THREE", 5), ("FOUR", 1)) if mark in request.messages[-1].content
    ),
}


@pytest.mark.parametrize(
    ("select", "seats"),
    [
        (Select(by="score", keep=2), [1, 3]),
        (Select(by="score", keep=9), [1, 2, 3, 4]),
        (Select(by="score", percent=10), [1, 3]),
        (Select(by="score", percent=70), [1, 2, 3]),
        (Select(by="all"), [1, 2, 3, 4]),
    ],
)
async def test_select_narrows_the_panel(stage: Stage, select: Select, seats: list[int]) -> None:
    """So many of the best, or so many per cent with all that equal the last; seats keep their order."""
    show = await stage(scored(select), LINES)

    assert show.sources("4.vote") == [f"1.propose/seat-{seat}" for seat in seats]


async def test_select_of_one_decides(stage: Stage) -> None:
    """The vote after it has nothing left to count; of equals the first seat is chosen."""
    show = await stage(scored(Select(by="score")), LINES)

    assert show.answer == "1"
    assert show.decision.rule == "select by score"
    assert show.ids("vote") == []
    assert show.decision.abstentions == ()
    assert set(show.decision.dissent) == {"seat-2", "seat-3", "seat-4"}


async def test_select_at_random_is_drawn_by_the_seed(stage: Stage) -> None:
    """Two of four, in seat order, another two for another seed."""
    drawn = {tuple((await stage(scored(Select(by="random", keep=2)), LINES, seed=seed)).sources("4.vote")) for seed in range(8)}

    assert len(drawn) > 2
    assert all(list(pair) == sorted(pair) and len(pair) == 2 for pair in drawn)


# --- what is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("{do: vote, voters: score}", "goes by heads"),
        ("{do: vote, rule: best}", "needs 'voters'"),
        ("{do: vote, rule: weighted, temperature: 2}", "'temperature' needs 'voters'"),
        ("{do: vote, top: 3}", "'top' needs 'voters'"),
        ("{do: vote, rule: evidence, voters: learned}", "weights of its own"),
        ("{do: vote, rule: weighted, voters: learned, recalibrate: true}", "'recalibrate' is for 'voters: confidence'"),
        ("{do: vote, rule: weighted, voters: confidence, recalibrate: true, temperature: 1}", "either 'recalibrate' or"),
        ("{do: vote, rule: weighted, voters: loud}", "not allowed here"),
        ("{do: score, low: 5, high: 5}", "the scale from 5 to 5 is empty"),
        ("{do: score, by: guess}", "not allowed here"),
        ("{do: select, by: agent, keep: 2}", "an agent selects one"),
        ("{do: select, by: random, percent: 50}", "'percent' goes with 'by: score'"),
        ("{do: compare, times: 1}", "greater than or equal to 2"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(step: str, problem: str) -> None:
    """With the file, the line and the place of the step."""
    text = f"steps:\n  - {{do: propose}}\n  - {step}\n"

    with pytest.raises(RecipeError, match=r"recipe\.yaml:3: steps\.2") as caught:
        recipe.load(text)

    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("before", "step", "lacks"),
    [
        ("{do: propose}", "{do: vote, rule: weighted, voters: score}", "scores"),
        ("{do: propose}", "{do: select, by: score}", "scores"),
        ("{do: propose}", "{do: score, by: lowest-group}", "logprobs"),
        ("{do: propose}", "{do: vote, rule: weighted, voters: logprob}", "logprobs"),
        ("{do: propose}", "{do: vote, rule: weighted, voters: confidence}", "confidence"),
    ],
)
def test_a_step_that_needs_something_earlier_says_so(before: str, step: str, lacks: str) -> None:
    """Scores, log-probabilities or stated confidence that no step before it gives."""
    text = f"steps:\n  - {before}\n  - {step}\n"

    with pytest.raises(RecipeError, match=rf"recipe\.yaml:3: steps\.2.*{lacks}"):
        recipe.load(text)


@pytest.mark.parametrize(
    "steps",
    [
        ["{do: propose}", "{do: score}", "{do: select, by: score}"],
        ["{do: propose, logprobs: 5}", "{do: score, by: tail}", "{do: vote, rule: best, voters: score}"],
        ["{do: propose, logprobs: 1}", "{do: vote, rule: weighted, voters: logprob}"],
        ["{do: propose, confidence: true}", "{do: vote, rule: weighted, voters: confidence, temperature: 0.5}"],
    ],
)
def test_a_step_that_has_what_it_needs_is_taken_and_goes_through_yaml_and_back(steps: list[str]) -> None:
    """Given earlier, nothing is missing; what is written down again is the same strategy."""
    strategy = recipe.load("steps:\n" + "\n".join(f"  - {step}" for step in steps))

    assert recipe.load(recipe.dump(strategy)).steps == strategy.steps
