"""`contemplate reliability`: how far each model can be trusted."""

from __future__ import annotations

import json

from contemplate.analysis.model_reliability import learned_reliability
from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.ledger import open_ledger
from contemplate.text import one_line
from contemplate.voting.reliability import Reliability


def say_reliability(location: Location, *, as_json: bool) -> int:
    """Print a line for each model, the most reliable first."""
    members = sorted(run_async(_learned, location), key=lambda member: -member.accuracy)
    if as_json:
        print(json.dumps([member.model_dump(mode="json") for member in members], ensure_ascii=True))
        return Status.DONE
    print(f"{'model':<40} {'right':>6}  {'95 % interval':<15} {'weight':>6} {'questions':>9}")
    for member in members:
        interval = f"{member.low:.1%} - {member.high:.1%}"
        name = one_line(member.member, 40)
        print(f"{name:<40} {member.accuracy:>6.1%}  {interval:<15} {member.weight:>6.2f} {member.answered:>9}")
    return Status.DONE


async def _learned(location: Location) -> tuple[Reliability, ...]:
    if not location.exists():
        raise InputError("there is no ledger yet, and so nothing to learn from; contemplate ask QUESTION makes one")
    ledger = await open_ledger(location.file())
    try:
        return (await learned_reliability(ledger)).members
    finally:
        await ledger.aclose()
