"""`contemplate reliability`: how far models can be trusted, as those who answer, audit, verify and judge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from contemplate.analysis.judge_consistency import learned_consistency
from contemplate.analysis.model_reliability import learned_reliability
from contemplate.analysis.witness_knowledge import Lessons, lessons
from contemplate.cli.columns import aligned
from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.ledger import Ledger, open_ledger
from contemplate.text import one_line
from contemplate.types import AnswerKind, Json
from contemplate.voting.reliability import Consistency, Reliability
from contemplate.voting.witnesses import Critic, Knowledge, Lead, Member, learn

_Z = 1.959963984540054
_NAME = 60

Learned = tuple[tuple[str, Knowledge], ...]
"""What is known of witnesses, by what it was learned from."""


@dataclass(frozen=True)
class Trust:
    """What a ledger teaches about its models.

    Attributes:
        models: from the questions that several of them answered, the most reliable first.
        witnesses: members and critics, from answers alone, and from calibration.
        judges: from what they chose in both orders, the steadiest first.
    """

    models: tuple[Reliability, ...] = ()
    witnesses: Learned = ()
    judges: tuple[Consistency, ...] = ()

    def rows(self) -> Iterator[Json]:
        """All of it as objects; `role` says what each is about."""
        for model in self.models:
            yield {"role": "model", **model.model_dump(mode="json")}
        for source, known in self.witnesses:
            for role, those in (("member", known.members), ("critic", known.critics)):
                for name, one in those.items():
                    yield {"role": role, "name": name, "from": source, **one.model_dump(mode="json")}
            for name, over in known.leads.items():
                for other, lead in over.items():
                    yield {"role": "lead", "name": name, "over": other, "from": source, **lead.model_dump(mode="json")}
        for judge in self.judges:
            yield {"role": "judge", **judge.model_dump(mode="json")}

    def lines(self) -> Iterator[str]:
        """All of it as tables, those that are empty left out."""
        tables = [list(_of_models(self.models)), *(list(table) for table in of_witnesses(self.witnesses))]
        tables += [list(_of_leads(self.witnesses)), list(_of_judges(self.judges))]
        for number, table in enumerate(filter(None, tables)):
            yield from ("", *table) if number else table


def say_reliability(location: Location, *, kind: AnswerKind | None, as_json: bool) -> int:
    """Print a line for each model, member, critic and judge."""
    found = run_async(_learned, location, kind)
    if as_json:
        print(json.dumps(list(found.rows()), ensure_ascii=True))
    else:
        for line in found.lines():
            print(line)
    return Status.DONE


async def _learned(location: Location, kind: AnswerKind | None) -> Trust:
    if not location.exists():
        raise InputError("there is no ledger yet, and so nothing to learn from; contemplate ask QUESTION makes one")
    ledger = await open_ledger(location.file())
    try:
        models, lack = await _models(ledger)
        witnesses = learned_from(await lessons(ledger, kind=kind))
        judges = tuple(sorted(await learned_consistency(ledger), key=lambda judge: -judge.weight))
    finally:
        await ledger.aclose()
    if lack is not None and not (judges or any(known.members for _, known in witnesses)):
        raise (lack if kind is None else InputError(f"no question of kind {kind} was answered in this ledger"))
    return Trust(models, witnesses, judges)


async def _models(ledger: Ledger) -> tuple[tuple[Reliability, ...], InputError | None]:
    """What can be said of models that answered the same questions, or why nothing can."""
    try:
        found = (await learned_reliability(ledger)).members
    except InputError as lack:
        return (), lack
    return tuple(sorted(found, key=lambda member: -member.accuracy)), None


def learned_from(taught: Lessons) -> Learned:
    """What lessons teach, those without right answers and those with them apart."""
    sources = (("answers", taught.unknown), ("calibration", taught.known))
    return tuple((source, learn(those)) for source, those in sources if those)


# --- tables ------------------------------------------------------------------------------------------------


def _of_models(models: tuple[Reliability, ...]) -> Iterator[str]:
    heads = ("model", "right", "95 % interval", "weight", "questions")
    rows = [
        (one.member, f"{one.accuracy:.1%}", f"{one.low:.1%} - {one.high:.1%}", f"{one.weight:.2f}", f"{one.answered}")
        for one in models
    ]
    return _table(heads, rows, figures=(1, 3, 4))


def of_witnesses(learned: Learned) -> tuple[Iterator[str], Iterator[str]]:
    """A table of members, and one of critics; what each source says of one stands side by side."""
    members = ((name, source, one) for source, known in learned for name, one in known.members.items())
    critics = ((name, source, one) for source, known in learned for name, one in known.critics.items())
    return _of_members(sorted(members, key=lambda row: row[:2])), _of_critics(sorted(critics, key=lambda row: row[:2]))


def _of_members(members: list[tuple[str, str, Member]]) -> Iterator[str]:
    heads = ("member", "from", "right, 95 % interval", "samples")
    rows = [(name, source, _within(one.accuracy, one.error, one.samples), f"{one.samples}") for name, source, one in members]
    return _table(heads, rows, figures=(3,))


def _of_leads(learned: Learned) -> Iterator[str]:
    """A row for each pair of members that answered the same questions; the one that is ahead comes first."""
    heads = ("member", "ahead of", "from", "by points, 95 % interval", "questions")
    rows = sorted(
        (
            *((name, one_line(other, _NAME)) if one.lead >= 0 else (other, one_line(name, _NAME))),
            source,
            _points(one),
            f"{one.questions}",
        )
        for source, known in learned
        for name, over in known.leads.items()
        for other, one in over.items()
    )
    return _table(heads, rows, figures=(4,))


def _points(one: Lead) -> str:
    """How far the one that is ahead is, whichever of the two that is."""
    one = one if one.lead >= 0 else one.reversed
    low, high = (max(min(one.lead + side * _Z * one.error, 1), -1) for side in (-1, 1))
    return f"{100 * one.lead:.1f}  {100 * low:+.0f} to {100 * high:+.0f}"


def _of_critics(critics: list[tuple[str, str, Critic]]) -> Iterator[str]:
    heads = ("critic", "from", "accepts what is right", "rejects what is wrong", "repeats", "verdicts", "counts")
    rows = [
        (
            name,
            source,
            _within(one.sensitivity, one.sensitivity_error, one.verdicts),
            _within(one.specificity, one.specificity_error, one.verdicts),
            f"{one.correlation:.2f}",
            f"{one.verdicts}",
            "yes" if one.rates else f"no: {one.distrust or 'it is not clearly better than chance'}",
        )
        for name, source, one in critics
    ]
    return _table(heads, rows, figures=(4, 5))


def _of_judges(judges: tuple[Consistency, ...]) -> Iterator[str]:
    heads = ("judge", "the same in both orders", "pairs", "weight")
    rows = [
        (one.judge, f"{one.consistent / one.pairs:.1%}" if one.pairs else "-", f"{one.pairs}", f"{one.weight:.2f}")
        for one in judges
    ]
    return _table(heads, rows, figures=(2, 3))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], figures: tuple[int, ...]) -> Iterator[str]:
    """The lines of a table; none where it has no rows."""
    if rows:
        yield from aligned([heads, *((one_line(name, _NAME), *cells) for name, *cells in rows)], figures)


def _within(chance: float, error: float, made: int) -> str:
    """A chance with its 95 % interval, within 0 and 1, and at least as wide as that of so many independent tosses."""
    error = max(error, sqrt(chance * (1 - chance) / max(made, 1)))
    return f"{chance:>6.1%}  {max(chance - _Z * error, 0):.0%} - {min(chance + _Z * error, 1):.0%}"
