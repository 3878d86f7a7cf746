"""Sampling and voting: `single`, `self-consistency`, `adaptive-consistency`, `early-stopping-consistency`."""

from __future__ import annotations

import pytest

from contemplate import Question
from contemplate.errors import RecipeError
from stage import Stage


def votes(*answers: object) -> list[str]:
    """Replies with these answers; None is a reply without one."""
    return ["I can't say." if answer is None else f"So it is.\nAnswer: {answer}" for answer in answers]


def alternating(first: int, second: int) -> list[str]:
    """Replies 1, 2, 1, 2 ... and then the rest of the longer side."""
    pairs = [answer for _ in range(min(first, second)) for answer in (1, 2)]
    return votes(*pairs, *[1] * (first - len(pairs) // 2), *[2] * (second - len(pairs) // 2))


# --- single and self-consistency ------------------------------------------------------------------


async def test_single_asks_once(stage: Stage) -> None:
    """One call, one answer."""
    show = await stage("single", {"proposer": votes(42)})

    assert show.roles == ["proposer"]
    assert show.answer == "42"
    assert show.outcome.stopped == "completed"


async def test_self_consistency_takes_the_most_common_answer(stage: Stage) -> None:
    """Independent identical requests that differ in their draw; plurality decides, the rest dissent, unread replies abstain."""
    show = await stage("self-consistency", {"proposer": votes(42, 41, "42.0", 40, None)})

    assert show.answer == "42"
    assert show.roles == ["proposer"] * 5
    assert len({request.messages for request in show.requests}) == 1
    assert sorted(request.draw for request in show.requests) == [0, 1, 2, 3, 4]
    assert len({request.seed for request in show.requests}) == 5
    assert [(row.answer, row.votes) for row in show.decision.tally] == [("42", 2), ("41", 1), ("40", 1)]
    assert show.decision.abstentions == ("seat-5",)
    assert show.decision.dissent == ("seat-2", "seat-4")


async def test_self_consistency_sees_nobody(stage: Stage) -> None:
    """Chains are independent: only the vote sees them, all of them."""
    show = await stage("self-consistency", {"proposer": votes(1, 2, 3)}, set={"seats": 3})

    proposals = [f"1.propose/seat-{number}" for number in (1, 2, 3)]
    assert [show.saw(proposal) for proposal in proposals] == [[], [], []]
    assert show.saw("2.vote") == [(proposal, "counted") for proposal in proposals]


@pytest.mark.parametrize(("ties", "winners"), [("first-seen", {"2"}), ("random", {"1", "2"}), ("none", {None})])
async def test_self_consistency_breaks_ties_by_the_rule_named(stage: Stage, ties: str, winners: set[str | None]) -> None:
    """The first seat's answer, one drawn by the seed, or none."""
    shows = [
        await stage("self-consistency", {"proposer": votes(2, 1)}, set={"seats": 2, "ties": ties}, seed=s) for s in range(12)
    ]

    assert {show.decision.winner for show in shows} == winners
    assert {show.decision.ties for show in shows} == {("2", "1")}


# --- adaptive-consistency --------------------------------------------------------------------------


@pytest.mark.parametrize(("second", "first"), list(enumerate([4, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19])), ids=str)
async def test_adaptive_consistency_stops_at_the_published_counts(stage: Stage, second: int, first: int) -> None:
    """The Beta rule at .95: the smallest lead that stops, for 0 to 10 votes of the runner-up; not a call more is made."""
    show = await stage("adaptive-consistency", {"proposer": [*alternating(first, second), *votes(*[2] * 40)]})

    assert show.calls == first + second
    assert show.answer == "1"
    assert show.outcome.stopped == "settled"
    assert [(row.answer, row.votes) for row in show.decision.tally] == [("1", first), ("2", second)][: 2 if second else 1]


async def test_adaptive_consistency_draws_forty_where_nothing_leads(stage: Stage) -> None:
    """The cap is 40; the run then simply ends, and the tie goes to the answer seen first."""
    show = await stage("adaptive-consistency", {"proposer": votes(2, 1)})

    assert show.calls == 40
    assert show.outcome.stopped == "completed"
    assert show.answer == "2"


async def test_adaptive_consistency_pays_for_unreadable_replies_and_counts_none(stage: Stage) -> None:
    """Four votes settle it, however many replies could not be read between them; those are abstentions."""
    show = await stage("adaptive-consistency", {"proposer": votes(None, 1, None, 1, 1, None, 1, 2)})

    assert show.calls == 7
    assert show.decision.abstentions == ("seat-1", "seat-3", "seat-6")
    assert show.decision.tally[0].votes == 4


@pytest.mark.parametrize(
    ("rule", "answers", "calls"),
    [
        ("beta(0.99)", [1], 6),
        ("beta(0.9)", [1], 3),
        ("dirichlet", [1], 4),
        ("dirichlet", [1, 2, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 9),
        ("majority-share", [1], 2),
        ("majority-share", [1, 2, 1, 1, 1], 5),
        ("majority-share(0.75)", [1, 2, 1, 1, 1], 4),
        ("entropy", [1], 2),
        ("entropy(0.9)", [1, 2, 1, 1, 1], 4),
        ("random(1)", [1, 2], 1),
        ("random(0)", [1], 40),
        ("full", [1], 40),
        ("predictive", [1], 4),
    ],
)
async def test_adaptive_consistency_takes_other_rules(stage: Stage, rule: str, answers: list[int], calls: int) -> None:
    """Each rule of the paper's code, and ours, with its usual figure or one in brackets."""
    show = await stage("adaptive-consistency", {"proposer": votes(*answers)}, set={"rule": rule})

    assert show.calls == calls


@pytest.mark.parametrize("rule", ["betta", "beta(2)", "beta()", "full(3)", "beta(0.9", "window(0)"])
async def test_adaptive_consistency_refuses_rules_that_are_none(stage: Stage, rule: str) -> None:
    """One clear line, with the file and the line, and nothing is called."""
    with pytest.raises(RecipeError, match=r"adaptive-consistency\.yaml:\d+: .*until"):
        await stage("adaptive-consistency", {"proposer": votes(1)}, set={"rule": rule})


# --- early-stopping consistency -----------------------------------------------------------------


async def test_early_stopping_ends_after_a_unanimous_window(stage: Stage) -> None:
    """Windows of five: the second is of one answer, so ten are drawn; the last answer of the first counts too."""
    show = await stage("early-stopping-consistency", {"proposer": votes(1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3)})

    assert show.calls == 10
    assert show.outcome.stopped == "settled"
    assert [(row.answer, row.votes) for row in show.decision.tally] == [("2", 6), ("1", 4)]


async def test_early_stopping_windows_do_not_slide(stage: Stage) -> None:
    """Five equal answers across the border of two windows end nothing."""
    show = await stage("early-stopping-consistency", {"proposer": votes(2, 1, 1, 1, 1, 1, 2, 1, 1, 1)}, set={"seats": 10})

    assert show.calls == 10
    assert show.outcome.stopped == "completed"


async def test_early_stopping_an_unreadable_reply_spoils_its_window(stage: Stage) -> None:
    """It agrees with nothing, another unreadable reply included."""
    show = await stage("early-stopping-consistency", {"proposer": votes(*[None] * 5, 1, 1, None, 1, 1, 1, 1, 1, 1, 1, 2)})

    assert show.calls == 15


@pytest.mark.parametrize(("returns", "answer"), [("all", "1"), ("window", "2")])
async def test_early_stopping_returns_the_plurality_or_the_windows_answer(stage: Stage, returns: str, answer: str) -> None:
    """The paper counts everything drawn; its code returns the window's answer. They can differ."""
    drawn = votes(1, 1, 3, 1, 1, 1, 1, 1, 4, 1, 2, 2, 2, 2, 2)

    show = await stage("early-stopping-consistency", {"proposer": drawn}, set={"returns": returns})

    assert show.calls == 15
    assert show.answer == answer


async def test_early_stopping_returns_the_plurality_where_no_window_agreed(stage: Stage) -> None:
    """At the cap there may be no window to return: then all count."""
    show = await stage(
        "early-stopping-consistency", {"proposer": votes(1, 1, 2, 2, 1, 2)}, set={"returns": "window", "seats": 6, "window": 3}
    )

    assert show.calls == 6
    assert sum(row.votes for row in show.decision.tally) == 6


async def test_early_stopping_knows_a_unanimous_window_at_the_cap(stage: Stage) -> None:
    """The last window may be the first that agrees."""
    show = await stage(
        "early-stopping-consistency",
        {"proposer": votes(1, 1, 2, 1, 2, 2, 2, 2)},
        set={"returns": "window", "seats": 8, "window": 2},
    )

    assert show.calls == 2
    late = await stage(
        "early-stopping-consistency", {"proposer": votes(1, 2, 1, 3, 2, 2)}, set={"returns": "window", "seats": 6, "window": 2}
    )
    assert late.calls == 6
    assert [(row.answer, row.votes) for row in late.decision.tally] == [("2", 2)]


async def test_sampling_reads_answers_of_any_kind(stage: Stage) -> None:
    """Votes go by meaning: an option's letter and its text are one answer."""
    question = Question(text="Which is prime?", kind="choice", choices=("four", "five"))

    show = await stage("adaptive-consistency", {"proposer": votes("B", "(B)", "five", "b", "A")}, question=question)

    assert show.calls == 4
    assert show.decision.tally[0].votes == 4
