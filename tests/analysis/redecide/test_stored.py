"""What the runs of a ledger give to decide again: samples, selections, weights, and answers found to be the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.analysis.records import Votes
from contemplate.analysis.redecide import redecide, stored_samples
from contemplate.errors import InputError
from contemplate.ledger import open_ledger
from contemplate.types import Question, Request


def reply(request: Request) -> str:
    """Every third draw is wrong, every fifth says nothing."""
    return "I don't know." if request.draw % 5 == 4 else f"Answer: {41 if request.draw % 3 == 2 else 42}"


@pytest.fixture
async def ledger(tmp_path: Path) -> Path:
    """Runs of two questions: three and five samples of one, a debate of the other, and one without a gold answer."""
    path = tmp_path / "ledger.db"
    seven, eight = (Question(text=f"What is 6 times {n}?", kind="number", gold=str(6 * n), id=f"times-{n}") for n in (7, 8))
    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=path) as orchestrator:
        for seats in (3, 5):
            await orchestrator.solve(seven, "self-consistency", parameters={"seats": seats})
        await orchestrator.solve(eight, "multiagent-debate", parameters={"seats": 3})
    return path


async def sampled(path: Path, *runs: str, **more: Any) -> list[Votes]:
    """What the runs of a ledger sampled."""
    opened = await open_ledger(path)
    try:
        return await stored_samples(opened, runs, **more)
    finally:
        await opened.aclose()


async def run_ids(path: Path) -> list[str]:
    """The ids of the runs of a ledger, the oldest first."""
    opened = await open_ledger(path)
    try:
        return [record.run for record in reversed(await opened.runs())]
    finally:
        await opened.aclose()


async def test_runs_give_samples(ledger: Path) -> None:
    """First answers alone; a reply that two runs share counts once; the gold answer and the model are known."""
    seven, eight = await sampled(ledger)

    assert ("times-7", (0, 0, 1, 0, None), frozenset({0})) == (seven.id, seven.classes, seven.right)
    assert ("times-8", (0, 0, 1), frozenset()) == (eight.id, eight.classes, eight.right)
    assert {"m"} == {*seven.members, *eight.members}
    assert 0.5 == redecide([seven, eight]).rows[0].accuracy


async def test_runs_are_selected(ledger: Path) -> None:
    """By ids, by their beginnings, by strategy, or by questions, whose gold answers are taken."""
    three, _, debate = await run_ids(ledger)
    other = Question(text="What is 6 times 8?", kind="number", gold="42", id="other")

    assert [3] == [len(one.classes) for one in await sampled(ledger, three)]
    assert ["times-7", "times-8"] == [one.id for one in await sampled(ledger, three, debate[:-1])]
    assert ["times-7", "times-8"] == [one.id for one in await sampled(ledger, three[:4])]
    assert ["times-8"] == [one.id for one in await sampled(ledger, strategy="multiagent-debate")]
    assert [("other", frozenset({0}))] == [(one.id, one.right) for one in await sampled(ledger, questions=[other])]


async def test_runs_that_cannot_be_had(ledger: Path) -> None:
    """No such run or strategy, too short an id, no run of a question."""
    (first, *_) = await run_ids(ledger)
    for runs, more, message in (
        (("nothing",), {}, r"no run called 'nothing'; known"),
        ((first[:3],), {}, r"no run called"),
        (
            (),
            {"strategy": "multiagent"},
            r"no strategy with finished runs here called 'multiagent'; did you mean 'multiagent-debate'",
        ),
        ((), {"questions": [Question(text="Why?")]}, r"no finished run of these questions"),
    ):
        with pytest.raises(InputError, match=message):
            await sampled(ledger, *runs, **more)


async def test_gold_answers_that_differ(ledger: Path) -> None:
    """It is said which, and of what."""
    question = Question(text="What is 6 times 7?", kind="number", gold="43")
    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=ledger) as orchestrator:
        await orchestrator.solve(question, "single")
    with pytest.raises(InputError, match=r"the gold answer to 'What is 6 times 7\?' is '42' in one run and '43' in another"):
        await sampled(ledger)


async def test_stated_confidence_and_scores_are_weights(tmp_path: Path) -> None:
    """A seat's confidence is the weight of its sample, and what a verifier gave it its score."""

    def said(request: Request) -> str:
        text = request.messages[-1].content + request.messages[0].content
        if "core" in text and "Reply" in text:
            return "Score: 9" if "Answer: 41" in text else "Score: 2"
        return f"Answer: {41 + request.draw % 2}"

    path = tmp_path / "scored.db"
    question = Question(text="What is 6 times 7?", kind="number", gold="42")
    async with Orchestrator(["m"], backend=ScriptedBackend(said), ledger=path) as orchestrator:
        outcome = await orchestrator.solve(question, "best-of-n", parameters={"seats": 3})
    (found,) = await sampled(path)

    assert (0, 1, 0) == found.classes
    assert (9.0, 2.0, 9.0) == found.scores
    assert outcome.answer == found.answers[0]
    assert [0.0] == [row.accuracy for row in redecide([found], rule="best").rows]


async def test_answers_that_a_model_found_to_be_the_same_stay_so(tmp_path: Path) -> None:
    """As the run itself counted them."""

    def said(request: Request) -> str:
        if "Do they say the same" in request.messages[-1].content + request.messages[0].content:
            return "Verdict: same"
        return ("Answer: the big city", "Answer: a large town", "Answer: the big city")[request.draw % 3]

    path = tmp_path / "texts.db"
    async with Orchestrator(["m"], backend=ScriptedBackend(said), ledger=path) as orchestrator:
        outcome = await orchestrator.solve("Where?", "self-consistency", parameters={"seats": 3})
    (found,) = await sampled(path)

    assert outcome.decision is not None
    assert [3] == [row.votes for row in outcome.decision.tally]
    assert (0, 0, 0) == found.classes


async def test_who_compares_answers_gives_none(tmp_path: Path) -> None:
    """Though it is asked in the midst of the sampling, and has read nobody's turn."""

    def said(request: Request) -> str:
        if "Do they say the same" in request.messages[-1].content + request.messages[0].content:
            return "Verdict: different"
        return f"Answer: {('red', 'blue')[request.draw % 2]}"

    path = tmp_path / "texts.db"
    async with Orchestrator(["m"], backend=ScriptedBackend(said), ledger=path) as orchestrator:
        outcome = await orchestrator.solve("Which?", "adaptive-consistency", parameters={"seats": 6})
    (found,) = await sampled(path)

    assert "equivalence" in {turn.card for turn in outcome.trace.turns if turn.verb == "propose"}
    assert (0, 1, 0, 1, 0, 1) == found.classes
