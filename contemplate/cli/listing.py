"""`contemplate list`: strategies, agents, rules, and runs."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass

from contemplate.catalogue import Catalogue
from contemplate.cli.columns import aligned
from contemplate.cli.location import Location
from contemplate.cli.show import about, describe, parameters, state
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import was_asked
from contemplate.text import one_line
from contemplate.types import Json
from contemplate.voting import find_rule, rule_names

_LOOKED_AT, _SHOWN = 100_000, 1000
"""How many runs are looked at, and how many are shown, at most; the newest."""
_SECONDS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}


@dataclass(frozen=True)
class Wanted:
    """Which runs are wanted.

    Attributes:
        experiments: those of experiments too, and those by which credit was found out.
        strategy: of this strategy.
        since: begun on this day or later, or within so many hours, days or weeks.
        question: with these words in the question, in any case of letters.
    """

    experiments: bool = False
    strategy: str | None = None
    since: str | None = None
    question: str | None = None

    def holds(self, row: Json, begun: float) -> bool:
        """Whether a run is among them, but for experiments; `begun` is what `since` comes to."""
        words = (self.question or "").casefold().split()
        text = " ".join(str(row["question"]).casefold().split())
        return self.strategy in {None, row["strategy"]} and row["created"] >= begun and " ".join(words) in text

    def begun(self) -> float:
        """What `since` comes to, in seconds since 1970.

        Raises:
            InputError: it is neither a day nor so many hours, days or weeks.
        """
        if self.since is None:
            return 0.0
        if span := re.fullmatch(r"(\d{1,6})([hdw])", self.since.strip()):
            return time.time() - int(span[1]) * _SECONDS[span[2]]
        for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"):
            try:
                return time.mktime(time.strptime(self.since.strip(), form))
            except (ValueError, OverflowError):
                continue
        raise InputError(f"--since {one_line(self.since, 40)}: expected a day, as 2026-01-31, or 12h, 7d or 4w")


def list_things(what: str, wanted: Wanted, location: Location, *, as_json: bool) -> int:
    """Print the names of what there is, each with a line on it.

    Raises:
        InputError: something else than runs is to be sorted out.
    """
    if what != "runs" and wanted != Wanted():
        raise InputError(f"--all, --strategy, --since and --question are about runs, not {what}")
    rows, hidden = run_async(_runs, wanted, location) if what == "runs" else (_rows(what, location.catalogue()), 0)
    if as_json:
        print(json.dumps(rows, ensure_ascii=True))
        return Status.DONE
    if not rows and not hidden:
        print(
            f"no such {what}" if wanted != Wanted() else f"no {what} yet; contemplate ask QUESTION makes a run", file=sys.stderr
        )
    for line in map(_line_of_run, rows) if what == "runs" else aligned([(row["name"], about(row)) for row in rows]):
        print(line)
    if hidden:
        print(f"and {hidden:,} {'run' if hidden == 1 else 'runs'} of experiments (--all shows them)", file=sys.stderr)
    return Status.DONE


async def _runs(wanted: Wanted, location: Location) -> tuple[list[Json], int]:
    """The rows of the runs that are wanted, and how many there are beside them that belong to experiments."""
    begun = wanted.begun()
    if not location.exists():
        return [], 0
    async with Orchestrator(ledger=location.ledger, project=location.project) as orchestrator:
        holders = await orchestrator.ledger.holders()
        rows = [describe(record, holders.get(record.run)) for record in await orchestrator.runs(_LOOKED_AT)]
    found = [row for row in rows if wanted.holds(row, begun)]
    shown = [row for row in found if wanted.experiments or was_asked(row["run"])]
    return shown[:_SHOWN], len(found) - len(shown)


def _rows(what: str, catalogue: Catalogue) -> list[Json]:
    if what == "strategies":
        recipes = [catalogue.recipe(name) for name in catalogue.names("strategies")]
        return [{"name": r.name, "summary": r.summary, "paper": r.paper, "parameters": parameters(r)} for r in recipes]
    if what == "agents":
        cards = [catalogue.card(name) for name in catalogue.names("agents")]
        return [{"name": card.name, "summary": card.summary} for card in cards]
    return [{"name": name, "summary": find_rule(name).summary} for name in rule_names()]


def _line_of_run(row: Json) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["created"]))
    answer = "-" if row["answer"] is None else one_line(row["answer"], 30)
    if (holder := row["holder"]) is not None:
        answer = f"(process {holder['pid']} on {one_line(holder['host'], 40)})"
    return f"{row['run']}  {when}  {state(row):<11} {row['strategy']:<18} {one_line(row['question'], 40)} -> {answer}"
