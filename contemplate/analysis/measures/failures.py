"""Kinds of failure of multi-agent runs that can be seen in a trace without asking a model, and steps that are repeated.

References:
    arXiv:2503.13657 (MAST: fourteen kinds of failure, from 1,642 traces of seven systems).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contemplate.analysis.measures.answers import classes_of
from contemplate.analysis.measures.wording import ALIKE, resemblance
from contemplate.types import Decision, Turn

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace

FailureKind = Literal["step repetition", "ignored input", "premature end", "no verification"]

_CUT_SHORT = frozenset({"quorum", "budget", "deadline", "unreachable", "interrupted"})
"""The ends of a run that came before what was laid out was done."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A failure that can be seen.

    Attributes:
        kind: as MAST calls it.
        turn: the id of the turn in which it is; empty where it is about the run.
        why: what was seen, in one line.
    """

    kind: FailureKind
    turn: str
    why: str


def repeated_steps(trace: Trace) -> tuple[tuple[str, str], ...]:
    """The turns that repeat what their seat had said at the same task: each with the id of the one that it repeats.

    A reply repeats the seat's last one if the resemblance of the two is at least 0.9 (`wording.resemblance`), and any earlier
    one if it is the same to the letter. Answers are compared with answers, critiques with those of the same turn.

    References:
        arXiv:2503.13657 (MAST 1.3, step repetition: 15.7 % of the failures there).
    """
    last: dict[Hashable, Turn] = {}
    known: dict[tuple[Hashable, str], str] = {}
    found = []
    for turn in trace.turns:
        if turn.text is None or not turn.seat or not turn.text.strip():
            continue
        task: Hashable = (turn.seat, "answer" if turn.answer is not None else (turn.verb, tuple(trace.saw(turn.id))))
        before = last.get(task)
        same = known.get((task, turn.text))
        if same is None and before is not None and resemblance(before.text or "", turn.text) >= ALIKE:
            same = before.id
        if same is not None:
            found.append((turn.id, same))
        last[task] = turn
        known.setdefault((task, turn.text), turn.id)
    return tuple(found)


def flags(trace: Trace, stopped: str | None = None) -> tuple[Flag, ...]:
    """The failures of a run that can be seen without a model.

    * step repetition (MAST 1.3): see `repeated_steps`.
    * ignored input (2.5): a seat read that its answer is flawed, or another answer, and gave its own again in the same words.
    * premature end (3.1): the run ended before all that was laid out was done.
    * no verification (3.2, none or incomplete): nobody judged an answer, or not the one that won.

    A flag is a place to look at, and no verdict: a seat that is right may well repeat itself.

    Args:
        trace: of the run.
        stopped: why it ended (`Outcome.stopped`); None where that is not known.

    References:
        arXiv:2503.13657 (MAST).
    """
    repeats = repeated_steps(trace)
    found = [Flag("step repetition", turn, f"says what {before} said") for turn, before in repeats]
    found += _ignored(trace, dict(repeats))
    if stopped in _CUT_SHORT:
        found.append(Flag("premature end", "", f"the run ended early: {stopped}"))
    return (*found, *_unverified(trace))


def _ignored(trace: Trace, repeats: dict[str, str]) -> Iterator[Flag]:
    """The answers given again in the same words, against what was read."""
    of = classes_of(trace)
    for turn_id, before in repeats.items():
        if turn_id not in of or of.get(before) != of[turn_id]:
            continue
        seen = [other for other in map(trace.turn, trace.predecessors(turn_id)) if other is not None]
        turn = trace.turn(turn_id)
        others = [other for other in seen if turn is not None and other.seat != turn.seat]
        against = [other.id for other in others if other.verdict == "flawed" or of.get(other.id, of[turn_id]) != of[turn_id]]
        if against:
            yield Flag("ignored input", turn_id, f"nothing changed after reading {', '.join(sorted(against))}")


def _unverified(trace: Trace) -> Iterator[Flag]:
    """Whether the answer that won was judged by anybody."""
    checks = [turn for turn in trace.turns if turn.status == "said" and _judges(turn)]
    decisions = [turn for turn in trace.turns if turn.decision is not None and turn.decision.winner is not None]
    if not decisions:
        return
    last = decisions[-1]
    if not checks:
        yield Flag("no verification", last.id, "nobody judged any answer before it won")
        return
    assert last.decision is not None  # noqa: S101 - as chosen above
    won = _winning(trace, last.decision)
    judged = {other for turn in checks for other, _ in trace.saw(turn.id)}
    if won and not won & judged:
        yield Flag("no verification", last.id, "answers were judged, but not the one that won")


def _judges(turn: Turn) -> bool:
    """Whether a turn says how good an answer is."""
    found = turn.found
    graded = (found.score, found.scores, found.points, found.ranking, found.approved, found.grades, found.entailments)
    return bool(turn.verdict or turn.chose or found.opinions or any(one is not None for one in graded))


def _winning(trace: Trace, decision: Decision) -> set[str]:
    """The turns that gave the answer that won."""
    of = classes_of(trace)
    won = {of[turn.id] for turn in trace.turns if turn.answer is not None and turn.answer.value == decision.value}
    return {turn for turn, index in of.items() if index in won}
