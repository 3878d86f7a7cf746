"""What a notebook shows of an outcome."""

from __future__ import annotations

from contemplate import ScriptedBackend, solve


async def test_an_outcome_is_shown_on_one_short_line() -> None:
    """The answer, and what names the run; not its whole trace."""
    outcome = await solve("2 + 2?", "single", models="m", backend=ScriptedBackend(["Answer: 4"]), answer="number")

    assert (
        f"Outcome(answer='4', confidence={outcome.confidence!r}, stopped='completed', strategy='single', "
        f"run='{outcome.run}', detail=None)" == repr(outcome)
    )
