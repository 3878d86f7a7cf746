"""The tables of a run as pandas DataFrames: turns, changes of answers, claims, what seats say of these, sentences, votes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from contemplate.errors import UnknownNameError
from contemplate.installed import library
from contemplate.text import printable
from contemplate.trace.claims import claims_in
from contemplate.types import Json

if TYPE_CHECKING:
    from contemplate.trace.outcome import Outcome
    from contemplate.trace.trace import Trace

TraceTable = Literal["turns", "flips", "claims", "stances"]
OutcomeTable = Literal["turns", "flips", "claims", "stances", "sentences", "votes"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "turns": (
        *("id", "step", "round", "verb", "seat", "card", "model", "status", "answer", "value", "verdict", "confidence", "chose"),
        *("winner", "failure", "text", "prompt_tokens", "completion_tokens", "started", "ended", "cached", "saw"),
    ),
    "flips": ("seat", "turn", "before", "after", "read"),
    "claims": ("id", "text", "state", "confidence", "made_by", "seats_for", "seats_against", "checks", "why"),
    "stances": ("claim", "seat", "side", "reason", "turn"),
    "sentences": ("text", "claims", "by_words", "flags"),
    "votes": ("answer", "votes", "weight", "seats"),
}
"""The columns of each table. Where there may be several values, a cell holds a list."""


def trace_frame(trace: Trace, table: str) -> Any:  # noqa: ANN401 - a library that need not be there
    """A table of a trace.

    Raises:
        UnknownNameError: there is none of that name.
        InputError: pandas is not installed.
    """
    rows = {"turns": _turns, "flips": _flips, "claims": _claims, "stances": _stances}
    if table not in rows:
        raise UnknownNameError("table of a trace", table, list(rows))
    return _frame(table, rows[table](trace))


def outcome_frame(outcome: Outcome, table: str) -> Any:  # noqa: ANN401 - a library that need not be there
    """A table of an outcome; see `trace_frame`."""
    rows = {"sentences": _sentences, "votes": _votes}
    if table in rows:
        return _frame(table, rows[table](outcome))
    if table not in COLUMNS:
        raise UnknownNameError("table of an outcome", table, list(COLUMNS))
    return trace_frame(outcome.trace, table)


def _frame(table: str, rows: Iterator[Json]) -> Any:  # noqa: ANN401 - a library that need not be there
    records = [{name: _clean(value) for name, value in row.items()} for row in rows]
    return library("pandas").DataFrame(records, columns=list(COLUMNS[table]))


def _clean(value: object) -> object:
    """A value whose texts are printable, as they are in `trace.graph()`."""
    if isinstance(value, str):
        return printable(value)
    return [_clean(one) for one in value] if isinstance(value, list) else value


def _turns(trace: Trace) -> Iterator[Json]:
    for turn in trace.turns:
        clock = trace.clock(turn.id)
        named = ("id", "step", "round", "verb", "seat", "card", "model", "status", "verdict", "confidence", "chose", "text")
        yield {
            **{name: getattr(turn, name) for name in named},
            "answer": turn.answer and turn.answer.text,
            "value": turn.answer and turn.answer.value,
            "winner": turn.decision and turn.decision.winner,
            "failure": turn.failure and turn.failure.message,
            "prompt_tokens": turn.tokens.prompt,
            "completion_tokens": turn.tokens.completion,
            **({} if clock is None else {"started": clock.started, "ended": clock.ended, "cached": clock.cached}),
            "saw": [other for other, _ in trace.saw(turn.id)],
        }


def _flips(trace: Trace) -> Iterator[Json]:
    for flip in trace.flips():
        yield {
            "seat": flip.seat,
            "turn": flip.after.id,
            "before": flip.before.answer and flip.before.answer.text,
            "after": flip.after.answer and flip.after.answer.text,
            "read": [turn.id for turn in flip.read],
        }


def _claims(trace: Trace) -> Iterator[Json]:
    for claim in claims_in(trace.turns):
        yield {
            **{name: getattr(claim, name) for name in ("id", "text", "state", "confidence", "why")},
            "made_by": [source.seat for source in claim.sources],
            "seats_for": list(claim.seats_for),
            "seats_against": list(claim.seats_against),
            "checks": [f"{check.by}: {_HOLDS[check.holds]}" for check in claim.checks],
        }


_HOLDS = {True: "holds", False: "does not hold", None: "could not be told"}


def _stances(trace: Trace) -> Iterator[Json]:
    for claim in claims_in(trace.turns):
        for stance in claim.stances:
            yield {"claim": claim.id, **stance.model_dump()}


def _sentences(outcome: Outcome) -> Iterator[Json]:
    for one in outcome.sentences:
        yield {"text": one.text, "claims": list(one.claims), "by_words": one.by_words, "flags": list(one.flags)}


def _votes(outcome: Outcome) -> Iterator[Json]:
    for row in outcome.decision.tally if outcome.decision is not None else ():
        yield {"answer": row.answer, "votes": row.votes, "weight": row.weight, "seats": list(row.seats)}
