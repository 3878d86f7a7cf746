"""Credit: whose absence changes the answer, found out by forks that leave out each seat, or each turn, in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from contemplate.errors import InputError
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.models.budget import Account, Budget
from contemplate.orchestration.forking import forked
from contemplate.orchestration.rehearsal import Estimate
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run.what_if import Changes
from contemplate.trace.reading import decisions, found_equal
from contemplate.types import Decision, Json, Usage, seat_number

if TYPE_CHECKING:
    from contemplate.orchestration.stored_runs import StoredRuns

CREDIT = "without-"
"""What the ids of the runs begin with by which credit is found out."""

_CUT_SHORT = frozenset({"budget", "deadline", "unreachable", "interrupted"})


@dataclass(frozen=True)
class CreditRow:
    """A run without one seat, or one turn.

    Attributes:
        left_out: the seat, as "seat-2", or the turn.
        run: the id of the fork.
        answer: what it came to.
        changes_answer: whether that is another answer, or none; None if the fork was cut short.
        margin: how far its winner is ahead, in [0, 1]; `margin_change`: minus that of the run with everybody.
        confidence: in [0, 1]; `confidence_change` likewise.
        stopped: why it ended.
        calls: the calls that it took.
    """

    left_out: str
    run: str
    answer: str | None
    changes_answer: bool | None
    margin: float
    margin_change: float
    confidence: float
    confidence_change: float
    stopped: str
    calls: int


@dataclass(frozen=True)
class Credit:
    """What each seat, or each turn, of a run was worth.

    Attributes:
        run: the run's id.
        answer: what it came to with everybody; `margin` and `confidence` likewise.
        rows: one for each that was left out, in the order of the seats, or of the turns.
        skipped: those for which the budget had no room.
        usage: what it cost to find out.
        estimate: what it was expected to take.
    """

    run: str
    answer: str | None
    margin: float
    confidence: float
    rows: tuple[CreditRow, ...]
    skipped: tuple[str, ...]
    usage: Usage
    estimate: Estimate

    @property
    def decisive(self) -> tuple[str, ...]:
        """Those without whom the answer is another one."""
        return tuple(row.left_out for row in self.rows if row.changes_answer)

    def to_dict(self) -> Json:
        """The table as JSON values."""
        return {
            "run": self.run,
            "answer": self.answer,
            "margin": self.margin,
            "confidence": self.confidence,
            "rows": [asdict(row) for row in self.rows],
            "decisive": list(self.decisive),
            "skipped": list(self.skipped),
            "usage": self.usage.model_dump(mode="json"),
            "estimate": self.estimate.to_dict(),
        }


@dataclass(frozen=True)
class _Without:
    """A fork that is to be made: what is left out, and its spec."""

    left_out: str
    spec: RunSpec

    def run(self, run: str) -> str:
        """The id of the fork: the same each time, so that what was found out is not paid for again."""
        return f"{CREDIT}{self.left_out}-of-{run}"


def _forks(runs: StoredRuns, record: RunRecord, stored: Sequence[StoredTurn], *, turns: bool) -> list[_Without]:
    """The forks of a run, each without one seat that spoke, or without one turn of an agent that said something."""
    record.check_finished()
    spoke = [turn for turn, _ in stored if turn.card and turn.status == "said"]
    if turns:
        changes = {turn.id: Changes(without_turns=(turn.id,)) for turn in spoke}
    else:
        numbers = sorted({seat_number(turn.seat) for turn in spoke} - {0})
        changes = {f"seat-{number}": Changes(without_seats=(number,)) for number in numbers}
    if len(changes) < 2:  # noqa: PLR2004 - with one, nobody would be left
        raise InputError(f"run {record.run} has {'one seat' if changes else 'no seat'} that spoke: there is nobody to leave out")
    made = ((name, change) for name, change in changes.items())
    return [_Without(name, forked(record, stored, one, Budget(), runs.catalogue, runs.table)) for name, one in made]


async def estimate_credit(runs: StoredRuns, run: str, *, turns: bool = False) -> Estimate:
    """What it takes to find out the credit of a run; see `StoredRuns.credit`."""
    record, stored = await runs.stored(run)
    return await _estimated(runs, record, stored, _forks(runs, record, stored, turns=turns))


async def _estimated(runs: StoredRuns, record: RunRecord, stored: Sequence[StoredTurn], forks: Sequence[_Without]) -> Estimate:
    specs = [one.spec for one in forks if await _known(runs, one.run(record.run)) is None]
    return await runs.rehearsed(specs, forks[0].spec.question, stored)


async def _known(runs: StoredRuns, run: str) -> RunRecord | None:
    """The fork, if it was made before and came to its end."""
    record = await runs.runner.ledger.run(run)
    over = record is not None and record.run == run and record.outcome is not None
    return record if over and record is not None and (record.outcome or {}).get("stopped") not in _CUT_SHORT else None


async def find_credit(
    runs: StoredRuns,
    run: str,
    *,
    turns: bool = False,
    budget: Budget | None = None,
    on_estimate: Callable[[Estimate], None] = lambda _: None,
    on_row: Callable[[CreditRow], None] = lambda _: None,
) -> Credit:
    """The credit of each seat, or turn; see `StoredRuns.credit`."""
    record, stored = await runs.stored(run)
    forks = _forks(runs, record, stored, turns=turns)
    estimate = await _estimated(runs, record, stored, forks)
    on_estimate(estimate)
    estimate.check(budget or Budget())
    account = Account(budget or Budget(), parent=runs.runner.account)
    whole, rows = _outcome(record.outcome or {}, stored), list[CreditRow]()
    async for row in _rows(runs, record, whole, stored, forks, account):
        on_row(row)
        rows.append(row)
    skipped = [one.left_out for one in forks[len(rows) :]]
    return Credit(record.run, whole.winner, whole.margin, whole.confidence, tuple(rows), tuple(skipped), account.usage, estimate)


async def _rows(
    runs: StoredRuns,
    record: RunRecord,
    whole: Decision,
    stored: Sequence[StoredTurn],
    forks: Sequence[_Without],
    account: Account,
) -> AsyncIterator[CreditRow]:
    """The rows, until the budget is spent."""
    runner = replace(runs.runner, account=account)
    for one in forks:
        again = await _known(runs, one.run(record.run)) is None
        outcome, turns = await runner.run_or_load(one.spec, one.run(record.run), retry_failed=again)
        came = _outcome(outcome, turns)
        equal = found_equal(stored) | found_equal(turns)
        cut = outcome["stopped"] in _CUT_SHORT
        yield CreditRow(
            left_out=one.left_out,
            run=one.run(record.run),
            answer=came.winner,
            changes_answer=None if cut else not _same(whole, came, equal),
            margin=came.margin,
            margin_change=came.margin - whole.margin,
            confidence=came.confidence,
            confidence_change=came.confidence - whole.confidence,
            stopped=outcome["stopped"],
            calls=outcome["usage"]["calls"],
        )
        if outcome["stopped"] == "budget":
            return


def _same(one: Decision, other: Decision, equal: frozenset[frozenset[str]]) -> bool:
    """Whether two decisions have the same winner."""
    return one.value == other.value or frozenset({str(one.value), str(other.value)}) in equal


def _outcome(outcome: Json, stored: Sequence[StoredTurn]) -> Decision:
    """The decision that a stored run ended with; its confidence is that of the outcome."""
    taken = decisions(stored)
    last = next((one for one in reversed(taken) if one.winner == outcome.get("answer")), None)
    nothing = Decision(rule="none", winner=None, tally=(), margin=0)
    return (last or nothing).model_copy(update={"confidence": float(outcome.get("confidence", 0))})
