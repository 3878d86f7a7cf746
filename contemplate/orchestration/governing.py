"""A run under policies: its guard, and what that says of the question before anything is called, and of the answer at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contemplate.errors import PolicyError
from contemplate.ledger.base import StoredTurn
from contemplate.models.call import Caller
from contemplate.models.path import Calls
from contemplate.orchestration.run_spec import RunSpec
from contemplate.policy.audit import AuditLog
from contemplate.policy.guard import ANSWER, QUESTION, Classifier, Guard
from contemplate.policy.judging import PolicyJudge
from contemplate.run.run import Run
from contemplate.run.state import RunConfig, RunState
from contemplate.trace.events import Noted, Telling
from contemplate.trace.outcome import Outcome
from contemplate.types import Found, Question, Ruling


def guard_of(
    spec: RunSpec,
    config: RunConfig,
    calls: Calls,
    classifiers: Mapping[str, Classifier],
    audit: AuditLog | None,
    emit: Telling,
    recorded: Sequence[StoredTurn] | None,
) -> Guard | None:
    """The guard of a run; None where no policy is in force.

    Args:
        spec: of the run.
        config: of the run.
        calls: the path on which a judge is asked.
        classifiers: functions by name.
        audit: the audit log, if one is kept.
        emit: is told each ruling.
        recorded: the turns on record, if it is a replay.
    """
    if not spec.policies:
        return None

    async def told(turn: str, ruling: Ruling) -> None:
        if audit is not None:
            await audit.decided(config.id, turn, ruling)
        emit(Noted(f"policy {ruling}"))

    judge = PolicyJudge(
        calls=calls,
        cards=spec.cards,
        models=(spec.models[0], *(one for one in spec.fallbacks if one != spec.models[0])),
        sampling=spec.sampling_of,
        quoting=config.quoting,
        seed=spec.seed,
    )
    return Guard(
        policies=spec.policies,
        label=spec.privacy,
        kind=spec.question.kind,
        judge=judge,
        classifiers=classifiers,
        told=told,
        recorded=None if recorded is None else {turn.id: turn.policy for turn, _ in recorded},
    )


def caller_in(state: RunState, turn: str) -> Caller:
    """On whose behalf something is asked about a run as a whole."""
    return Caller(account=state.services.account, run=state.config.id, turn=turn, offline=state.replay is not None)


async def ask_leave(state: RunState) -> str | None:
    """Have the policy look at the question, and put that on record: the run goes on with what it leaves of it.

    Returns:
        Why the question may not be asked; None if it may.

    Raises:
        StorageError: the audit log can't be written.
    """
    guard, before = state.services.guard, state.config.question
    if guard is None:
        return None
    why, after = None, before
    try:
        after = await guard.question(before, caller_in(state, QUESTION))
    except PolicyError as error:
        why = str(error)
    state.config = replace(state.config, question=after)
    _put_on_record(state, QUESTION, asked=None if after == before else after)
    return why


async def let_out(state: RunState, outcome: Outcome) -> Outcome:
    """The outcome as the policy lets it out, and that on record."""
    guard = state.services.guard
    if guard is None or outcome.answer is None:
        return outcome
    try:
        answer = await guard.answer(outcome.answer, caller_in(state, ANSWER))
        outcome = outcome if answer == outcome.answer else outcome.altered(answer=answer)
    except PolicyError as error:
        outcome = outcome.altered(answer=None, confidence=0.0, stopped="policy", detail=f"policy {error}")
    _put_on_record(state, ANSWER)
    return outcome


def escalated(state: RunState) -> bool:
    """Whether a rule has called for more care, by what is on record."""
    return any(ruling.effect == "escalate" for turn in state.trace.turns for ruling in turn.policy)


def _put_on_record(state: RunState, turn: str, asked: Question | None = None) -> None:
    """A turn for what was decided, if anything was; with what the question came to be."""
    guard = state.services.guard
    if guard is not None and guard.of(turn):
        found = Found() if asked is None else Found(words=asked.text)
        replace(Run(state), step=turn).record_found(found, ())
