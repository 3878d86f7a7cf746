"""`discussion-vote`: the talk, and the ten ways to a decision; and the verb `rank`, which fills in the ballots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from contemplate import Budget, Propose, Request, Strategy, Vote
from contemplate.catalogue import Catalogue
from contemplate.errors import RecipeError
from contemplate.steps import Rank
from stage import Stage

CONSENSUS = ["majority", "supermajority", "unanimity"]
VOTES = ["simple", "ranked", "cumulative", "approval"]


def talk(draft: str, *statements: str) -> dict[str, list[str]]:
    """A draft, then statements: "=1" agrees with a solution of 1, "2" disagrees and puts up 2; each marked S2, S3, ..."""
    said = [
        f"S{number} Stance: {'agree' if text[0] == '=' else 'disagree'}\nAnswer: {text.lstrip('=')}"
        for number, text in enumerate(statements, 2)
    ]
    return {"proposer": [f"S1 Answer: {draft}"], "discusser": said}


def lettered(request: Request) -> dict[str, str]:
    """The letter of each answer on a ballot."""
    lines = request.messages[-1].content.splitlines()
    return {lines[at + 1]: line.split()[2] for at, line in enumerate(lines) if line.startswith("--- Answer ")}


def voters(*wishes: Mapping[str, int] | list[str], form: str) -> Callable[[Request], str]:
    """Voters that fill in ballots: points by answer, or answers best first; by draw."""

    def fill_in(request: Request) -> str:
        letters, wish = lettered(request), wishes[request.draw % len(wishes)]
        if isinstance(wish, dict):
            return "Points: " + ", ".join(f"{letters[answer]} {points}" for answer, points in wish.items())
        named = ", ".join(letters[answer] for answer in wish)
        return {"choice": f"Choice: {named}", "ranking": f"Final ranking: {named}", "approval": f"Approved: {named}"}[form]

    return fill_in


# --- the talk ---------------------------------------------------------------------------------------------

THREE = talk("1", "2", "3", "1", "2", "3", "1", "2", "3")


async def test_statements_are_made_in_turn_and_all_the_talk_is_read(stage: Stage) -> None:
    """The first drafts alone; everybody after reads all that was said before, in order, and nothing later."""
    show = await stage("discussion-vote", {**THREE, "restater": ["Answer: 1"]})

    ids = [f"1.discussion-vote/{turn}/seat-{seat}" for turn in (1, 2, 3) for seat in (1, 2, 3)]
    for place, turn in enumerate(ids):
        assert show.sources(turn) == ids[:place]
        shown = show.shown(turn)
        assert [f"S{n}" for n in range(1, 10) if f"\nS{n} " in shown] == [f"S{n}" for n in range(1, place + 1)]
        assert sorted(range(place), key=lambda n: shown.index(f"\nS{n + 1} ")) == list(range(place))
        assert "seat" not in shown
    assert len(show.request(ids[0]).messages) == 1


async def test_the_solution_on_the_table_and_ones_own_statements_are_marked(stage: Stage) -> None:
    """After "=1" the draft is still on the table; after "3" that statement is."""
    show = await stage("discussion-vote", {**talk("1", "=1", "3", "=3"), "restater": ["Answer: 1"]})

    third = show.shown("1.discussion-vote/1/seat-3")
    assert "--- Statement 1: the solution on the table" in third
    assert third.count("the solution on the table [") == 1
    fourth = show.shown("1.discussion-vote/2/seat-1")
    assert "--- Statement 3: the solution on the table" in fourth
    assert "--- Statement 1, yours [" in fourth


async def test_only_the_last_solutions_can_be_shown(stage: Stage) -> None:
    """A parameter: each agent's last statement instead of the talk."""
    show = await stage("discussion-vote", {**THREE, "restater": ["Answer: 1"]}, set={"shows": "solutions"})

    assert show.sources("1.discussion-vote/3/seat-2") == [f"1.discussion-vote/{t}/seat-{s}" for t, s in ((2, 2), (2, 3), (3, 1))]
    assert "\nS4 " not in show.shown("1.discussion-vote/3/seat-2")


async def test_all_can_draft_alone(stage: Stage) -> None:
    """A parameter: nobody sees anybody in the first turn; then the answer of most drafts is on the table."""
    lines = {"proposer": ["S1 Answer: 1", "S2 Answer: 2", "S3 Answer: 2"], "discusser": ["Stance: agree\nAnswer: 2"]}
    show = await stage("discussion-vote", {**lines, "restater": ["Answer: 2"]}, set={"drafts": "all"})

    assert show.roles[:3] == ["proposer"] * 3
    assert [show.sources(f"1.discussion-vote/1/seat-{n}") for n in (1, 2, 3)] == [[], [], []]
    assert "--- Statement 2: the solution on the table" in show.shown("1.discussion-vote/2/seat-1")


async def test_who_says_nothing_readable_is_not_quoted(stage: Stage) -> None:
    """And puts nothing on the table; if the first draft fails, the next agent drafts."""
    lines = {"proposer": ["UNSURE", "S2 Answer: 2"], "discusser": ["Stance: agree\nAnswer: 2"], "restater": ["Answer: 2"]}
    show = await stage("discussion-vote", lines)

    assert show.roles[:3] == ["proposer", "proposer", "discusser"]
    assert not any("UNSURE" in request.messages[-1].content for request in show.requests)


# --- consensus --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "seats", "statements", "calls", "answer"),
    [
        ("majority", 3, ["=1", "2"], 6, None),  # 2 stands with its author alone: 1 of 3
        ("majority", 3, ["2", "=2"], 3, "2"),  # 2 of 3
        ("majority", 4, ["2", "3", "=3"], 4, "3"),  # 2 of 4 is 50 per cent
        ("supermajority", 3, ["2", "=2"], 3, "2"),  # 2 of 3 is 66 per cent
        ("supermajority", 4, ["2", "=2", "=2"], 4, "2"),
        ("supermajority", 4, ["=1", "2", "=2", "3", "4", "5", "6"], 8, None),
        ("unanimity", 3, ["=1", "=1"], 3, "1"),
        ("unanimity", 3, ["2", "=2", "=2"], 4, "2"),
        ("unanimity", 3, ["=1", "3", "=3", "=3"], 5, "3"),
    ],
)
async def test_consensus(stage: Stage, rule: str, seats: int, statements: list[str], calls: int, answer: str | None) -> None:
    """Once all have spoken, it is over with the statement that makes enough agents stand behind the solution on the table."""
    more = [f"{7 + n}" for n in range(12)]
    turns = max(2, -(-calls // seats))
    show = await stage(
        "discussion-vote", talk("1", *statements, *more), set={"rule": rule, "seats": seats, "turns": turns, "vote_from": 1}
    )

    assert set(show.roles) <= {"proposer", "discusser"}
    assert show.calls == calls
    if answer is not None:
        assert show.answer == answer
        assert show.outcome.stopped == "agreement"
        assert show.decision.rule == f"{rule} consensus"
    else:
        assert show.outcome.stopped == "completed"


@pytest.mark.parametrize("rule", CONSENSUS)
async def test_without_a_consensus_the_solution_on_the_table_stands(stage: Stage, rule: str) -> None:
    """After ten turns; the decision says that there was none, and who dissents."""
    show = await stage("discussion-vote", talk("0", *[str(n) for n in range(1, 30)]), set={"rule": rule})

    assert show.calls == 30
    assert show.answer == "29"
    assert show.decision.rule == f"{rule} (no consensus: the solution on the table)"
    assert show.decision.dissent == ("seat-1", "seat-2")


async def test_an_agreement_with_an_older_solution_does_not_count(stage: Stage) -> None:
    """Two agree with 1, then 2 is put up: nobody but its author stands behind it."""
    show = await stage("discussion-vote", talk("1", "=1", "2", "=2"), set={"rule": "majority"})

    assert show.calls == 4
    assert show.answer == "2"
    assert set(show.sources("1.discussion-vote/2/decision")) == {"1.discussion-vote/1/seat-3", "1.discussion-vote/2/seat-1"}


async def test_without_a_stance_the_answer_tells(stage: Stage) -> None:
    """The same answer, however it is written, is an agreement."""
    lines = {"proposer": ["Answer: 0.5"], "discusser": ["Answer: 1/2", "Answer: 50 %"]}
    show = await stage("discussion-vote", lines, set={"rule": "unanimity"})

    assert show.calls == 3


async def test_silence_is_no_agreement(stage: Stage) -> None:
    """An unreadable statement stands behind nothing."""
    agree = "Stance: agree\nAnswer: 1"
    lines = {"proposer": ["Answer: 1"], "discusser": [agree, "hm", agree, agree, "hm"]}
    show = await stage("discussion-vote", lines, set={"rule": "unanimity", "turns": 2})

    assert show.calls == 6
    assert "no consensus" in show.decision.rule


async def test_hybrid_looks_for_a_consensus_then_votes(stage: Stage) -> None:
    """Two of three end it in the first two turns; from the third on only the vote does."""
    early = await stage("discussion-vote", talk("1", "2", "=2"), set={"rule": "hybrid"})
    assert early.calls == 3
    assert early.decision.rule == "hybrid consensus"

    lines = talk("1", "2", "3", "4", "5", "6", "7", "=7", "=7")
    late = await stage(
        "discussion-vote",
        {**lines, "restater": ["Answer: 7", "Answer: 8", "Answer: 7"], "voter": voters(["8"], form="choice")},
        set={"rule": "hybrid"},
    )
    assert late.roles.count("discusser") == 8
    assert late.answer == "8"
    assert late.decision.rule == "plurality"


# --- votes ------------------------------------------------------------------------------------------------

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


# --- the verb `rank` --------------------------------------------------------------------------------------

PROPOSALS = {"proposer": ["ONE Answer: 1", "TWO Answer: 2", "THREE Answer: 1"]}


@pytest.mark.parametrize(("shows", "marks"), [("answer", []), ("reply", ["ONE", "TWO"])])
async def test_rank_shows_one_reply_or_the_bare_answer_for_each_distinct_answer(
    stage: Stage, shows: Any, marks: list[str]
) -> None:
    """The first reply that gave it stands for an answer."""
    strategy = Strategy(steps=[Propose(), Rank(form="ranking", shows=shows), Vote(rule="borda")])
    show = await stage(strategy, {**PROPOSALS, "voter": ["Final ranking: A, B"]})

    assert show.roles.count("voter") == 3
    for seat in (1, 2, 3):
        turn = f"2.rank/seat-{seat}/ballot"
        assert [mark for mark in ("ONE", "TWO", "THREE") if mark in show.shown(turn)] == marks
        assert show.sources(turn) == ["1.propose/seat-1", "1.propose/seat-2"]
        assert set(show.turn(turn).found["ranking"]) == {"1.propose/seat-1", "1.propose/seat-2"}


async def test_a_vote_counts_ballots_and_not_the_seats_own_answers(stage: Stage) -> None:
    """Two of three hold 1, and all vote for 2."""
    strategy = Strategy(steps=[Propose(), Rank(form="choice"), Vote()])
    show = await stage(strategy, {**PROPOSALS, "voter": voters(["2"], form="choice")})

    assert show.answer == "2"
    assert show.sources("3.vote/final") == [f"2.rank/seat-{n}/ballot" for n in (1, 2, 3)]


async def test_a_seat_without_an_answer_of_its_own_votes_too(stage: Stage) -> None:
    """Its ballot counts."""
    strategy = Strategy(steps=[Propose(), Rank(form="choice"), Vote()])
    show = await stage(
        strategy, {"proposer": ["Answer: 1", "Answer: 2", "hm"], "voter": voters(["1"], ["2"], ["2"], form="choice")}
    )

    assert show.answer == "2"


async def test_a_ballot_has_at_most_26_answers(stage: Stage) -> None:
    """Those held by the most seats; letters do not run out."""
    proposals = [f"Answer: {number}" for number in [*range(30), 29]]
    strategy = Strategy(steps=[Propose(seats=31), Rank(form="choice"), Vote()])
    show = await stage(strategy, {"proposer": proposals, "voter": ["Choice: Z"]})

    listed = lettered(show.request("2.rank/seat-1/ballot"))
    assert len(listed) == 26
    assert set(listed) == {*map(str, range(25)), "29"}
    assert show.answer is not None
