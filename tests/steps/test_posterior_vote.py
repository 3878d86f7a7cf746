"""The rule `posterior` after other steps than `gather`, and what it does not go with."""

from __future__ import annotations

import pytest

from contemplate import Critique, Gather, InputError, Propose, Strategy, Verify, Vote
from contemplate.voting.witnesses import Critic, Knowledge
from stage import Stage

GOOD = Critic(sensitivity=0.9, specificity=0.9)
KNOWN = Knowledge(critics={"verifier:m": GOOD, "critic:m": GOOD})
SPLIT = ["ONE\nAnswer: 1", "TWO\nAnswer: 2", "ONE\nAnswer: 1"]


@pytest.mark.parametrize(("knowledge", "expected"), [(Knowledge(), "1"), (KNOWN, "2")], ids=["nothing", "critic"])
async def test_verifications_are_evidence(stage: Stage, knowledge: Knowledge, expected: str) -> None:
    """For as much as is known of who gave them: here they reject the majority's answer."""
    strategy = Strategy(steps=[Propose(seats=3), Verify(), Vote(rule="posterior")])
    lines = {
        "proposer": SPLIT,
        "verifier": lambda request: "Verdict: accept" if "\n2\n---" in request.messages[-1].content else "Verdict: reject",
    }
    show = await stage.knowing(knowledge)(strategy, lines)

    assert show.answer == expected
    assert set(show.ids("verify")) <= set(show.sources("3.vote"))


@pytest.mark.parametrize(("knowledge", "expected"), [(Knowledge(), "1"), (KNOWN, "2")], ids=["nothing", "critic"])
async def test_audits_are_evidence(stage: Stage, knowledge: Knowledge, expected: str) -> None:
    """Likewise; the vote waits for them."""
    strategy = Strategy(steps=[Propose(seats=3), Critique(of="distinct", critics=2), Vote(rule="posterior")])
    lines = {
        "proposer": SPLIT,
        "critic": lambda request: "Verdict: sound" if "TWO" in request.messages[-1].content else "Verdict: flawed",
    }
    show = await stage.knowing(knowledge)(strategy, lines)

    assert show.answer == expected


async def test_a_verdict_is_no_answer_of_the_round(stage: Stage) -> None:
    """The round of `gather` holds who answered, and not who judged."""
    lines = {"proposer": SPLIT, "verifier": ["Verdict: accept"], "critic": ["Verdict: sound"]}
    show = await stage(Strategy(steps=[Gather(seats=3, trials=1), Vote(rule="posterior")], calls_per_seat=3), lines)

    assert "verifier" in show.roles
    assert len(show.outcome.trace.rounds()) == 1
    assert all(answer is not None for _, answer in show.outcome.trace.rounds()[0].answers)


@pytest.mark.parametrize("knowledge", [Knowledge(), KNOWN], ids=["nothing", "critic"])
async def test_without_a_bound_on_calls_there_are_as_many_as_seats(stage: Stage, knowledge: Knowledge) -> None:
    """The step alone asks no more, whoever is asked."""
    strategy = Strategy(steps=[Gather(seats=4), Vote()])
    show = await stage.knowing(knowledge)(strategy, {"proposer": SPLIT[:2], "verifier": ["Verdict: accept"], "critic": ["hm"]})

    assert show.calls == 4


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"rule": "posterior", "voters": "confidence"}, "takes no 'voters'"),
        ({"rule": "plurality", "floor": 0.5}, "a 'floor' is for the rule 'posterior'"),
        ({"rule": "posteriori"}, "did you mean 'posterior'"),
    ],
)
def test_what_does_not_go_together_is_refused(words: dict[str, object], problem: str) -> None:
    """In one line."""
    with pytest.raises(InputError, match=problem):
        Vote(**words)  # type: ignore[arg-type]
