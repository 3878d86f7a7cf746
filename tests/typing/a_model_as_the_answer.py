"""A pydantic model as the answer: the value is an instance of it."""

from __future__ import annotations

from typing import assert_type

from pydantic import BaseModel

from contemplate import Orchestrator, Outcome, solve, solve_sync


class Person(BaseModel):
    """Somebody."""

    name: str
    born: int


async def ask() -> int:
    """The year, with its type."""
    outcome = await solve("Who wrote Emma?", answer=Person, models=["m"])
    assert_type(outcome, Outcome[Person])
    assert_type(outcome.value, Person | None)
    assert_type(solve_sync("Who wrote Emma?", "single", answer=Person, seed=1), Outcome[Person])
    async with Orchestrator(["m"]) as orchestrator:
        assert_type(await orchestrator.solve("Who wrote Emma?", answer=Person), Outcome[Person])
    return outcome.value.born if outcome.value is not None else 0
