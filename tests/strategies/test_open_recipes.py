"""Published recipes on open questions: each as published, ending in the full text of whoever writes last."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from contemplate import Propose, Question, Rank, Request, Strategy, Vote
from contemplate.errors import RejectedError
from stage import Lines, Show, Stage

ASKED = Question(text="Should a small startup use PostgreSQL or MongoDB? Explain.", kind="open")
MODELS = ["lab/alpha", "lab/beta"]
MARKS = ("ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX")
LAST = "# Take PostgreSQL\n\nIt is safe, and it is known.\n\n* One thing against it: you must plan."
_MARK = re.compile(rf"\b({'|'.join(MARKS)})-([ab])\b")


def essay(request: Request) -> str:
    """An essay of its own for each draw of each model."""
    return f"{MARKS[request.draw]}-{request.model[4]} is my view.\n\nIt has a second paragraph, and no last line of any form."


def marks(text: str) -> set[str]:
    """The essays that stand in a text."""
    return {found[0] for found in _MARK.finditer(text)}


CAST: dict[str, Lines] = {
    "proposer": essay,
    "council-member": ["COMMENT.\nFinal ranking: B, A, C, D"],
    "chairman": [LAST],
    "aggregator": [LAST],
    "rigorous-solver": essay,
    "improver": lambda request: f"MENDED {essay(request)}",
    "corrector": lambda request: f"CORRECTED {essay(request)}",
    "grader": lambda request: f"REPORT-{request.draw}: all is supported.",
    "verdict-reader": ["Verdict: yes"],
}


async def play(stage: Stage, name: str, lines: dict[str, Any] | None = None, **words: Any) -> Show:
    """A recipe on the open question."""
    return await stage(name, {**CAST, **(lines or {})}, question=ASKED, models=MODELS, set=words)


def check_whole(show: Show) -> None:
    """What every one of them must hold to: no form is asked for, and no wording is a vote."""
    told = "\n".join(message.text for request in show.requests for message in request.messages)
    assert not any(
        demand in told for demand in ("Answer:", "one last line", "End your reply", "step by step", "{answer", "{reply")
    )
    assert "equivalence" not in show.roles
    assert show.outcome.question.kind == "open"
    assert show.outcome.dissent == ()
    assert show.decision.dissent == ()
    assert not any(name in told.lower() for name in ("seat-", "seat 1"))


# --- council ----------------------------------------------------------------------------------------------


async def test_council(stage: Stage) -> None:
    """Nine calls; members see all essays under letters, the chairman all and the rankings; the answer is all that it wrote."""
    show = await play(stage, "council")

    check_whole(show)
    assert Counter(show.roles) == {"proposer": 4, "council-member": 4, "chairman": 1}
    everything = {"ONE-a", "ONE-b", "TWO-a", "TWO-b"}
    for seat in range(1, 5):
        assert marks(show.shown(f"1.propose/seat-{seat}")) == set()
        assert marks(show.shown(f"2.rank/seat-{seat}/ballot")) == everything
    told = show.shown("3.synthesize/chairman")
    assert marks(told) == everything
    assert told.count("COMMENT.") == 4
    assert (show.answer, show.decision.rule, show.outcome.stopped) == (LAST, "synthesis", "completed")
    assert all(row.mean_rank is not None for row in show.decision.tally)


@pytest.mark.parametrize("chairman", [RejectedError("no"), "", "I don't know."])
async def test_council_without_a_chairman(stage: Stage, chairman: Any) -> None:
    """One of the essays is the answer, whole; that the others are worded differently is no dissent."""
    show = await play(stage, "council", {"chairman": [chairman]})

    check_whole(show)
    assert show.answer is not None
    assert len(marks(show.answer)) == 1
    assert show.answer.endswith("no last line of any form.")
    assert show.decision.reason is not None
    assert "own vote stands" in show.decision.reason


# --- mixture-of-agents, self-moa --------------------------------------------------------------------------


async def test_mixture_of_agents(stage: Stage) -> None:
    """Thirteen calls: six essays, six written of these, and one of those; the last one is the answer, all of it."""
    lines = {"aggregator": lambda request: LAST if not marks(request.messages[0].text) else f"LAYER {essay(request)}"}
    show = await play(stage, "mixture-of-agents", lines)

    check_whole(show)
    assert Counter(show.roles) == {"proposer": 6, "aggregator": 7}
    first = {f"{mark}-{model}" for mark in MARKS[:3] for model in "ab"}
    for seat in range(1, 7):
        request = show.request(f"2.revise/1/seat-{seat}")
        assert (request.messages[0].role, marks(request.messages[0].text)) == ("system", first)
    last = show.request("3.synthesize/aggregator").messages[0].text
    assert last.count("LAYER") == 6
    assert show.answer == f"LAYER {essay(show.request('3.synthesize/aggregator'))}"
    assert show.decision.rule == "synthesis"


async def test_self_moa(stage: Stage) -> None:
    """Seven calls of the first model."""
    show = await play(stage, "self-moa")

    check_whole(show)
    assert show.roles == ["proposer"] * 6 + ["aggregator"]
    assert {request.model for request in show.requests} == {MODELS[0]}
    assert marks(show.requests[-1].messages[0].text) == {f"{mark}-a" for mark in MARKS}
    assert show.answer == LAST


async def test_self_moa_in_windows(stage: Stage) -> None:
    """What was written stands first in the next one."""
    lines = {"aggregator": [f"DRAFT-{number}\n\n{LAST}" for number in range(3)]}
    show = await play(stage, "self-moa", lines, window=3)

    check_whole(show)
    assert show.answer == f"DRAFT-2\n\n{LAST}"
    assert "--- Reply 1 [" in show.shown("2.synthesize/aggregator/window-3")
    assert "DRAFT-1" in show.shown("2.synthesize/aggregator/window-3")


# --- verify-refine ----------------------------------------------------------------------------------------


async def test_verify_refine_accepts(stage: Stage) -> None:
    """Five verifications in a row accept an essay, which is the answer, whole; each grader sees that one alone."""
    show = await play(stage, "verify-refine", runs=1)

    check_whole(show)
    assert Counter(show.roles) == {"rigorous-solver": 1, "improver": 1, "grader": 5, "verdict-reader": 5}
    assert show.answer == f"MENDED {essay(show.request('1.propose/seat-1'))}"
    assert (show.decision.rule, show.outcome.stopped) == ("accepted", "accepted")
    grader = show.shown("3.verify/seat-1/of-seat-1")
    assert "MENDED ONE-a" in grader
    assert "claim by claim" in grader
    reader = next(request for request, role in zip(show.requests, show.roles, strict=True) if role == "verdict-reader")
    assert marks(reader.messages[-1].text) == set()


async def test_verify_refine_corrects(stage: Stage) -> None:
    """A report that finds a fault goes to the author, with what it wrote; then the corrected one is verified."""
    lines = {"verdict-reader": ["Verdict: no", *["Verdict: yes"] * 5]}
    show = await play(stage, "verify-refine", lines, runs=1)

    check_whole(show)
    told = show.shown("4.revise/1/seat-1")
    assert "MENDED ONE-a" in told
    assert "REPORT-0" in told
    assert show.answer == f"CORRECTED {essay(show.request('4.revise/1/seat-1'))}"


async def test_verify_refine_rejects(stage: Stage) -> None:
    """As in the paper there is no answer then: verifications say so, and no count of wordings."""
    show = await play(stage, "verify-refine", {"verdict-reader": ["Verdict: no"]}, runs=2, fails=2)

    check_whole(show)
    assert (show.answer, show.outcome.stopped) == (None, "rejected")


# --- chateval ---------------------------------------------------------------------------------------------


def judging(*scores: tuple[float, float]) -> Lines:
    """Judges that score the draft of model a and that of model b, wherever these stand."""

    def judge(request: Request) -> str:
        told = request.messages[-1].text
        if "Score A:" not in told:
            return f"SAID-{request.draw}."
        of_a, of_b = scores[request.draw // 2 % len(scores)]
        a_first = told.index("ONE-a") < told.index("ONE-b")
        return f"So.\nScore A: {of_a if a_first else of_b}\nScore B: {of_b if a_first else of_a}"

    return judge


async def test_chateval(stage: Stage) -> None:
    """Two drafts of two models, then the talk in both orders: ten calls; the better draft is the answer, whole."""
    lines = {"general-public": judging((4, 8)), "text-critic": judging((5, 7))}
    show = await play(stage, "chateval", lines)

    check_whole(show)
    assert Counter(show.roles) == {"proposer": 2, "general-public": 4, "text-critic": 4}
    assert [show.request(f"1.chateval/proposer/draft-{number}").model for number in (1, 2)] == MODELS
    for name, order in (("as-given", ["ONE-a", "ONE-b"]), ("swapped", ["ONE-b", "ONE-a"])):
        told = show.shown(f"1.chateval/1/seat-1/{name}")
        assert [found[0] for found in _MARK.finditer(told)] == order
        assert "--- Text A [" in told
        assert "SAID" not in told
        assert sorted(show.sources(f"1.chateval/2/seat-2/{name}"))[-2:] == [
            "1.chateval/proposer/draft-1",
            "1.chateval/proposer/draft-2",
        ]
    assert show.answer == "ONE-b is my view.\n\nIt has a second paragraph, and no last line of any form."
    assert [(row.weight, row.seats) for row in show.decision.tally] == [(7.5, ("seat-1", "seat-2")), (4.5, ())]
    assert show.decision.confidence == pytest.approx(3 / 4)


async def test_chateval_a_judge_of_another_mind_dissents(stage: Stage) -> None:
    """It was asked about both texts, and prefers the other one."""
    show = await play(stage, "chateval", {"general-public": judging((2, 9)), "text-critic": judging((6, 5))})

    assert show.answer is not None
    assert show.answer.startswith("ONE-b")
    assert show.decision.dissent == ("seat-2",)
    assert show.decision.confidence == pytest.approx(2 / 4)


async def test_chateval_equal_drafts(stage: Stage) -> None:
    """One of them is drawn, and the tie is on record: two good answers are not none."""
    show = await play(stage, "chateval", {"general-public": judging((7, 7)), "text-critic": judging((6, 6))})

    assert show.answer is not None
    assert show.decision.tie_break == "random"
    assert len(show.decision.ties) == 2


async def test_chateval_one_draft(stage: Stage) -> None:
    """There is nothing to judge; it is the answer."""
    lines = {"proposer": lambda request: RejectedError("no") if request.model == MODELS[0] else essay(request)}
    show = await play(stage, "chateval", lines)

    assert show.roles == ["proposer", "proposer"]
    assert show.answer is not None
    assert show.answer.startswith("ONE-b")
    assert show.decision.reason == "there is one text only, so there was nothing to judge"


async def test_chateval_no_draft(stage: Stage) -> None:
    """No answer, and it is said why."""
    show = await play(stage, "chateval", {"proposer": [RejectedError("no")]})

    assert (show.answer, show.outcome.stopped) == (None, "quorum")
    assert "no text could be written to be judged" in (show.outcome.detail or "")


# --- votes ------------------------------------------------------------------------------------------------


async def test_a_vote_over_essays(stage: Stage) -> None:
    """Nobody was asked whether he agrees with the one that is drawn, so nobody dissents."""
    show = await stage(Strategy(steps=[Propose(seats=4), Vote()]), CAST, question=ASKED, models=MODELS)

    check_whole(show)
    assert show.answer is not None
    assert show.decision.confidence == pytest.approx(2 / 3)


async def test_a_vote_of_ballots_over_essays(stage: Stage) -> None:
    """There they were asked, and who chose another dissents."""

    def voter(request: Request) -> str:
        told = request.messages[-1].text
        wanted = "ONE-a" if "ONE-a" in told and request.model != MODELS[1] else "TWO-a"
        letter = re.search(rf"--- Reply ([A-Z]) \[\w+\] ---\n{wanted}", told)
        return f"Choice: {letter[1] if letter else 'A'}"

    steps = [Propose(seats=4), Rank(form="choice", shows="reply", of="each", own="include"), Vote()]
    show = await stage(Strategy(steps=steps), {**CAST, "voter": voter}, question=ASKED, models=MODELS, seed=3)

    assert len(show.decision.dissent) == 2
