"""`contemplating-open` with criteria: it does what it does without, and then has everything scored."""

from __future__ import annotations

import re
from typing import Any

from contemplate import Criterion, Orchestrator, Question, Request, ScriptedBackend
from contemplate.orchestration.options import RunOptions
from stage import Stage

ASKED = Question(text="Should a small startup use PostgreSQL or MongoDB? Explain.", kind="open")
LINES: dict[str, Any] = {
    "adviser": [f"Take PostgreSQL.\n\nClaims:\n1. PostgreSQL is safe.\n2. Reason {word} counts." for word in "abcd"],
    "claim-judge": lambda request: "\n".join(f"{n}. agree" for n in re.findall(r"^(\d+)\. ", request.messages[-1].text, re.M)),
    "claim-matcher": ["All are different."],
    "claim-critic": ["Verdict: holds"],
    "composer": ["Take it. [1]"],
    "entailment-checker": ["1: yes"],
    "composition-mender": ["Take it. [1]"],
}


def scoring(request: Request) -> str:
    """A judge that gives everything 8 and 4."""
    letters = re.findall(r"--- Reply ([A-Z]) \[", request.messages[-1].text)
    return "\n".join(f"{letter}: correct 8, short 4" for letter in letters)


async def test_criteria_change_nothing_but_what_they_add(stage: Stage) -> None:
    """The same requests, answer and claims; three judges in both orders, who read no list of claims and not their own reply."""
    lines = {**LINES, "assessor": scoring}
    plain = await stage("contemplating-open", lines, question=ASKED)
    asked = ASKED.model_copy(update={"criteria": (Criterion(name="correct", weight=3), Criterion(name="short", weight=1))})
    show = await stage("contemplating-open", lines, question=asked)

    assert [request.key for request in plain.requests] == [request.key for request in show.requests[: plain.calls]]
    assert show.roles[plain.calls :] == ["assessor"] * 6
    assert (show.answer, show.outcome.claims) == (plain.answer, plain.outcome.claims)
    assert plain.outcome.assessment is None
    assert show.outcome.assessment is not None
    assert show.outcome.assessment.answer is not None
    assert (show.outcome.assessment.answer.mean, len(show.outcome.assessment.replies)) == (7.0, 4)
    for seat in (1, 2, 3):
        assert "Claims:" not in show.shown(f"6.assess/seat-{seat}/ahead")
        assert show.shown(f"6.assess/seat-{seat}/ahead").count("--- Reply ") == 4


async def test_without_criteria_the_step_is_not_there() -> None:
    """The stored spec has neither the step nor its cards."""
    async with Orchestrator(["m"], backend=ScriptedBackend("x"), ledger=":memory:") as orchestrator:
        spec = orchestrator.specify(ASKED, "contemplating-open", RunOptions())

    assert [step.do for step in spec.strategy.steps] == ["propose", "claims", "weigh", "challenge", "compose"]
    assert not {"assessor", "criteria-proposer"} & spec.cards.keys()
