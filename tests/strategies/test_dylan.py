"""`dylan`: who reads whom, the early stop after every reply, the ranker, importance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contemplate import Question, Request
from contemplate.catalogue import Catalogue
from contemplate.catalogue.recipe import Recipe
from contemplate.errors import RecipeError
from contemplate.trace.importance import best_team, recorded, total
from stage import Stage

MARKS = ["ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN"]


def replies(*rounds: str, grades: str = "[[3, 3, 3, 3]]") -> dict[str, Any]:
    """A team: each round's answers are a string of digits, one for each that speaks; the ranker prefers what it sees first."""
    later = [
        f"R{number}-{place} Answer: {answer}\n{grades}"
        for number, answers in enumerate(rounds[1:], 2)
        for place, answer in enumerate(answers, 1)
    ]
    first = [f"{mark} Answer: {answer}" for mark, answer in zip(MARKS, rounds[0], strict=False)]
    return {"team-solver": first, "team-grader": later, "team-ranker": ["Final ranking: A, B, C, D"]}


def graded(answers: dict[int, str], by_mark: dict[str, int]) -> Callable[[Request], str]:
    """Graders that give each reply the grade of the mark in it, in the order in which they are shown, and their own answer."""

    def reply(request: Request) -> str:
        said = request.messages[-1].content
        marks = sorted((mark for mark in by_mark if f"\n{mark} Answer" in said), key=said.index)
        return f"LATER Answer: {answers[request.draw]}\n[[{', '.join(str(by_mark[mark]) for mark in marks)}]]"

    return reply


@pytest.mark.parametrize(
    ("first", "calls"),
    [("1112", 3), ("1121", 4), ("1211", 4), ("2111", 4)],
)
async def test_it_stops_after_any_reply_that_makes_more_than_two_thirds(stage: Stage, first: str, calls: int) -> None:
    """Of four agents three must agree: after the third reply, or after the fourth; who has not spoken is not asked."""
    show = await stage("dylan", replies(first))

    assert show.roles == ["team-solver"] * calls
    assert show.answer == "1"
    assert show.outcome.stopped == "agreement"
    assert show.outcome.first_decision is None


@pytest.mark.parametrize(
    ("seats", "first", "calls"),
    [
        (1, "1", 1),
        (2, "11", 2),
        (3, "111", 3),
        (5, "1111", 4),
        (6, "11111", 5),
        (7, "11111", 5),
        (7, "112121", 7),
        (7, "1112111", 6),
    ],
)
async def test_more_than_the_floor_of_two_thirds(stage: Stage, seats: int, first: str, calls: int) -> None:
    """floor(2/3 N) + 1 equal answers: 1 of 1, 2 of 2, 3 of 3, 4 of 5, 5 of 6, 5 of 7."""
    show = await stage("dylan", replies(first, "1" * 7), set={"seats": seats})

    assert show.roles.count("team-solver") == calls


async def test_two_equal_answers_of_three_are_not_enough(stage: Stage) -> None:
    """Exactly two thirds is not more than two thirds."""
    show = await stage("dylan", replies("112", "111"), set={"seats": 3})

    assert show.roles == ["team-solver"] * 3 + ["team-grader"] * 3


async def test_each_reads_all_of_the_round_before_its_own_among_them(stage: Stage) -> None:
    """Round two reads the four first replies, each in an order of its own, without names; it is asked for four grades."""
    show = await stage("dylan", replies("1234", "1234", "12"))

    orders = []
    for seat in (1, 2, 3, 4):
        turn = f"1.dylan/2/seat-{seat}"
        assert show.saw(turn) == [(f"1.dylan/1/seat-{n}", "saw") for n in (1, 2, 3, 4)]
        said = show.request(turn).messages
        assert len(said) == 1
        places = [said[0].content.index(f"\n{mark} Answer") for mark in MARKS[:4]]
        orders.append(tuple(sorted(range(4), key=places.__getitem__)))
        assert "seat" not in said[0].content
        assert "4 grades from 1 to 5" in said[0].content
    assert len(set(orders)) > 1


async def test_three_rounds_without_agreement(stage: Stage) -> None:
    """4 + 4 + a ranker + 2 calls: the most that it costs; plurality of the last two, the first seen on a tie."""
    show = await stage("dylan", replies("1234", "1234", "56"))

    assert show.roles == ["team-solver"] * 4 + ["team-grader"] * 4 + ["team-ranker"] + ["team-grader"] * 2
    assert show.answer == "5"
    assert show.outcome.stopped == "completed"
    assert show.decision.tie_break == "first-seen"
    assert len(show.sources("1.dylan/final")) == 2
    assert show.outcome.first_decision is not None


async def test_the_second_round_stops_as_early_as_the_first(stage: Stage) -> None:
    """Three of four again."""
    show = await stage("dylan", replies("1234", "777"))

    assert show.calls == 7
    assert show.answer == "7"
    assert show.sources("1.dylan/final") == [f"1.dylan/2/seat-{n}" for n in (1, 2, 3)]


async def test_the_ranker_keeps_the_best_two_agents(stage: Stage) -> None:
    """Those whose replies it ranks first go on, and read all four replies of round two; the others are asked nothing more."""

    def rank(request: Request) -> str:
        said = request.messages[-1].content
        title = {n: said[: said.index(f"R2-{n} Answer")].rpartition("--- Reply ")[2][0] for n in (1, 2, 3, 4)}
        return f"Final ranking: {title[4]}, {title[2]}, {title[1]}, {title[3]}"

    show = await stage("dylan", {**replies("1234", "1234", "56"), "team-ranker": rank})

    assert show.ids("dylan")[-5:-3] == ["1.dylan/3/seat-2", "1.dylan/3/seat-4"]
    assert show.sources("1.dylan/3/team-ranker") == [f"1.dylan/2/seat-{n}" for n in (1, 2, 3, 4)]
    assert show.sources("1.dylan/3/seat-4") == [f"1.dylan/2/seat-{n}" for n in (1, 2, 3, 4)]


async def test_a_ranking_that_can_not_be_read_is_drawn(stage: Stage) -> None:
    """Two agents by the seed: the same in every replay, and not always the same two."""
    kept = set()
    for seed in range(6):
        show = await stage("dylan", {**replies("1234", "1234", "56"), "team-ranker": ["no idea"]}, seed=seed)
        last = [turn for turn in show.ids("dylan") if turn.startswith("1.dylan/3/seat")]
        assert len(last) == 2
        kept.add(tuple(last))
    assert len(kept) > 1


async def test_a_ranking_of_one_is_filled_up(stage: Stage) -> None:
    """The one named goes on, and one drawn."""

    def rank(request: Request) -> str:
        said = request.messages[-1].content
        return f"Final ranking: {said[: said.index('R2-3 Answer')].rpartition('--- Reply ')[2][0]}"

    show = await stage("dylan", {**replies("1234", "1234", "56"), "team-ranker": rank})

    last = [turn for turn in show.ids("dylan") if turn.startswith("1.dylan/3/seat")]
    assert len(last) == 2
    assert "1.dylan/3/seat-3" in last


async def test_the_ranker_is_asked_once(stage: Stage) -> None:
    """From round three on; two that were kept need no ranking in round four, where both must agree to stop."""
    show = await stage("dylan", replies("1234", "1234", "56", "78"), set={"rounds": 4})

    assert show.roles.count("team-ranker") == 1
    assert show.calls == 13
    agreed = await stage("dylan", replies("1234", "1234", "55"), set={"rounds": 4})
    assert agreed.calls == 11
    assert agreed.outcome.stopped == "agreement"


async def test_silence_agrees_with_nobody(stage: Stage) -> None:
    """Two ones and two that say nothing; nobody reads these, and they have no importance."""
    lines = replies("11", "111")
    lines["team-solver"] += ["UNSURE", "hm"]
    show = await stage("dylan", lines)

    assert show.roles.count("team-grader") == 3
    assert show.sources("1.dylan/2/seat-3") == ["1.dylan/1/seat-1", "1.dylan/1/seat-2"]
    assert "UNSURE" not in show.shown("1.dylan/2/seat-3")
    assert set(recorded(show.outcome.trace)[0]) == {"seat-1", "seat-2"}


async def test_importance_goes_back_along_the_grades(stage: Stage) -> None:
    """Three agree in round two: a third each. They grade seat 2 with 4, seats 1, 3 and 4 with 2, 2 and 0: in proportion."""
    lines = replies("1234")
    lines["team-grader"] = graded({0: "2", 1: "2", 2: "2"}, {"ONE": 2, "TWO": 4, "THREE": 2, "FOUR": 0})
    show = await stage("dylan", lines)

    first, last = recorded(show.outcome.trace)
    third = pytest.approx(1 / 3)
    assert last == {"seat-1": third, "seat-2": third, "seat-3": third}
    assert first == {"seat-1": pytest.approx(0.25), "seat-2": pytest.approx(0.5), "seat-3": pytest.approx(0.25), "seat-4": 0.0}
    assert best_team([total(recorded(show.outcome.trace))], 2) == ("seat-2", "seat-1")


async def test_grades_that_are_missing_count_as_equal(stage: Stage) -> None:
    """No grades, or too few of them, are no failure."""
    show = await stage("dylan", replies("1234", "222", grades="[[5]]"))

    assert recorded(show.outcome.trace)[0] == {f"seat-{n}": pytest.approx(0.25) for n in (1, 2, 3, 4)}


async def test_who_holds_another_answer_in_the_last_round_has_no_importance_there(stage: Stage) -> None:
    """A half each for those who hold the final answer."""
    show = await stage("dylan", replies("1234", "5567"), set={"rounds": 2})

    assert recorded(show.outcome.trace)[1] == {"seat-1": 0.5, "seat-2": 0.5, "seat-3": 0.0, "seat-4": 0.0}


async def test_grades_are_not_taken_for_an_answer(stage: Stage) -> None:
    """A reply without a stated answer is read up to its grades."""
    lines = replies("1234")
    lines["team-grader"] = ["So it is 42.\n[[1, 2, 3, 5]]"]
    show = await stage("dylan", lines, question=Question(text="What is 6 * 7?", kind="number"))

    assert show.answer == "42"


async def test_shuffled_order(stage: Stage) -> None:
    """By the seed: other agents are the first three to speak."""
    spoke = set()
    for seed in range(5):
        show = await stage("dylan", {"team-solver": ["Answer: 1"]}, set={"order": "shuffled"}, seed=seed)
        spoke.add(tuple(turn for turn in show.ids("dylan") if "seat" in turn))
        assert show.calls == 3
    assert len(spoke) > 1


async def test_other_runs_have_no_importance(stage: Stage) -> None:
    """An empty list."""
    show = await stage("single", {"proposer": ["Answer: 1"]})

    assert recorded(show.outcome.trace) == []


@pytest.mark.parametrize(("name", "value"), [("order", "alphabetical"), ("keep", 0), ("rank_from", 1), ("ties", "coin")])
def test_settings_that_are_refused(name: str, value: object) -> None:
    """One line with path and line, and what was set."""
    with pytest.raises(RecipeError, match=rf"dylan.yaml:\d+: steps.1.{name}: .*\(with {name}={value}\)"):
        Catalogue().recipe("dylan").strategy({name: value})


@pytest.mark.parametrize(
    "text",
    [
        "steps:\n  - {do: dylan, seets: 3}\n",
        "steps:\n  - {do: propose}\n  - do: repeat\n    times: 1\n    steps:\n      - {do: dylan, seets: 3}\n",
    ],
)
def test_unknown_words_of_a_protocol_come_with_its_own(text: str) -> None:
    """As for a verb."""
    with pytest.raises(RecipeError, match=r"seets: unknown word 'seets'; did you mean 'seats'\? \(allowed: do, seats, rounds,"):
        Recipe(text, "r", "r.yaml")


async def test_agents_may_grade_the_others_only(stage: Stage) -> None:
    """Each reads and grades three replies, and not its own."""
    lines = {"team-solver": [f"Answer: {number}" for number in range(1, 5)], "team-grader": ["Answer: 1\n[[5, 1, 1]]"]}
    show = await stage("dylan", lines, set={"own": "exclude", "rounds": 2})

    for seat in range(1, 4):
        turn = f"1.dylan/2/seat-{seat}"
        assert sorted(show.sources(turn)) == [f"1.dylan/1/seat-{other}" for other in range(1, 5) if other != seat]
        assert len(show.turn(turn).found.grades or {}) == 3
