"""Kinds of answers: the value has the type of its kind."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import assert_type

from contemplate import Outcome, Question, solve, solve_sync


async def ask() -> None:
    """One of each."""
    assert_type(await solve("What is 17 * 23?", answer="number"), Outcome[int | float | Fraction])
    assert_type((await solve("Is it?", answer="boolean")).value, bool | None)
    assert_type((await solve("When?", answer="date")).value, date | None)
    assert_type((await solve("Which?", "single", answer="set")).value, frozenset[str] | None)
    assert_type((await solve("Which?", answer="choice", choices=["one", "other"])).value, str | None)
    assert_type(await solve("Why?"), Outcome[object])
    assert_type(solve_sync(Question(text="Why?"), seed=3), Outcome[object])


def shown(outcome: Outcome) -> str:
    """An outcome of any type."""
    return f"{outcome.answer} ({outcome.confidence:.2f})"
