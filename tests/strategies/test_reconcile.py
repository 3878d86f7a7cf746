"""`reconcile`: a round table with confidence; what the discussion prompt shows, when it stops, how votes are weighed."""

from __future__ import annotations

import pytest

from stage import Stage

MARKS = ["ONE", "TWO", "THREE", "FOUR"]


def table(*said: tuple[str, float | None], prefix: str = "") -> list[str]:
    """Replies of the seats: an answer and a stated confidence in per cent each."""
    return [
        f"{prefix}{mark}\n" + ("" if sure is None else f"Confidence: {sure} %\n") + f"Answer: {answer}"
        for mark, (answer, sure) in zip(MARKS, said, strict=False)
    ]


SPLIT = table(("1", 90), ("2", 60), ("1", 80))


async def test_each_is_asked_for_its_confidence_in_every_round(stage: Stage) -> None:
    """The first replies and the revised ones carry one; both are asked for it."""
    show = await stage("reconcile", {"proposer": SPLIT, "confident-reviser": table(("1", 100), ("1", 70), ("1", 0))})

    assert all('"Confidence: <0 to 100> %"' in request.messages[-1].content for request in show.requests)
    assert [show.turn(f"1.propose/seat-{n}").confidence for n in (1, 2, 3)] == [0.9, 0.6, 0.8]
    assert [show.turn(f"2.revise/1/seat-{n}").confidence for n in (1, 2, 3)] == [1.0, 0.7, 0.0]


async def test_the_discussion_prompt_groups_by_answer(stage: Stage) -> None:
    """For each distinct answer how many hold it, then each such reply whole with its confidence; one's own stands among them."""
    show = await stage("reconcile", {"proposer": SPLIT, "confident-reviser": table(("1", 90), ("1", 90), ("1", 90))})

    for seat in (1, 2, 3):
        turn = f"2.revise/1/seat-{seat}"
        assert show.saw(turn) == [(f"1.propose/seat-{n}", "saw") for n in (1, 2, 3)]
        messages = show.request(turn).messages
        assert len(messages) == 1
        blocks = [block.splitlines() for block in messages[0].content.split("\n\n") if block.startswith("--- Answer")]
        assert {block[1]: block[0].partition("given by ")[2].partition(" [")[0] for block in blocks} == {
            "ONE": "2 agents, reply 1, confidence 0.90",
            "THREE": "2 agents, reply 2, confidence 0.80",
            "TWO": "1 agent, reply 1, confidence 0.60",
        }
        assert len(blocks) == 3
        numbers = {block[1]: block[0][len("--- Answer ") :][0] for block in blocks}
        assert numbers["ONE"] == numbers["THREE"] != numbers["TWO"]
        assert "seat" not in messages[0].content
        assert "Your reply" not in messages[0].content


async def test_a_later_round_shows_the_round_before_it_alone(stage: Stage) -> None:
    """Round two: the replies of round one; nothing of the first ones."""
    lines = table(("1", 90), ("2", 90), ("1", 90), prefix="R1-") + table(("1", 90), ("1", 90), ("1", 90), prefix="R2-")
    show = await stage("reconcile", {"proposer": SPLIT, "confident-reviser": lines})

    shown = show.shown("2.revise/2/seat-2")
    assert [f"R1-{mark}" in shown for mark in MARKS[:3]] == [True] * 3
    assert "\nONE" not in shown
    assert show.sources("2.revise/2/seat-2") == [f"2.revise/1/seat-{n}" for n in (1, 2, 3)]
    assert show.calls == 9


async def test_with_three_answers_all_three_are_heard(stage: Stage) -> None:
    """The authors' code quotes the two commonest; here nobody is left out."""
    show = await stage(
        "reconcile",
        {"proposer": table(("1", 90), ("2", 90), ("3", 90)), "confident-reviser": table(("1", 90), ("1", 90), ("1", 90))},
    )

    assert all(f"\n{mark}\n" in show.shown("2.revise/1/seat-1") for mark in MARKS[:3])


@pytest.mark.parametrize(("agree_after", "calls"), [(0, 3), (1, 6), (2, 9), (3, 12), (9, 12)])
async def test_it_stops_when_all_agree_or_after_three_rounds(stage: Stage, agree_after: int, calls: int) -> None:
    """Before the first round of discussion, or after any; at most three."""
    later = [line for number in (1, 2, 3) for line in table(("1", 90), ("1" if number >= agree_after else "2", 90), ("1", 90))]
    first = table(("1", 90), ("1" if agree_after == 0 else "2", 90), ("1", 90))
    show = await stage("reconcile", {"proposer": first, "confident-reviser": later})

    assert show.calls == calls
    assert show.outcome.stopped == ("agreement" if agree_after < 3 else "completed")
    assert show.answer == "1"


@pytest.mark.parametrize(
    ("said", "winner", "weights"),
    [
        ([("1", 100), ("2", 80), ("2", 75)], "1", {"1": 1.0, "2": 0.8}),
        ([("1", 99), ("2", 80), ("2", 80)], "2", {"1": 0.8, "2": 1.0}),
        ([("1", 79), ("2", 60), ("2", 60)], "1", {"1": 0.3, "2": 0.2}),  # .6 exactly gives .1
        ([("1", 61), ("2", 60), ("2", None)], "1", {"1": 0.3, "2": 0.2}),  # no confidence counts as 0, which gives .1
    ],
)
async def test_votes_are_weighed_by_recalibrated_confidence(
    stage: Stage, said: list[tuple[str, float | None]], winner: str, weights: dict[str, float]
) -> None:
    """1 stays 1; from .9 it is .8, from .8 .5, above .6 .3, else .1: one sure voter can outweigh two."""
    show = await stage("reconcile", {"proposer": table(*said), "confident-reviser": table(*said)}, set={"rounds": 1})

    assert show.answer == winner
    assert {row.answer: pytest.approx(row.weight) for row in show.decision.tally} == weights


async def test_the_last_rounds_confidence_counts(stage: Stage) -> None:
    """Each seat votes with what it said last."""
    show = await stage(
        "reconcile",
        {"proposer": table(("1", 100), ("2", 60), ("2", 60)), "confident-reviser": table(("1", 60), ("2", 100), ("2", 60))},
        set={"rounds": 1},
    )

    assert show.outcome.first_decision is not None
    assert show.outcome.first_decision.winner == "1"
    assert show.answer == "2"


async def test_an_unreadable_reply_has_no_vote_and_is_shown_to_nobody(stage: Stage) -> None:
    """Nothing is drawn for it; the others are grouped without it."""
    show = await stage(
        "reconcile",
        {"proposer": [*table(("1", 90), ("2", 90)), "THREE hm"], "confident-reviser": [*table(("2", 60), ("2", 60)), "hm"]},
        set={"rounds": 1},
    )

    assert "THREE hm" not in show.shown("2.revise/1/seat-1")
    assert "given by 1 agent," in show.shown("2.revise/1/seat-1")
    assert show.decision.abstentions == ("seat-3",)
    assert show.answer == "2"


async def test_three_models_sit_at_one_table(stage: Stage) -> None:
    """Seats take the models in turn, and keep theirs in every round."""
    show = await stage(
        "reconcile",
        {
            "proposer": lambda request: f"Confidence: 90 %\nAnswer: {request.model[-1]}",
            "confident-reviser": table(("1", 90)),
        },
        models=["m1", "m2", "m3"],
        set={"rounds": 1},
    )

    assert [show.turn(f"1.propose/seat-{n}").model for n in (1, 2, 3)] == ["m1", "m2", "m3"]
    assert [show.turn(f"2.revise/1/seat-{n}").model for n in (1, 2, 3)] == ["m1", "m2", "m3"]
