"""A dry run of a policy over stored runs: what it would have changed. Nothing is called, and nothing stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contemplate.errors import PolicyError
from contemplate.ledger import Ledger
from contemplate.ledger.base import RunRecord
from contemplate.models.budget import Account, Budget
from contemplate.models.call import Caller, Reply
from contemplate.orchestration.run_spec import RunSpec
from contemplate.policy.guard import Classifier, Guard
from contemplate.policy.rules import Policy
from contemplate.types import Json, Ruling


@dataclass(frozen=True)
class TrialRow:
    """A rule that would have applied to a turn of a stored run and did not, as it was not in force."""

    run: str
    turn: str
    ruling: Ruling


@dataclass(frozen=True)
class Trial:
    """What a policy would have done.

    Attributes:
        policy, version, profile: which one.
        runs: how many runs were looked at.
        rows: what would have applied, run by run.
    """

    policy: str
    version: str
    profile: str
    runs: int
    rows: tuple[TrialRow, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The runs that would have gone otherwise: something refused, rewritten or looked at with more care."""
        return tuple(dict.fromkeys(row.run for row in self.rows if row.ruling.effect in {"refuse", "rewrite", "escalate"}))

    @property
    def by_rule(self) -> dict[str, int]:
        """How often each rule would have applied, the most frequent first."""
        return dict(Counter(row.ruling.rule for row in self.rows).most_common())

    def to_dict(self) -> Json:
        """The trial as JSON values."""
        rows = [{"run": row.run, "turn": row.turn, **row.ruling.model_dump(mode="json")} for row in self.rows]
        named = {"policy": self.policy, "version": self.version, "profile": self.profile}
        return {**named, "runs": self.runs, "changed": list(self.changed), "by_rule": self.by_rule, "rows": rows}


async def try_policy(
    ledger: Ledger, policy: Policy, records: Sequence[RunRecord], classifiers: Mapping[str, Classifier]
) -> Trial:
    """Look at stored runs by a policy. A judge is not asked: where a rule hangs on one, the row says so.

    Args:
        ledger: where they are kept.
        policy: under its profile.
        records: of the runs; those that are not finished are passed over.
        classifiers: the functions that it asks, by name.
    """
    finished = [record for record in records if record.state == "finished"]
    rows = [row for record in finished for row in await _tried(ledger, policy, record, classifiers)]
    return Trial(policy.name, policy.version, policy.profile, len(finished), tuple(rows))


async def _tried(ledger: Ledger, policy: Policy, record: RunRecord, classifiers: Mapping[str, Classifier]) -> list[TrialRow]:
    spec = RunSpec.stored(record.run, record.spec)
    guard = Guard((policy,), spec.privacy, spec.question.kind, _not_asked, classifiers)
    caller = Caller(account=Account(Budget()), run=record.run, turn="", offline=True)
    stored = await ledger.turns(record.run)
    known = {(turn.id, one.rule) for turn, _ in stored for one in turn.policy if (one.policy, one.version) == _name(policy)}
    try:
        await guard.question(spec.question, caller)
        for turn, _ in stored:
            for ref in turn.calls:
                await _call(ledger, guard, ref.key, Caller(account=caller.account, run=record.run, turn=turn.id, offline=True))
        answer = (record.outcome or {}).get("answer")
        if isinstance(answer, str):
            await guard.answer(answer, caller)
    except PolicyError:
        pass  # the question or the answer would have been refused: that is the last row
    made = ((turn, one) for turn, rulings in guard.rulings.items() for one in rulings)
    return [TrialRow(record.run, turn, one) for turn, one in made if (turn, one.rule) not in known]


async def _call(ledger: Ledger, guard: Guard, key: str, caller: Caller) -> None:
    """Look at one call of a stored run; what would be refused there is in the guard's record."""
    request, completion = await ledger.request(key), await ledger.completion(key)
    if request is None or completion is None:
        return
    try:
        await guard.outgoing([request], caller)
        await guard.incoming(Reply(request, completion, cached=True), caller)
    except PolicyError:
        return


async def _not_asked(card: str, text: str, caller: Caller) -> bool:  # noqa: ARG001 - a judge
    raise PolicyError(f"the judge {card} is not asked in a dry run")


def _name(policy: Policy) -> tuple[str, str]:
    return policy.name, policy.version
