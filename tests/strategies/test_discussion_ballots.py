"""`discussion-vote`: the votes, the judge, the summary; when they are held, and what a tie means."""

from __future__ import annotations

from typing import Any

import pytest

from contemplate import Budget, Request
from contemplate.catalogue import Catalogue
from contemplate.errors import RecipeError
from discussions import THREE, VOTES, lettered, voters
from stage import Stage

FINALS = {**THREE, "restater": ["Answer: 1", "Answer: 2", "Answer: 3"]}


@pytest.mark.parametrize(
    ("rule", "wishes", "form", "winner", "tally"),
    [
        ("simple", [["2"], ["2"], ["3"]], "choice", "2", {"2": 2.0, "3": 1.0}),
        ("ranked", [["1", "3", "2"], ["2", "3", "1"], ["3", "2", "1"]], "ranking", "3", {"3": 4.0, "2": 3.0, "1": 2.0}),
        ("cumulative", [{"1": 10}, {"2": 4, "3": 6}, {"3": 5, "2": 5}], "points", "3", {"3": 11.0, "1": 10.0, "2": 9.0}),
        ("approval", [["1", "3"], ["2", "3"], ["1", "2", "3"]], "approval", "3", {"3": 3.0, "1": 2.0, "2": 2.0}),
    ],
)
async def test_the_four_votes(
    stage: Stage, rule: str, wishes: list[Any], form: str, winner: str, tally: dict[str, float]
) -> None:
    """After turn three each restates its answer, then fills in a ballot of the rule's form."""
    show = await stage("discussion-vote", {**FINALS, "voter": voters(*wishes, form=form)}, set={"rule": rule})

    assert show.roles == ["proposer"] + ["discusser"] * 8 + ["restater"] * 3 + ["voter"] * 3
    assert show.answer == winner
    assert {row.answer: row.weight for row in show.decision.tally} == tally
    assert show.outcome.stopped == "completed"


async def test_answers_are_restated_from_the_whole_talk(stage: Stage) -> None:
    """Each reads all statements, and no other restatement."""
    show = await stage("discussion-vote", {**FINALS, "voter": voters(["1"], form="choice")})

    statements = [f"1.discussion-vote/{turn}/seat-{seat}" for turn in (1, 2, 3) for seat in (1, 2, 3)]
    for seat in (1, 2, 3):
        assert show.sources(f"1.discussion-vote/3/seat-{seat}/final") == statements


async def test_ballots_show_answers_without_names_in_orders_of_their_own(stage: Stage) -> None:
    """Each voter sees the bare restated answers, its own among them, and none of the talk."""
    show = await stage("discussion-vote", {**FINALS, "voter": voters(["1"], form="choice")})

    orders = []
    for seat in (1, 2, 3):
        turn = f"1.discussion-vote/3/seat-{seat}/ballot"
        assert show.saw(turn) == [(f"1.discussion-vote/3/seat-{n}/final", "saw") for n in (1, 2, 3)]
        request = show.request(turn)
        orders.append(tuple(lettered(request)))
        assert set(orders[-1]) == {"1", "2", "3"}
        assert not any(f"\nS{n} " in show.shown(turn) for n in range(1, 10))
        assert "seat" not in show.shown(turn)
        assert show.turn(turn).chose == "1.discussion-vote/3/seat-1/final"
    assert len(set(orders)) > 1


async def test_equal_answers_are_put_together(stage: Stage) -> None:
    """Two wordings of one answer stand once on the ballot."""
    lines = {**THREE, "restater": ["Answer: 0.5", "Answer: 1/2", "Answer: 3"], "voter": voters(["3"], form="choice")}
    show = await stage("discussion-vote", lines)

    assert len(lettered(show.request("1.discussion-vote/3/seat-1/ballot"))) == 2


@pytest.mark.parametrize("rule", [*VOTES, "judge"])
async def test_all_agreeing_needs_no_ballots(stage: Stage, rule: str) -> None:
    """Nine statements, three restatements, and the answer."""
    show = await stage("discussion-vote", {**THREE, "restater": ["Answer: 4"]}, set={"rule": rule})

    assert show.calls == 12
    assert show.answer == "4"


@pytest.mark.parametrize("vote_from", [1, 2, 3])
async def test_votes_start_at_a_turn(stage: Stage, vote_from: int) -> None:
    """By default after the third."""
    settings = {} if vote_from == 3 else {"vote_from": vote_from}
    show = await stage("discussion-vote", {**THREE, "restater": ["Answer: 4"]}, set=settings)

    assert show.roles.count("discusser") + 1 == 3 * vote_from


async def test_a_tie_means_another_turn(stage: Stage) -> None:
    """Three votes for three answers: a fourth turn, new restatements and new ballots, which decide."""
    finals = ["Answer: 1", "Answer: 2", "Answer: 3"]
    votes = voters(["1"], ["2"], ["3"], ["2"], ["2"], ["3"], form="choice")
    show = await stage("discussion-vote", {**THREE, "restater": finals, "voter": votes})

    assert show.roles.count("discusser") == 11
    assert show.roles.count("voter") == 6
    assert show.answer == "2"
    assert show.turn("1.discussion-vote/3/final").decision.ties == ("1", "2", "3")


async def test_a_tie_after_the_last_turn_is_broken_by_the_seed(stage: Stage) -> None:
    """Or left, if the recipe says so."""
    lines = {**FINALS, "voter": voters(["1"], ["2"], ["3"], form="choice")}
    show = await stage("discussion-vote", lines, set={"turns": 4})
    assert show.roles.count("voter") == 6
    assert show.answer in {"1", "2", "3"}
    assert show.decision.tie_break == "random"

    left = await stage("discussion-vote", lines, set={"turns": 4, "ties": "none"})
    assert left.answer is None
    assert set(left.decision.ties) == {"1", "2", "3"}


async def test_an_invalid_ballot_is_asked_for_once_more_then_abstains(stage: Stage) -> None:
    """Points that do not sum to ten; one repair, then the others decide."""
    wishes = voters({"1": 9}, {"2": 10}, {"2": 10}, form="points")
    show = await stage("discussion-vote", {**FINALS, "voter": wishes}, set={"rule": "cumulative"})

    assert show.roles.count("voter") == 4
    assert show.decision.abstentions == ("seat-1",)
    assert show.answer == "2"


async def test_a_judge_chooses_in_both_orders(stage: Stage) -> None:
    """The same reply both times; two calls."""

    def rule(request: Request) -> str:
        said = request.messages[-1].content
        return f"Choice: {said[: said.index('Answer: 2')].rpartition('--- Reply ')[2][0]}"

    show = await stage("discussion-vote", {**FINALS, "judge": rule}, set={"rule": "judge"})

    assert show.roles.count("judge") == 2
    assert show.answer == "2"
    assert show.decision.tie_break == "judge"


async def test_a_judge_swayed_by_the_order_means_another_turn(stage: Stage) -> None:
    """Until the last one; then the restated answers' own vote stands."""
    show = await stage("discussion-vote", {**FINALS, "judge": ["Choice: A"]}, set={"rule": "judge", "turns": 4})

    assert show.roles.count("judge") == 4
    assert show.decision.tie_break == "random"


async def test_a_summary_is_written(stage: Stage) -> None:
    """By an outsider that reads the restated answers; its answer is the decision, after one call."""
    show = await stage("discussion-vote", {**FINALS, "synthesizer": ["Answer: 9"]}, set={"rule": "summary"})

    assert show.calls == 13
    assert show.answer == "9"
    assert show.sources("1.discussion-vote/3/synthesizer") == [f"1.discussion-vote/3/seat-{n}/final" for n in (1, 2, 3)]


async def test_a_spent_budget_leaves_the_last_words(stage: Stage) -> None:
    """Five calls are not enough for a vote."""
    show = await stage("discussion-vote", FINALS, budget=Budget(calls=5))

    assert show.outcome.stopped == "budget"
    assert show.calls == 5
    assert show.answer is not None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rule": "borda"}, "steps.1.rule: 'borda' is not allowed here; allowed: 'majority', .*'summary' "),
        ({"shows": "nothing"}, "steps.1.shows: 'nothing' is not allowed here; allowed: 'talk', 'solutions'"),
        ({"vote_from": 11}, "steps.1: the first vote, after turn 11, is never reached: there are at most 10 turns"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, object], says: str) -> None:
    """With path and line."""
    with pytest.raises(RecipeError, match=rf"discussion-vote.yaml:\d+: {says}"):
        Catalogue().recipe("discussion-vote").strategy(settings)


def test_only_the_cards_of_the_rule_are_loaded() -> None:
    """A consensus needs no voter, a vote no judge."""
    recipe = Catalogue().recipe("discussion-vote")

    assert recipe.strategy({"rule": "majority"}).cards == ("proposer", "discusser")
    assert recipe.strategy({"rule": "hybrid"}).cards == ("proposer", "discusser", "restater", "voter")
    assert recipe.strategy({"rule": "judge"}).cards == ("proposer", "discusser", "restater", "judge")
