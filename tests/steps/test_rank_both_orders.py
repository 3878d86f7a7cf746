"""Ballots in both orders, and what they weigh: `rank` with `orders: both`, `vote` with `voters: consistency`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contemplate import InputError, Judge, Orchestrator, Propose, Request, ScriptedBackend, Strategy, Vote
from contemplate.analysis.judge_consistency import learned_consistency
from contemplate.steps import Rank
from discussions import lettered, voters
from stage import Stage

PROPOSALS = {"proposer": ["Answer: 1", "Answer: 2", "Answer: 2"]}
BOTH = Strategy(steps=[Propose(), Rank(form="choice", orders="both", own="include"), Vote(rule="plurality")])
WEIGHED = Strategy(
    steps=[Propose(), Rank(form="choice", orders="both", own="include"), Vote(rule="weighted", voters="consistency")]
)


def first_place(_: Request) -> str:
    """A judge that takes what stands first."""
    return "Choice: A"


async def test_each_seat_is_asked_in_its_order_and_in_the_reverse(stage: Stage) -> None:
    """Two ballots a seat, of the same answers."""
    show = await stage(BOTH, {**PROPOSALS, "voter": voters(["1"], form="choice")})

    assert show.roles.count("voter") == 6
    for seat in (1, 2, 3):
        ahead, reverse = (list(lettered(show.request(f"2.rank/seat-{seat}/{name}"))) for name in ("ballot", "reverse"))
        assert ahead == reverse[::-1]


async def test_a_choice_that_stays_the_same_counts_once(stage: Stage) -> None:
    """A seat has one vote, and both its ballots stand behind it."""
    show = await stage(BOTH, {**PROPOSALS, "voter": voters(["1"], form="choice")})

    assert [(one.answer, one.votes) for one in show.decision.tally] == [("1", 3)]
    assert sorted(show.sources("3.vote/final")) == sorted(show.ids("rank"))


async def test_a_choice_that_goes_with_the_order_is_an_abstention(stage: Stage) -> None:
    """Seats that take what stands first have no vote."""
    show = await stage(BOTH, {**PROPOSALS, "voter": first_place})

    assert show.answer is None
    assert show.decision.abstentions == ("seat-1", "seat-2", "seat-3")


@pytest.mark.parametrize("form", ["ranking", "approval", "points"])
def test_both_orders_are_for_a_choice(form: Any) -> None:
    """Refused, with the word to change."""
    with pytest.raises(InputError, match=r"'orders: both' .* 'form: choice', not"):
        Rank(form=form, orders="both", own="include")


@pytest.mark.parametrize("given", [{"top": 2}, {"temperature": 1.0}, {"rule": "best"}, {"rule": "plurality"}])
def test_weights_of_ballots_need_a_rule_that_goes_by_weight(given: dict[str, Any]) -> None:
    """And nothing that picks among positions."""
    with pytest.raises((InputError, ValidationError), match=r"'voters: consistency'"):
        Vote.model_validate({"do": "vote", "rule": "weighted", "voters": "consistency", **given})


def test_weights_of_ballots_need_ballots() -> None:
    """A recipe without `rank` before the vote is refused, and told so."""
    with pytest.raises(InputError, match=r"'voters: consistency' needs ballots, .* the step 'rank' gives them"):
        Strategy(steps=[Propose(), Vote(rule="weighted", voters="consistency")])


async def test_nobody_known_is_everybody_equal(stage: Stage) -> None:
    """On an empty ledger each ballot weighs the same."""
    show = await stage(WEIGHED, {**PROPOSALS, "voter": voters(["1"], ["1"], ["1"], ["1"], ["2"], ["2"], form="choice")})

    assert [(one.answer, one.weight) for one in show.decision.tally] == [("1", 2.0), ("2", 1.0)]


def judges(request: Request) -> str:
    """The model `steady` always chooses 1; the others take what stands first, but all choose 2 when asked the last question."""
    said = request.messages[-1].content
    if "--- Answer " not in said:
        return f"Answer: {1 if request.model == 'steady' else 2}"
    wanted = "1" if request.model == "steady" else "2" if "Last?" in said else next(iter(lettered(request)))
    return f"Choice: {lettered(request)[wanted]}"


async def test_a_steady_judge_outvotes_those_that_go_by_place(tmp_path: Path) -> None:
    """After four questions one judge is known to be consistent; its ballot decides against two, and a replay says the same."""
    models = ("steady", "left", "right")
    async with Orchestrator(models, backend=ScriptedBackend(judges), ledger=tmp_path / "l.db") as orchestrator:
        before = await orchestrator.solve("Last?", WEIGHED, answer="number")
        for number in range(4):
            await orchestrator.solve(f"Question {number}?", BOTH, answer="number")
        after = await orchestrator.solve("Last?", WEIGHED, answer="number")
        replay = await orchestrator.replay(after.run)

    assert (before.answer, after.answer, replay.outcome.answer) == ("2", "1", "1")
    assert replay.identical


async def test_a_ledger_tells_how_often_each_judge_repeats_itself(tmp_path: Path) -> None:
    """A run that takes all its replies from the ledger teaches nothing new."""
    models = ("steady", "left", "right")
    async with Orchestrator(models, backend=ScriptedBackend(judges), ledger=tmp_path / "l.db") as orchestrator:
        for number in (0, 1, 2, 2):
            await orchestrator.solve(f"Question {number}?", BOTH, answer="number")
        found = await learned_consistency(orchestrator.ledger)

    assert {one.judge: (one.pairs, one.consistent) for one in found} == {"steady": (3, 3), "left": (3, 0), "right": (3, 0)}


@pytest.mark.parametrize("recipe", ["knockout", "league"])
async def test_comparisons_in_both_orders_count_too(tmp_path: Path, recipe: str) -> None:
    """A comparer that takes the first place never agrees with itself."""

    def agents(request: Request) -> str:
        return "Choice: A" if "--- Reply " in request.messages[-1].content else f"Answer: {request.draw}"

    async with Orchestrator("m", backend=ScriptedBackend(agents), ledger=tmp_path / "l.db") as orchestrator:
        await orchestrator.solve("Which?", recipe, parameters={"seats": 4}, answer="number")
        found = await learned_consistency(orchestrator.ledger)

    assert [(one.judge, one.consistent, one.weight) for one in found] == [("m", 0, 0.0)]
    assert found[0].pairs >= 3


async def test_a_judge_of_ties_counts_too(tmp_path: Path) -> None:
    """Asked ahead and in reverse, it takes what it knows to be right."""

    def agents(request: Request) -> str:
        before, _, after = request.messages[-1].content.partition("\nAnswer: 1\n")
        return f"Choice: {before.splitlines()[-1].split()[2]}" if after else f"Answer: {request.draw}"

    strategy = Strategy(steps=[Propose(seats=2), Vote(ties="judge"), Judge()])
    async with Orchestrator("m", backend=ScriptedBackend(agents), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("Which?", strategy, answer="number")
        found = await learned_consistency(orchestrator.ledger)

    assert outcome.answer == "1"
    assert [(one.judge, one.pairs, one.consistent) for one in found] == [("m", 1, 1)]
