"""Watching a run: events, observers, a step of one's own."""

from __future__ import annotations

from typing import Literal

from contemplate import Event, Observer, Orchestrator, Outcome, Repeat, RunEnded, Step, Strategy, TurnEnded, Vote, stream
from contemplate.run import Run
from contemplate.steps import Panel


class KeepFirst(Step):
    """Only the first seats go on."""

    do: Literal["keep-first"] = "keep-first"
    seats: int = 2

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Keep them."""
        first = await run.answered(panel.positions)
        return panel.with_positions(first[: self.seats])


def observer(seen: list[str]) -> Observer:
    """Notes the turns that are over."""

    def observe(event: Event) -> None:
        if isinstance(event, TurnEnded):
            seen.append(f"{event.run} {event.at:.1f} {event.turn.id}")

    return observe


async def watch() -> Outcome | None:
    """The outcome, by way of the events."""
    async for event in stream("What is 17 * 23?", answer="number", on_event=observer([])):
        if isinstance(event, RunEnded):
            return event.outcome
    async with Orchestrator(["m"]) as orchestrator:
        strategy = Strategy(steps=[KeepFirst(), Repeat(rounds=2, until="agreement", steps=[KeepFirst()]), Vote()])
        replay = await orchestrator.replay((await orchestrator.solve("?", strategy, on_event=[observer([])])).run)
        return replay.outcome if replay.identical else None
