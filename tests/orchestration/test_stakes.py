"""High stakes: an answer is verified, and given only if it is sure enough; else it is said why not, and what would change it."""

from __future__ import annotations

from typing import Any

import pytest

from contemplate import Budget, Orchestrator, Request, ScriptedBackend, Strategy
from contemplate.errors import InputError
from contemplate.orchestration.scrutiny import family
from contemplate.policy.rules import Policy
from contemplate.steps import Critique, Propose, Revise, Vote
from contemplate.types import Stakes

VERIFY = "Verify it strictly"


def _panel(*answers: str, verdict: str = "accept") -> Any:
    """Seats that say these answers, by model; and verifiers."""

    def say(request: Request) -> str:
        if VERIFY in request.messages[-1].text:
            return f"I worked it out.\nVerdict: {verdict}"
        return f"Answer: {answers[['p/qwen2', 'q/llama3', 'r/qwen3'].index(request.model)]}"

    return say


async def _solve(
    say: Any, *, models: tuple[str, ...] = ("p/qwen2", "q/llama3", "r/qwen3"), **options: Any
) -> tuple[Any, list[Request]]:
    backend = ScriptedBackend(say)
    fallbacks = options.pop("fallbacks", ())
    strategy = options.pop("strategy", "self-consistency")
    async with Orchestrator(models, fallbacks=fallbacks, backend=backend, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(
            "Take 1 or 2?",
            strategy,
            answer="number",
            parameters={"seats": 3} if strategy == "self-consistency" else {},
            **options,
        )
        made = len(backend.requests)
        assert (await orchestrator.replay(outcome.run)).difference is None
        assert made == len(backend.requests)
        stored = await orchestrator.run(outcome.run)
    assert [flip.model_dump(mode="json") for flip in outcome.flips] == (stored.outcome or {}).get("would_change", [])
    return outcome, backend.requests


async def test_an_answer_that_all_hold_and_others_verify_is_given() -> None:
    """By a fallback of another family, twice; it is on record."""
    outcome, asked = await _solve(_panel("1", "1", "1"), fallbacks=["s/gemma2"], stakes="high")
    checks = [request for request in asked if VERIFY in request.messages[-1].text]
    assert ("1", "completed", ()) == (outcome.answer, outcome.stopped, outcome.flips)
    assert ["s/gemma2", "s/gemma2"] == [request.model for request in checks]
    assert [0, 1] == [request.draw for request in checks]
    assert outcome.scrutiny.given
    assert [True, True] == [one.other_family for one in outcome.scrutiny.verifications]
    assert () == outcome.scrutiny.notes


async def test_a_split_panel_gives_no_answer() -> None:
    """It says how sure it is, who holds what, and which seat turns it; no call is spent on that."""
    outcome, asked = await _solve(_panel("1", "2", "1"), stakes="high")
    scrutiny = outcome.scrutiny
    assert (None, 0.0, "abstained", None) == (outcome.answer, outcome.confidence, outcome.stopped, outcome.value)
    assert ("the panel's confidence is 0.60, and the floor 0.80",) == scrutiny.uncertain
    assert ("seat-1, seat-3: 1", "seat-2: 2") == scrutiny.disagree
    assert "held back: the panel's confidence is 0.60, and the floor 0.80" == outcome.detail
    assert {"q/llama3"} == {request.model for request in asked if VERIFY in request.messages[-1].text}
    assert 5 == len(asked)
    assert {"seat"} == {flip.kind for flip in outcome.flips}
    assert {flip.change for flip in outcome.flips} <= {"without seat-1", "without seat-3"}
    page = outcome.to_markdown()
    assert "- uncertain: the panel's confidence is 0.60, and the floor 0.80" in page
    assert "- who says: seat-2: 2" in page


async def test_a_rejected_answer_is_held_back() -> None:
    """However sure the panel is."""
    outcome, _ = await _solve(_panel("1", "1", "1", verdict="reject"), stakes="high")
    assert ("abstained", None) == (outcome.stopped, outcome.answer)
    assert "verification 1 of 2, by p/qwen2, rejects the answer" == outcome.scrutiny.uncertain[0]
    assert ("no model of another family was there: verified by models like those that gave the answer",) == outcome.scrutiny.notes


async def test_a_verification_that_brings_nothing_is_none() -> None:
    """The budget has no room for it."""
    outcome, _ = await _solve(_panel("1", "1", "1"), stakes="high", budget=Budget(calls=4))
    assert "abstained" == outcome.stopped
    assert ["sound", "failed"] == [one.verdict for one in outcome.scrutiny.verifications]


async def test_the_floor_and_the_number_of_verifications_can_be_set() -> None:
    """Two of three are enough for .5."""
    outcome, asked = await _solve(_panel("1", "2", "1"), stakes=Stakes(floor=0.5, verifications=3))
    assert ("1", 6) == (outcome.answer, len(asked))


async def test_without_an_answer_none_is_made_up() -> None:
    """Nothing is verified; it says so."""
    outcome, asked = await _solve(lambda _: "I can't say.", stakes="high")
    assert (None, ()) == (outcome.answer, outcome.scrutiny.verifications)
    assert outcome.scrutiny.uncertain[0].startswith("the panel has no answer")
    assert not [request for request in asked if VERIFY in request.messages[-1].text]


async def test_a_policy_calls_for_it() -> None:
    """By a rule on the question; the forks that show what would change it ask for no more themselves."""
    rules = [{"id": "care", "at": "question", "effect": "escalate", "reason": "Pills.", "when": {"text": "(?i)take"}}]
    policy = Policy.model_validate({"name": "p", "version": "1", "rules": rules})
    outcome, asked = await _solve(_panel("1", "2", "1"), policy=policy)
    assert ("abstained", 5) == (outcome.stopped, len(asked))
    assert outcome.flips
    assert (await _solve(_panel("1", "1", "1"), policy=policy))[0].answer == "1"


async def test_a_policy_calls_for_it_by_a_prompt_that_is_refused() -> None:
    """Also a replay knows that, in which the prompt is not laid out."""
    rules = [
        {"id": "care", "at": "prompt", "effect": "escalate", "reason": "Care.", "when": {"model": "q/*"}},
        {"id": "no", "at": "prompt", "effect": "refuse", "reason": "No.", "when": {"model": "q/*"}},
    ]
    policy = Policy.model_validate({"name": "p", "version": "1", "rules": rules})
    outcome, _ = await _solve(_panel("1", "1", "1"), policy=policy)
    assert outcome.scrutiny is not None
    assert ["care", "no"] == [ruling.rule for ruling in outcome.policy if ruling.model == "q/llama3"][:2]


async def test_a_critique_that_turns_the_answer_is_named() -> None:
    """Without it the answer would be another one; no more calls are spent on that than the run's cap leaves."""

    def say(request: Request) -> str:
        told = request.messages[-1].text
        if VERIFY in told:
            return "Verdict: reject"
        if "two is right" in told:
            return "Answer: 2"
        if "Verdict:" in told:
            return "two is right\nVerdict: flawed" if "FIRST" in told else "Verdict: sound"
        return {"p/qwen2": "FIRST\nAnswer: 1", "q/llama3": "Answer: 2", "r/qwen3": "Answer: 1"}[request.model]

    strategy = Strategy(steps=(Propose(seats=3), Critique(), Revise(sees="critiques", who="faulted"), Vote()))
    for cap in (40, 11):
        outcome, asked = await _solve(say, strategy=strategy, stakes="high", budget=Budget(calls=cap))
        assert ("abstained", None) == (outcome.stopped, outcome.answer)
        assert len(asked) <= cap
        named = {flip.change: flip.answer for flip in outcome.flips if flip.kind == "turn"}
        assert {"without 2.critique/seat-2/on-seat-1": "1"} == named


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("local/qwen2.5-1.5b", "openrouter/qwen/qwq-32b", True),
        ("openai/gpt-5-mini", "openai/o3", True),
        ("mistral/mixtral-8x7b", "mistral/ministral-8b", True),
        ("anthropic/claude-4", "openai/gpt-5", False),
        ("local/smollm2", "local/qwen2", False),
    ],
)
def test_families_by_name(one: str, other: str, same: bool) -> None:
    """What is known of them is their name."""
    assert same == (family(one) == family(other))


async def test_what_is_refused() -> None:
    """In one line."""
    with pytest.raises(InputError, match="stakes: expected 'high', or Stakes"):
        await _solve(_panel("1", "1", "1"), stakes="higher")
    with pytest.raises(InputError, match="floor"):
        Stakes(floor=2)
