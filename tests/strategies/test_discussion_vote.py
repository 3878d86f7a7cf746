"""`discussion-vote`: the talk, and decisions by consensus."""

from __future__ import annotations

import pytest

from discussions import CONSENSUS, THREE, talk, voters
from stage import Stage


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
