"""`contemplate reliability`: how far each model can be trusted."""

from __future__ import annotations

import json

from contemplate.cli.place import Place
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.experience import experience
from contemplate.ledger import open_ledger
from contemplate.reliability import Reliability
from contemplate.text import one_line


def say_reliability(place: Place, *, as_json: bool) -> int:
    """Print a line for each model, the most reliable first."""
    members = sorted(run_async(_learned, place), key=lambda member: -member.accuracy)
    if as_json:
        print(json.dumps([member.model_dump(mode="json") for member in members], ensure_ascii=True))
        return Status.DONE
    print(f"{'model':<40} {'right':>6}  {'95 % interval':<15} {'weight':>6} {'questions':>9}")
    for member in members:
        interval = f"{member.low:.1%} - {member.high:.1%}"
        name = one_line(member.member, 40)
        print(f"{name:<40} {member.accuracy:>6.1%}  {interval:<15} {member.weight:>6.2f} {member.answered:>9}")
    return Status.DONE


async def _learned(place: Place) -> tuple[Reliability, ...]:
    if not place.exists():
        raise InputError("there is no ledger yet, and so nothing to learn from; contemplate ask QUESTION makes one")
    ledger = await open_ledger(place.file())
    try:
        return (await experience(ledger)).members
    finally:
        await ledger.aclose()
