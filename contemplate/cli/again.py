"""`contemplate resume` and `contemplate replay`: a stored run, again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contemplate.cli.ask import carry_out, check_writable
from contemplate.cli.screen import Json, JsonScreen, Silent, screen_for
from contemplate.orchestrator import Orchestrator
from contemplate.outcome import Event, Outcome
from contemplate.plan import Plan

DIFFERENT = 1


def resume(run: str, *, ledger: Path | None, project: Path | None, as_json: bool, trace: Path | None) -> int:
    """Go on with a run; return the exit status of `ask`."""
    check_writable(trace)
    screen = screen_for(as_json=as_json)

    async def work(listen: Callable[[Event], None]) -> Outcome:
        async with Orchestrator(ledger=ledger, project=project) as orchestrator:
            record = await orchestrator.find(run)
            await orchestrator.prepare(Plan.stored(record.run, record.spec))
            with screen:
                return await orchestrator.resume(record.run, listen)

    return carry_out(work, screen, trace, ledger)


def replay(run: str, *, ledger: Path | None, project: Path | None, as_json: bool, trace: Path | None) -> int:
    """Do a run again without a call; return 0 if it came out the same, 1 if not."""
    check_writable(trace)
    verdict: Json = {}

    async def work(listen: Callable[[Event], None]) -> Outcome:
        async with Orchestrator(ledger=ledger, project=project) as orchestrator:
            outcome, difference = await orchestrator.replay(run, listen)
            verdict.update(identical=difference is None, difference=difference)
            return outcome

    carry_out(work, JsonScreen(verdict) if as_json else Silent(), trace, ledger)
    if not as_json:
        same = "every turn came out the same" if verdict["identical"] else f"it differs at {verdict['difference']}"
        print(f"replayed without a call: {same}")
    return 0 if verdict["identical"] else DIFFERENT
