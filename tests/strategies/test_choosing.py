"""Choosing among independent replies: `universal-self-consistency`, `best-of-n`, `knockout`, `league`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from math import ceil, log2

import pytest

from contemplate import Completion, Question, Request
from contemplate.errors import RecipeError, RejectedError
from stage import Stage

MARKS = ("ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT", "GOLF", "HOTEL")
"""A word for each seat, so that it can be seen in a prompt whose reply it holds."""


def marked(*answers: object) -> list[str]:
    """A reply for each seat that holds its word, in the order of the seats."""
    return [f"{mark} says so.\nAnswer: {answer}" for mark, answer in zip(MARKS, answers, strict=False)]


def shown(request: Request) -> list[str]:
    """The words that stand in a prompt, in the order in which they stand there."""
    said = request.messages[-1].content
    return sorted((mark for mark in MARKS if mark in said), key=said.index)


def prefers(*order: str) -> Callable[[Request], str]:
    """A judge of pairs that always takes the reply whose word comes first in `order`."""

    def choose(request: Request) -> str:
        pair = shown(request)
        return f"Choice: {'AB'[pair.index(min(pair, key=order.index))]}"

    return choose


def chooses(mark: str) -> Callable[[Request], str]:
    """A selector that finds the number of the reply with that word."""
    return lambda request: f"Choice: {shown(request).index(mark) + 1}"


# --- universal self-consistency ----------------------------------------------------------------------


async def test_usc_makes_one_more_call_that_sees_every_reply_whole(stage: Stage) -> None:
    """Eight samples and one selection, which is shown all of them, numbered, and no name."""
    show = await stage("universal-self-consistency", {"proposer": marked(*range(8)), "selector": ["Choice: 1"]})

    assert show.roles == ["proposer"] * 8 + ["selector"]
    prompt = show.shown("2.select/selector")
    assert sorted(shown(show.requests[-1])) == sorted(MARKS)
    assert all(f"--- Reply {number} [" in prompt for number in range(1, 9))
    assert "seat" not in prompt
    assert show.sources("2.select/selector") == [f"1.propose/seat-{number}" for number in range(1, 9)]


async def test_usc_shows_replies_in_a_seeded_order_that_the_trace_keeps(stage: Stage) -> None:
    """Another seed, another order; the order on record is the one that was shown, and the number chosen is meant in it."""
    orders = set()
    for seed in range(4):
        show = await stage("universal-self-consistency", {"proposer": marked(*range(8)), "selector": ["Choice: 3"]}, seed=seed)
        order = shown(show.requests[-1])
        turn = show.turn("2.select/selector")
        seats = [MARKS[int(turn_id.rpartition("-")[2]) - 1] for turn_id in turn.found.order or ()]
        assert seats == order
        assert show.answer == str(MARKS.index(order[2]))
        orders.add(tuple(order))
    assert len(orders) == 4


async def test_usc_may_choose_what_few_said(stage: Stage) -> None:
    """The reply chosen wins, however the count stands; the count stays on record, and who dissents."""
    lines = {"proposer": marked(1, 1, 2, 1), "selector": chooses("CHARLIE")}

    show = await stage("universal-self-consistency", lines, set={"seats": 4})

    assert show.answer == "2"
    assert show.decision.rule == "select by agent"
    assert [(row.answer, row.votes) for row in show.decision.tally] == [("1", 3), ("2", 1)]
    assert show.decision.dissent == ("seat-1", "seat-2", "seat-4")
    assert show.saw("2.select/decision") == [("2.select/selector", "counted")]


@pytest.mark.parametrize("said", ["They all differ.", "Choice: 9", "Choice: 0"])
async def test_usc_an_unreadable_choice_takes_the_first_reply(stage: Stage, said: str) -> None:
    """No second call: the reply that was shown first is returned."""
    show = await stage("universal-self-consistency", {"proposer": marked(1, 2, 3), "selector": [said]}, set={"seats": 3})

    assert show.calls == 4
    assert show.answer == str(MARKS.index(shown(show.requests[-1])[0]) + 1)
    assert show.turn("2.select/selector").found.unread is True


async def test_usc_a_choice_that_fails_takes_the_first_reply(stage: Stage) -> None:
    """A call that is refused ends nothing."""
    lines = {"proposer": marked(1, 2, 3), "selector": [RejectedError("no")]}

    show = await stage("universal-self-consistency", lines, set={"seats": 3})

    assert show.answer == str(MARKS.index(shown(show.requests[-1])[0]) + 1)


async def test_usc_works_where_answers_can_not_be_read(stage: Stage) -> None:
    """An open task: the whole reply that was chosen is returned unchanged."""
    poems = [f"{mark}\nroses\nare red" for mark in MARKS[:3]]
    lines = {"proposer": poems, "selector": chooses("BRAVO")}
    question = Question(text="Write a poem.", kind="text")

    show = await stage("universal-self-consistency", lines, set={"seats": 3}, question=question)

    assert show.answer == "BRAVO\nroses\nare red"
    assert show.outcome.stopped == "completed"
    assert show.calls == 4


async def test_usc_chooses_no_reply_without_the_number_that_was_asked_for(stage: Stage) -> None:
    """Where the answer has a form, a reply in which none was found is no candidate."""
    lines = {"proposer": ["ALPHA, I think.", *marked(1, 2, 3)[1:]], "selector": ["Choice: 1"]}

    show = await stage("universal-self-consistency", lines, set={"seats": 3})

    assert sorted(shown(show.requests[-1])) == ["BRAVO", "CHARLIE"]


async def test_usc_leaves_out_what_is_no_reply(stage: Stage) -> None:
    """A reply that was cut off is none; with one reply left there is nothing to choose."""
    cut = Completion(text="ALPHA Answer: 1", finish="length")
    show = await stage(
        "universal-self-consistency", {"proposer": [cut, *marked(1, 2, 3)[1:]], "selector": ["Choice: 1"]}, set={"seats": 3}
    )
    alone = await stage("universal-self-consistency", {"proposer": [cut, cut, marked(1, 2, 3)[2]]}, set={"seats": 3})
    none = await stage("universal-self-consistency", {"proposer": [cut]}, set={"seats": 3})

    assert sorted(shown(show.requests[-1])) == ["BRAVO", "CHARLIE"]
    assert (alone.calls, alone.answer) == (3, "3")
    assert (none.outcome.stopped, none.answer) == ("quorum", None)


# --- best of n ----------------------------------------------------------------------------------------


def grades(**scores: float) -> Callable[[Request], str]:
    """A verifier that scores the one reply it is shown by its word."""

    def score(request: Request) -> str:
        (mark,) = shown(request)
        return f"I checked it.\nScore: {scores[mark]}"

    return score


async def test_best_of_n_scores_each_reply_alone(stage: Stage) -> None:
    """One call for each reply; a verifier sees that one and no other, and no name. The best score decides, against the most."""
    scorer = grades(ALPHA=2, BRAVO=3, CHARLIE=9, DELTA=4)

    show = await stage("best-of-n", {"proposer": marked(1, 1, 2, 1), "scorer": scorer}, set={"seats": 4})

    assert Counter(show.roles) == {"proposer": 4, "scorer": 4}
    for number, mark in enumerate(MARKS[:4], 1):
        turn = f"2.score/scorer/of-seat-{number}"
        assert show.sources(turn) == [f"1.propose/seat-{number}"]
        assert shown(show.request(turn)) == [mark]
        assert "seat" not in show.shown(turn)
    assert show.answer == "2"
    assert show.decision.rule == "best"
    assert show.decision.dissent == ("seat-1", "seat-2", "seat-4")
    assert show.saw("3.vote/decision") == [(f"2.score/scorer/of-seat-{number}", "counted") for number in (1, 2, 3, 4)]


async def test_best_of_n_asks_a_hundred_by_default(stage: Stage) -> None:
    """The paper's number of samples."""
    show = await stage("best-of-n", {"proposer": marked(1), "scorer": ["Score: 5"]}, replayed=False)

    assert Counter(show.roles) == {"proposer": 100, "scorer": 100}


async def test_best_of_n_of_equal_scores_the_first_wins(stage: Stage) -> None:
    """In the order of the seats, whoever was scored first."""
    scorer = grades(ALPHA=2, BRAVO=7, CHARLIE=7)

    show = await stage("best-of-n", {"proposer": marked(1, 2, 3), "scorer": scorer}, set={"seats": 3})

    assert show.answer == "2"


async def test_best_of_n_votes_weighted_by_scores(stage: Stage) -> None:
    """The sum of the scores of an answer decides: neither the best single one nor the most common."""
    scorer = grades(ALPHA=1, BRAVO=1, CHARLIE=1, DELTA=9, ECHO=6, FOXTROT=6)

    show = await stage(
        "best-of-n", {"proposer": marked(1, 1, 1, 2, 3, 3), "scorer": scorer}, set={"seats": 6, "decision": "weighted", "top": 1}
    )

    assert [(row.answer, row.votes, row.weight) for row in show.decision.tally] == [("3", 2, 12.0), ("2", 1, 9.0), ("1", 3, 3.0)]
    assert ("2.score/scorer/of-seat-1", "counted") in show.saw("3.vote")


async def test_best_of_n_votes_among_the_top(stage: Stage) -> None:
    """Only the best scored vote, each with one vote."""
    scorer = grades(ALPHA=1, BRAVO=1, CHARLIE=1, DELTA=9, ECHO=6, FOXTROT=5)

    show = await stage(
        "best-of-n", {"proposer": marked(1, 1, 1, 2, 3, 3), "scorer": scorer}, set={"seats": 6, "decision": "plurality", "top": 3}
    )

    assert [(row.answer, row.votes) for row in show.decision.tally] == [("3", 2), ("2", 1)]
    assert show.sources("3.vote") == [f"1.propose/seat-{number}" for number in (4, 5, 6)]


async def test_best_of_n_averages_several_scores(stage: Stage) -> None:
    """Two samples of each: 4 and 8 beat 5 and 5."""
    said = {"ALPHA": iter((4, 8)), "BRAVO": iter((5, 5))}

    show = await stage(
        "best-of-n",
        {"proposer": marked(1, 2), "scorer": lambda request: f"Score: {next(said[shown(request)[0]])}"},
        set={"seats": 2, "times": 2},
    )

    assert show.answer == "1"
    assert [turn_id for turn_id in show.ids("score") if "seat-1" in turn_id] == [
        "2.score/scorer/of-seat-1-1",
        "2.score/scorer/of-seat-1-2",
    ]


async def test_best_of_n_scores_distinct_answers_once(stage: Stage) -> None:
    """The first reply of each answer stands for all that gave it."""
    scorer = grades(ALPHA=4, CHARLIE=7)

    show = await stage(
        "best-of-n",
        {"proposer": marked(1, 1, 2, 1), "scorer": scorer},
        set={"seats": 4, "of": "distinct", "decision": "weighted"},
    )

    assert show.roles.count("scorer") == 2
    assert [(row.answer, row.weight) for row in show.decision.tally] == [("1", 12.0), ("2", 7.0)]


async def test_best_of_n_an_unreadable_score_is_asked_for_once_more_and_then_none(stage: Stage) -> None:
    """A reply without a score comes after all that have one; it does not vote by weight."""
    lines = {
        "proposer": marked(1, 2, 3),
        "scorer": lambda request: "hm" if "ALPHA" in str(request.messages) else grades(BRAVO=0, CHARLIE=0)(request),
    }

    best = await stage("best-of-n", lines, set={"seats": 3})
    weighted = await stage("best-of-n", lines, set={"seats": 3, "decision": "weighted"})

    assert best.calls == 3 + 4
    assert best.answer == "2"
    assert weighted.answer is None
    assert weighted.decision.reason == "every ballot has the weight 0"


async def test_best_of_n_unreadable_replies_are_not_scored(stage: Stage) -> None:
    """There is nothing to score, and nothing to win."""
    show = await stage("best-of-n", {"proposer": ["ALPHA hm", *marked(1, 2)[1:]], "scorer": ["Score: 1"]}, set={"seats": 2})

    assert show.roles.count("scorer") == 1
    assert show.answer == "2"
    assert show.decision.abstentions == ("seat-1",)


# --- knockout ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seats", [1, 2, 3, 5, 8])
async def test_knockout_compares_all_but_one_in_the_fewest_rounds(stage: Stage, seats: int) -> None:
    """(N - 1) K comparisons and N generations, in ceil(log2 N) rounds; the strongest wins, from wherever it starts."""
    show = await stage(
        "knockout",
        {"proposer": marked(*range(seats)), "comparer": prefers(*reversed(MARKS[:seats]))},
        set={"seats": seats, "times": 4},
    )

    assert Counter(show.roles) == Counter({"proposer": seats, "comparer": (seats - 1) * 4})
    rounds = {match.group(1) for turn_id in show.ids("compare") if (match := re.search(r"/round-(\d+)/", turn_id))}
    assert len(rounds) == ceil(log2(seats))
    assert show.answer == str(seats - 1)


async def test_knockout_compares_each_pair_in_both_orders(stage: Stage) -> None:
    """Half of the comparisons of a pair in either order; each sees these two replies and nobody else's, and no name."""
    show = await stage("knockout", {"proposer": marked(*range(4)), "comparer": prefers(*MARKS)}, set={"seats": 4, "times": 4})

    orders = Counter(tuple(shown(request)) for request, role in zip(show.requests, show.roles, strict=True) if role == "comparer")
    assert len(orders) == 6
    assert set(orders.values()) == {2}
    assert all((other, one) in orders for one, other in orders)
    for turn_id in show.ids("compare"):
        if "/round-" in turn_id:
            assert len(show.sources(turn_id)) == 2
            assert "seat" not in show.shown(turn_id)


async def test_knockout_winners_of_a_round_meet_in_the_next(stage: Stage) -> None:
    """The final is between those who won; nobody who lost is seen again."""
    show = await stage("knockout", {"proposer": marked(*range(4)), "comparer": prefers(*MARKS)}, set={"seats": 4})

    first = {frozenset(show.sources(turn)) for turn in show.ids("compare") if "/round-1/" in turn}
    final = {frozenset(show.sources(turn)) for turn in show.ids("compare") if "/round-2/" in turn}
    assert len(first) == 2
    assert set.union(*map(set, first)) == {f"1.propose/seat-{number}" for number in (1, 2, 3, 4)}
    assert final == {frozenset(min(pair) for pair in first)}


async def test_knockout_a_judge_that_follows_the_order_decides_nothing(stage: Stage) -> None:
    """Whoever stands first each time wins one of two: a tie, which goes to the first-listed by the seed."""
    shows = [
        await stage("knockout", {"proposer": marked(1, 2), "comparer": ["Choice: A"]}, set={"seats": 2}, seed=seed)
        for seed in range(8)
    ]

    assert {show.answer for show in shows} == {"1", "2"}
    assert all(show.answer == str(MARKS.index(shown(show.requests[2])[0]) + 1) for show in shows)


@pytest.mark.parametrize("seed", range(4))
async def test_knockout_the_majority_of_a_pair_decides(stage: Stage, seed: int) -> None:
    """Two comparisons of three, wherever the seed lists the winner; an unreadable one counts for neither."""
    said = {"ALPHA": iter(["hm", "Choice: B"]), "BRAVO": iter(["Choice: A", "Choice: B"])}

    def compare(request: Request) -> str:
        if "can't be read" in request.messages[-1].content:
            return "really no"
        return next(said[shown(request)[0]])

    show = await stage("knockout", {"proposer": marked(1, 2), "comparer": compare}, set={"seats": 2, "times": 4}, seed=seed)

    assert show.calls == 2 + 4 + 1
    assert show.answer == "2"


async def test_knockout_leaves_out_who_has_no_answer(stage: Stage) -> None:
    """Two of three are left; one pair is compared."""
    show = await stage("knockout", {"proposer": ["hm", *marked(1, 2, 3)[1:]], "comparer": prefers(*MARKS)}, set={"seats": 3})

    assert show.roles.count("comparer") == 2
    assert show.answer == "2"


@pytest.mark.parametrize("name", ["knockout", "league"])
async def test_one_comparison_of_a_pair_is_refused(stage: Stage, name: str) -> None:
    """Never in one order only: the recipe says so with its line."""
    with pytest.raises(RecipeError, match=rf"{name}\.yaml:\d+: steps\.2\.times: .*greater than or equal to 2"):
        await stage(name, {"proposer": marked(1, 2)}, set={"times": 1})


# --- league --------------------------------------------------------------------------------------------


async def test_league_each_meets_so_many_others(stage: Stage) -> None:
    """Each meets at least three of seven others, a pair only once for both, always in both orders."""
    show = await stage("league", {"proposer": marked(*range(8)), "comparer": prefers(*MARKS)})

    pairs = Counter(tuple(shown(request)) for request, role in zip(show.requests, show.roles, strict=True) if role == "comparer")
    met: dict[str, set[str]] = {mark: set() for mark in MARKS}
    for one, other in pairs:
        met[one].add(other)
        assert pairs[one, other] == pairs[other, one] == 1
    assert all(len(others) >= 3 for others in met.values())
    assert 8 * 3 / 2 * 2 <= sum(pairs.values()) <= 8 * 3 * 2
    assert show.answer == "0"


async def test_league_the_best_mean_win_rate_wins(stage: Stage) -> None:
    """All meet all: who beats all wins against the most common answer."""
    show = await stage(
        "league",
        {"proposer": marked(1, 1, 1, 2), "comparer": prefers("DELTA", "BRAVO", "ALPHA", "CHARLIE")},
        set={"seats": 4, "opponents": 9},
    )

    assert show.roles.count("comparer") == 6 * 2
    assert show.answer == "2"
    assert show.decision.rule == "league"
    assert show.decision.dissent == ("seat-1", "seat-2", "seat-3")


async def test_league_counts_the_meetings_that_a_candidate_drew_itself(stage: Stage) -> None:
    """With one opponent each, it is that one result; a tie of rates goes by the seeded order, not by the seat."""
    shows = [
        await stage(
            "league", {"proposer": marked(*range(4)), "comparer": ["Choice: A"]}, set={"seats": 4, "opponents": 1}, seed=seed
        )
        for seed in range(8)
    ]

    assert len({show.answer for show in shows}) > 1
