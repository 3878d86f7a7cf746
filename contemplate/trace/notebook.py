"""An outcome and a trace as a notebook shows them: small, without scripts, and safe to share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from contemplate.ledger.base import StoredTurn
from contemplate.text.html import DIM, WRAPPED, Html, card, element, folded, line, table
from contemplate.text.visible import clipped
from contemplate.trace.groups import answer_groups, letters
from contemplate.trace.markdown import Report
from contemplate.trace.words import brief, spent, verdict
from contemplate.types import Claim, Decision, Turn, seat_number

if TYPE_CHECKING:
    from contemplate.trace.outcome import Outcome
    from contemplate.trace.trace import Trace

_ANSWER = 6_000
"""How much of an answer is shown, in characters."""
_ROWS, _COLUMNS = 40, 12
"""The most rows of any table, and the most rounds of a trace."""
_TURNS = 3
"""The most turns of one seat in one round."""
_CELL = 60
"""How much of what a turn came to stands in a cell, in characters."""
NOBODY = "decision"
"""Stands before what no seat said."""

# --- an outcome ---------------------------------------------------------------------------------------


def outcome_html(outcome: Outcome) -> str:
    """An outcome: the answer, how it won, the votes or the claims, and what it took."""
    report = Report.of(outcome)
    shown = clipped(report.strategy, 80), f"stopped: {report.stopped}", spent(report.usage), f"run {clipped(report.run, 80)}"
    return card(
        _answer(report),
        line(verdict(report, report.decision)),
        *_votes(report),
        *_claims(report.claims),
        *_governed(report.governed),
        line(" · ".join(shown), dim=True),
    )


def _answer(report: Report) -> Html:
    sure = element("span", f" (confidence {report.confidence:.2f})", style=DIM)
    if report.answer is None:
        return line(element("b", "No answer"))
    if "\n" not in report.answer and len(report.answer) <= 200:  # noqa: PLR2004 - what one line holds
        return line(element("b", report.answer), sure)
    cut = report.answer if len(report.answer) <= _ANSWER else f"{report.answer[:_ANSWER]}…"
    return Html(element("div", cut, style=WRAPPED) + line(sure))


def _votes(report: Report) -> Iterator[Html]:
    """The tally and the dissent; an open answer is no vote."""
    decision = report.decision
    if decision is None or report.is_open or not decision.tally:
        return
    rows = [(clipped(row.answer, 120), str(row.votes), _listed(row.seats)) for row in decision.tally[:_ROWS]]
    yield table(("answer", "votes", "seats"), rows, more=len(decision.tally) - _ROWS)
    if report.dissent:
        yield line(f"Dissent: {'; '.join(f'{clipped(seat, 40)}: {clipped(text, 80)}' for seat, text in report.dissent[:10])}")
    if decision.abstentions:
        yield line(f"Without a readable answer: {_listed(decision.abstentions)}")


def _claims(claims: Sequence[Claim]) -> Iterator[Html]:
    """The claims, folded."""
    if not claims:
        return
    states = ", ".join(f"{state} {count}" for state, count in Counter(claim.state for claim in claims).items())
    rows = [
        (
            claim.id,
            clipped(claim.text, 300),
            claim.state,
            f"{claim.confidence:.2f}",
            _listed(claim.seats_for),
            _listed(claim.seats_against),
        )
        for claim in claims[:_ROWS]
    ]
    columns = ("", "claim", "state", "confidence", "for", "against")
    yield folded(f"{len(claims)} claims: {states}", table(columns, rows, more=len(claims) - _ROWS))


def _governed(told: Sequence[str]) -> Iterator[Html]:
    """What rules of policies did, and what became of an answer on which much hangs, folded."""
    if told:
        shown = [line(clipped(one, 600)) for one in told[:_ROWS]]
        yield folded(f"Policies and stakes: {len(told)} line{'s' * (len(told) != 1)}", *shown)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(clipped(name, 40) for name in names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown  # noqa: PLR2004 - what a cell holds


# --- a trace ------------------------------------------------------------------------------------------


def trace_words(trace: Trace) -> str:
    """How large a trace is, in a few words."""
    over = [turn for turn, _ in _over(trace)]
    counts = (
        (trace.number_of_nodes(), "turn"),
        (len({turn.seat for turn in over if turn.on_panel}), "seat"),
        (trace.number_of_edges(), "edge"),
    )
    words = [f"{count:,} {name}{'s' * (count != 1)}" for count, name in counts]
    failed, pending = sum(turn.status == "failed" for turn in over), trace.number_of_nodes() - len(over)
    return ", ".join([*words, *([f"{failed} failed"] if failed else []), *([f"{pending} pending"] if pending else [])])


def trace_html(trace: Trace) -> str:
    """A trace: a row for each seat, a column for each round, and in each cell what it came to.

    Turns that gave the same answer have the same letter before it, A the one that won; "B → A" is a seat that changed its answer.
    """
    stored = _over(trace)
    is_open = any(turn.answer is not None and turn.answer.kind == "open" for turn, _ in stored)
    marks = {} if is_open else _marks(stored)
    return card(line(element("b", "Trace"), f": {trace_words(trace)}"), *_grid([turn for turn, _ in stored], marks))


def _over(trace: Trace) -> list[StoredTurn]:
    """The turns that are over, each with what it saw; a graph that was made of a trace may have other nodes besides."""
    rows: Iterator[tuple[str, Turn | None]] = ((name, node.get("turn")) for name, node in trace.nodes.items())
    return [
        (turn, tuple((other, edge["kind"]) for other, edge in trace.pred[name].items() if "kind" in edge))
        for name, turn in rows
        if turn is not None
    ]


def _marks(stored: Sequence[StoredTurn]) -> dict[str, str]:
    """The letter of each turn's answer, by the turn's id, with the seat's letter before where that was another."""
    decided: Decision | None = next((turn.decision for turn, _ in reversed(stored) if turn.decision is not None), None)
    groups = answer_groups(stored, decided.value if decided is not None else None)
    held: dict[str, int] = {}
    marks: dict[str, str] = {}
    for turn, _ in stored:
        value = turn.answer.value if turn.answer is not None else turn.decision.value if turn.decision is not None else None
        group = None if value is None else groups.get(value)
        if group is None:
            continue
        before = held.get(turn.seat, group) if turn.seat else group
        held[turn.seat] = group
        marks[turn.id] = letters(group) if before == group else f"{letters(before)} → {letters(group)}"
    return marks


def _grid(turns: Sequence[Turn], marks: dict[str, str]) -> Iterator[Html]:
    """The table of turns."""
    if not turns:
        return
    rounds = list(dict.fromkeys((turn.step, turn.round) for turn in turns))
    seats = sorted(dict.fromkeys(turn.seat for turn in turns), key=_place)
    cells: defaultdict[tuple[str, tuple[str, int]], list[Turn]] = defaultdict(list)
    for turn in turns:
        cells[turn.seat, (turn.step, turn.round)].append(turn)
    rows = [
        (element("b", clipped(seat, 40) or NOBODY), *(_cell(cells[seat, one], marks) for one in rounds[:_COLUMNS]))
        for seat in seats[:_ROWS]
    ]
    columns = [clipped(f"{step}, round {number}" if number else step, 40) for step, number in rounds[:_COLUMNS]]
    yield table(("", *columns), rows, more=len(seats) - _ROWS)
    if len(rounds) > _COLUMNS:
        yield line(f"and {len(rounds) - _COLUMNS} more rounds", dim=True)


def _cell(turns: Sequence[Turn], marks: dict[str, str]) -> Html:
    lines = []
    for turn in turns[:_TURNS]:
        mark = [element("b", marks[turn.id]), " "] if turn.id in marks else []
        lines.append(line(*mark, brief(turn, _CELL)))
    more = [line(f"and {len(turns) - _TURNS} more", dim=True)] if len(turns) > _TURNS else []
    return Html("".join([*lines, *more]))


def _place(seat: str) -> tuple[int, int]:
    """Where the row of a seat stands: the panel by number, then other roles as they came, then what nobody said."""
    number = seat_number(seat)
    return (0, number) if number else (1 if seat else 2, 0)
