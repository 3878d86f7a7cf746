"""What would have changed an answer that was held back: forks without a seat, or without a turn, that cost little or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from contemplate.concurrency import to_the_end
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.models.budget import Account, Budget
from contemplate.orchestration.credit import CREDIT
from contemplate.orchestration.forking import forked
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run.what_if import Changes
from contemplate.trace.outcome import Outcome
from contemplate.trace.reading import decisions, found_equal
from contemplate.types import Flip, seat_number

if TYPE_CHECKING:
    from contemplate.orchestration.stored_runs import StoredRuns

_VERDICTS = frozenset({"critique", "verify", "judge", "compare", "score"})
"""The verbs whose turns say something about answers: the panel's assumptions on which of them hold."""
_MOST = 12

_Kind = Literal["seat", "turn"]


async def with_flips(runs: StoredRuns, outcome: Outcome) -> Outcome:
    """The outcome of a run with what would have changed its answer, which is put beside it in the ledger."""
    outcome = outcome.altered(flips=await find_flips(runs, outcome))
    record = await runs.run(outcome.run)
    stored = {**(record.outcome or {}), "would_change": [flip.model_dump(mode="json") for flip in outcome.flips]}
    await to_the_end(runs.runner.ledger.end_run(outcome.run, "finished", stored))
    return outcome


async def find_flips(runs: StoredRuns, outcome: Outcome) -> tuple[Flip, ...]:
    """The changes with which a run of high stakes would have ended with another answer, or with none.

    Each is a fork, in the ledger under the id that `credit` has for it. Those that need no call are made, then those for which
    the run's own budget has room; where it has no cap, as many calls are spent at most as the run itself took.

    Args:
        runs: where it is stored.
        outcome: of the run.
    """
    record, stored = await runs.stored(outcome.run)
    before = _decided(stored)
    if before is None:
        return ()
    cap, used = RunSpec.stored(record.run, record.spec).budget.calls, outcome.usage.calls
    left = used if cap is None else max(cap - used, 0)
    account = Account(Budget(calls=left or None), parent=runs.runner.account)
    runner, flips = replace(runs.runner, account=account), list[Flip]()
    for name, kind, spec in _forks(runs, record, stored):
        needed = (await runs.rehearsed([spec], spec.question, stored)).calls[1]
        if needed > left:
            continue
        run = f"{CREDIT}{name}-of-{record.run}"
        came, turns = await runner.run_or_load(spec, run)
        left -= came["usage"]["calls"]
        after, equal = _decided(turns), found_equal(stored) | found_equal(turns)
        same = after is not None and (after[1] == before[1] or frozenset({after[1], before[1]}) in equal)
        if not same:
            flips.append(Flip(change=f"without {name}", kind=kind, answer=came["answer"], run=run))
    return tuple(flips)


def _decided(stored: Sequence[StoredTurn]) -> tuple[str, str] | None:
    """The last winner of a run, whatever became of it afterwards: its text, and its value."""
    taken = [one for one in decisions(stored) if one.winner is not None]
    return (str(taken[-1].winner), str(taken[-1].value)) if taken else None


def _forks(runs: StoredRuns, record: RunRecord, stored: Sequence[StoredTurn]) -> Iterator[tuple[str, _Kind, RunSpec]]:
    """The forks that may be made: names, kinds and specs. They ask for no more care themselves."""
    spoke = [turn for turn, _ in stored if turn.card and turn.status == "said" and not turn.id.startswith("end.")]
    seats = sorted({seat_number(turn.seat) for turn in spoke} - {0})
    changes: list[tuple[str, _Kind, Changes]] = []
    for seat in seats if len(seats) > 1 else ():
        changes.append((f"seat-{seat}", "seat", Changes(without_seats=(seat,))))  # noqa: PERF401 - its type is found so
    for turn in spoke:
        if turn.verb in _VERDICTS:
            changes.append((turn.id, "turn", Changes(without_turns=(turn.id,))))  # noqa: PERF401
    for name, kind, change in changes[:_MOST]:
        spec = forked(record, stored, change, Budget(), runs.catalogue, runs.table)
        kept = (one.model_copy(update={"rules": tuple(r for r in one.rules if r.effect != "escalate")}) for one in spec.policies)
        yield name, kind, spec.model_copy(update={"stakes": None, "policies": tuple(one for one in kept if one.rules)})
