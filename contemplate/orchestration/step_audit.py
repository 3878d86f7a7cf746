"""Audits of the replies of stored runs, step by step: the first wrong step of each, and who found it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from contemplate.catalogue import Catalogue
from contemplate.catalogue.strategy import Strategy
from contemplate.claims.reasoning import check_steps, first_wrong, steps_of
from contemplate.errors import InputError
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.models.budget import Budget
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run.what_if import NO_CHANGES
from contemplate.steps.protocols.audit_steps import AuditedReply, AuditSteps
from contemplate.text import one_line
from contemplate.trace.reading import decisions
from contemplate.types import NO_TOOLS, Json, StepCheck, Turn, Usage

Finder = Literal["arithmetic", "critics"]
CRITIC = "step-critic"
"""The card of whoever looks at steps."""
_SHOWN = 200
_MOST_CRITICS = 100


@dataclass(frozen=True)
class StepMark:
    """What one critic says of a reply.

    Attributes:
        turn: the critique, in the run of the audit.
        model: that was asked.
        step: the number of the first wrong step; 0 for none; None where that can't be read.
        why: why there is no number.
    """

    turn: str
    model: str
    step: int | None
    why: str = ""


@dataclass(frozen=True)
class AuditedSteps:
    """A reply, step by step.

    Attributes:
        turn: of the stored run.
        seat: who wrote it.
        model: with which model.
        steps: as they were numbered.
        checks: the steps that were computed again.
        marks: what the critics say.
    """

    turn: str
    seat: str
    model: str
    steps: tuple[str, ...]
    checks: tuple[StepCheck, ...] = ()
    marks: tuple[StepMark, ...] = ()

    @property
    def computed(self) -> int | None:
        """The number of the first step that is computed wrong; None where none is."""
        return first_wrong(self.checks)

    @property
    def marked(self) -> int | None:
        """What most of the critics say that can be read, 0 for no wrong step; None where none can, or no number leads."""
        counts = Counter(mark.step for mark in self.marks if mark.step is not None)
        most = [step for step, count in counts.items() if count == max(counts.values())]
        return most[0] if len(most) == 1 else None

    @property
    def first(self) -> int | None:
        """The number of the first wrong step that arithmetic or else the critics find; None where there is none.

        What is computed wrong is wrong for certain. Critics that name an earlier step may have seen more, but small ones mostly
        have not (docs/steps.md): what they say stands in `marks`.
        """
        return self.computed or self.marked or None

    @property
    def by(self) -> tuple[Finder, ...]:
        """Who finds that step wrong."""
        found: dict[Finder, int | None] = {"arithmetic": self.computed, "critics": self.marked}
        return tuple(who for who, step in found.items() if step is not None and step == self.first)

    @property
    def why(self) -> str:
        """What is wrong with the step, where that was computed."""
        return next((check.reason for check in self.checks if check.step == self.first and not check.holds), "")

    def to_dict(self) -> Json:
        """The row as JSON values."""
        return {
            "turn": self.turn,
            "seat": self.seat,
            "model": self.model,
            "first_wrong_step": self.first,
            "by": list(self.by),
            "why": self.why,
            "steps": list(self.steps),
            "checks": [check.model_dump(mode="json") for check in self.checks],
            "marks": [vars(mark) for mark in self.marks],
        }


@dataclass(frozen=True)
class StepAudit:
    """An audit of a run.

    Attributes:
        of: the run that was looked at.
        run: the run of the audit; None where no critic was asked.
        rows: one for each reply.
        usage: what it took.
    """

    of: str
    run: str | None
    rows: tuple[AuditedSteps, ...]
    usage: Usage = field(default_factory=Usage)

    def to_dict(self) -> Json:
        """The audit as JSON values."""
        rows = [row.to_dict() for row in self.rows]
        return {"of": self.of, "run": self.run, "rows": rows, "usage": self.usage.model_dump(mode="json")}


def replies_of(stored: Sequence[StoredTurn]) -> list[Turn]:
    """The turns of a run whose replies answer its question."""
    return [turn for turn, _ in stored if turn.card and turn.status == "said" and turn.answer is not None and turn.text]


@dataclass(frozen=True)
class HowToAudit:
    """What is asked for of an audit.

    Attributes:
        critics: how many look at each reply.
        check: whether arithmetic "steps" are computed again.
        models: of the critics, as they are written for a panel; none: those of the run.
        budget: caps on it.

    Raises:
        InputError: the number of critics is out of range.
    """

    critics: int = 1
    check: Literal["critics", "steps"] = "steps"
    models: tuple[str, ...] = ()
    budget: Budget | None = None

    def __post_init__(self) -> None:
        """See the class."""
        if isinstance(self.critics, bool) or not isinstance(self.critics, int) or not 0 <= self.critics <= _MOST_CRITICS:
            raise InputError(f"critics: from 0 to {_MOST_CRITICS}, and not {self.critics!r}")


def audit_spec(
    record: RunRecord, stored: Sequence[StoredTurn], catalogue: Catalogue, table: ModelTable, how: HowToAudit
) -> RunSpec:
    """The spec of the run that audits another one.

    Args:
        record: the run.
        stored: its turns.
        catalogue: has the critics' card.
        table: what is known of models.
        how: what is asked for.

    Raises:
        InputError: it has no reply that could be looked at, or is not over.
    """
    record.check_finished()
    replies = tuple(
        AuditedReply(turn=turn.id, model=turn.model, text=turn.said, answer=turn.answer)
        for turn in replies_of(stored)
        if turn.answer is not None
    )
    if not replies:
        raise InputError(f"run {record.run} has no reply with an answer, so there are no steps to look at")
    taken = [one for one in decisions(stored) if one.winner is not None]
    decision = taken[-1] if taken else None
    step = AuditSteps(of=record.run, replies=replies, decision=decision, critics=max(how.critics, 1), check=how.check)
    spec = RunSpec.stored(record.run, record.spec)
    kept = (one.model_copy(update={"rules": tuple(r for r in one.rules if r.effect != "escalate")}) for one in spec.policies)
    models = table.names(how.models) or spec.panel_models
    routes = {**spec.routes, **table.routes(models)}
    return spec.model_copy(
        update={
            "models": models,
            "fallbacks": (),
            "routes": {name: route for name, route in routes.items() if name in models},
            "question": spec.question.model_copy(update={"criteria": ()}),
            "strategy": Strategy(name="audit-steps", steps=(step,)),
            "cards": {CRITIC: catalogue.card(CRITIC)},
            "budget": how.budget or Budget(),
            "forked_from": None,
            "changes": NO_CHANGES,
            "conversation": None,
            "traceparent": None,
            "tools": NO_TOOLS,
            "policies": tuple(one for one in kept if one.rules),
            "stakes": None,
            "secret": None,
            "version": RunSpec.model_fields["version"].default,
        }
    )


def audited(stored: Sequence[StoredTurn], critiques: Sequence[Turn] = (), *, check: bool = True) -> tuple[AuditedSteps, ...]:
    """The replies of a run, step by step, with what critics said of each.

    Args:
        stored: the turns of the run.
        critiques: those of the audit.
        check: compute arithmetic steps again.
    """
    rows = []
    for number, turn in enumerate(replies_of(stored), 1):
        steps = steps_of(turn.said)
        own = [one for one in critiques if one.card == CRITIC and one.id.rpartition("/")[2].split("-")[1:2] == [str(number)]]
        marks = tuple(StepMark(one.id, one.model, one.found.wrong_step, _why(one)) for one in own)
        rows.append(AuditedSteps(turn.id, turn.seat, turn.model, steps, check_steps(steps) if check else (), marks))
    return tuple(rows)


def _why(turn: Turn) -> str:
    return "" if turn.failure is None else one_line(turn.failure.message, _SHOWN)
