"""Refining a question: who is asked, what is kept, and that replays, forks and sittings to come keep to it."""

from __future__ import annotations

import pytest

from contemplate import InputError, Orchestrator, Request, ScriptedBackend
from contemplate.run.reviewing import Draft, Review
from contemplate.types import Turn

TIGHT = "Goal: g\nQuestion: What is 6 times 7?"
SAID = "1.refine/said"


def scripted(asked: list[str]) -> Orchestrator:
    """A refiner and a seat; what is asked is kept."""

    def say(request: Request) -> str:
        asked.append(request.messages[-1].text)
        return TIGHT if "as somebody typed it" in asked[-1] else "Answer: 42"

    return Orchestrator(["m"], backend=ScriptedBackend(say), ledger=":memory:")


async def said_of(orchestrator: Orchestrator, run: str) -> Turn:
    """What was said of the refinement."""
    return next(turn for turn, _ in (await orchestrator.stored(run))[1] if turn.id == SAID)


async def _edit(draft: Draft) -> str:
    return f"{draft.question} I mean 6 * 7."


@pytest.mark.parametrize(
    ("review", "shown", "by"),
    [
        (lambda _: True, "What is 6 times 7?", "model"),
        (lambda _: False, None, None),
        (lambda _: None, None, None),
        (_edit, "six by seven? I mean 6 * 7.", "user"),
    ],
)
async def test_it_can_be_taken_refused_or_edited(review: Review, shown: str | None, by: str | None) -> None:
    """By a function, which may be async; a replay asks nobody and comes out the same."""
    asked: list[str] = []
    async with scripted(asked) as orchestrator:
        outcome = await orchestrator.solve("six by seven?", "single", answer="number", refine=review)
        assert len(asked) == 2
        assert asked[1].startswith("Problem:\nsix by seven?")
        assert (shown is None) == ("put more tightly" not in asked[1])
        assert shown is None or f"Question: {shown}" in asked[1]
        refinement = (await said_of(orchestrator, outcome.run)).found.refinement
        assert (None if refinement is None else refinement.by) == by
        assert (await orchestrator.replay(outcome.run)).difference is None
        assert len(asked) == 2


async def test_without_asking() -> None:
    """One call more, and no turn about what was said."""
    asked: list[str] = []
    async with scripted(asked) as orchestrator:
        outcome = await orchestrator.solve("six by seven?", "single", answer="number", refine=True)
        assert "Question: What is 6 times 7?" in asked[1]
        assert [turn.id for turn in outcome.trace.turns if turn.verb == "refine"] == ["1.refine/question-refiner"]


async def test_a_fork_keeps_to_what_was_said() -> None:
    """Nobody is asked again; without the refinement it is forked by its parameter."""
    asked: list[str] = []
    async with scripted(asked) as orchestrator:
        run = (await orchestrator.solve("six by seven?", "single", answer="number", refine=lambda _: "Six times seven?")).run
        fork = await orchestrator.fork(run, models={1: "n"})
        assert "Question: Six times seven?" in asked[-1]
        assert (await said_of(orchestrator, fork.run)).found.refinement is not None
        await orchestrator.fork(run, parameters={"refine": False})
        assert "put more tightly" not in asked[-1]


async def test_a_sitting_to_come_keeps_to_what_was_said() -> None:
    """A run that was cut short after somebody said yes is not asked about again, though nobody is there any more."""
    asked: list[str] = []

    def say(request: Request) -> str:
        asked.append(request.messages[-1].text)
        if "as somebody typed it" in asked[-1]:
            return TIGHT
        if len(asked) == 2:
            raise InputError("the model is gone")
        return "Answer: 42"

    async with Orchestrator(["m"], backend=ScriptedBackend(say), ledger=":memory:") as orchestrator:
        with pytest.raises(InputError):
            await orchestrator.solve("six by seven?", "single", answer="number", refine=lambda _: True)
        outcome = await orchestrator.resume("last")
        assert outcome.answer == "42"
        assert len(asked) == 3
        assert asked[1] == asked[2]
        assert "Question: What is 6 times 7?" in asked[2]


async def test_what_a_function_may_not_say() -> None:
    """In one line, by the name of the argument."""
    async with scripted([]) as orchestrator:
        with pytest.raises(InputError, match="refine: expected True, False or a question"):
            await orchestrator.solve("q", "single", answer="number", refine=lambda _: 3)  # type: ignore[arg-type, return-value]
        with pytest.raises(InputError, match="refine: expected"):
            await orchestrator.solve("q", "single", answer="number", refine="yes")  # type: ignore[arg-type]
