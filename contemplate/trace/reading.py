"""Readings of a run: who answered independently, what each round came to, who changed an answer after reading whom.

The one place that says what a stored turn means. Each question takes the turns of a run in layout order, each with what it saw,
so that it is answered the same from a run that goes on, from a ledger and from a trace file. `Trace` asks them as its methods.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from contemplate.answers import classes
from contemplate.ledger.base import StoredTurn
from contemplate.types import Answer, Decision, Turn

_FIRST_VOTE = "/first"
"""How the id of a vote over first answers ends. No other part of a turn tells it: the final vote beside it may count the same
turns, where no seat answered again, or ballots in place of answers."""

_SHOWN_AHEAD = re.compile(r"(?P<choice>.*)/(?:ahead|ballot)|(?P<pair>.*)-(?P<number>[0-9]+)", re.DOTALL)
"""How the ids of turns end that chose in one order: of `judge` and `rank`, and of `compare`, which numbers its turns from 1."""


@dataclass(frozen=True)
class Round:
    """A round of a step in which seats were to answer.

    Attributes:
        step: number and verb of the step, as "2.revise".
        number: the pass of the enclosing `repeat`, from 1; 0 outside of one.
        turns: those of the seats that spoke, failed ones too, in layout order.
    """

    step: str
    number: int
    turns: tuple[Turn, ...]

    @property
    def answers(self) -> list[tuple[str, Answer | None]]:
        """Each seat that spoke, with what it answered; None where no answer could be read."""
        return [(turn.seat, turn.answer) for turn in self.turns]


@dataclass(frozen=True)
class Flip:
    """A seat that changed its answer.

    Attributes:
        seat: who.
        before: the turn with the answer that it gave up.
        after: the turn with the answer that it gave instead.
        read: the turns of others that `after` saw.
    """

    seat: str
    before: Turn
    after: Turn
    read: tuple[Turn, ...]


@dataclass(frozen=True)
class Judged:
    """A turn that was to pass a verdict on one answer.

    Attributes:
        turn: the critic's or verifier's; its `verdict` is None where it failed.
        about: the turn that gave the answer.
        answer: the answer.
    """

    turn: Turn
    about: Turn
    answer: Answer


def independent_answers(stored: Sequence[StoredTurn]) -> list[Turn]:
    """The turns in which seats of the panel answered the question, or failed to, having seen nobody; one for each seat.

    It does not matter which step asked them. A seat that was asked so again, as its call had brought no reply, counts with
    the first reply that came. Cancelled turns are left out, and so is what was said without an answer, as a first step of a
    search. A failed turn counts as an attempt unless other seats said something in its step that was no answer.
    """
    alone = [turn for turn, sees in stored if turn.on_panel and not sees and turn.status != "cancelled"]
    elsewhere = {turn.step for turn in alone if turn.status == "said" and turn.answer is None}
    first: dict[str, Turn] = {}
    for turn in alone:
        if turn.answer is None and turn.step in elsewhere:
            continue
        known = first.get(turn.seat)
        if known is None or (known.text is None and turn.text is not None):
            first[turn.seat] = turn
    counted = {turn.id for turn in first.values()}
    return [turn for turn in alone if turn.id in counted]


def rounds(stored: Sequence[StoredTurn]) -> list[Round]:
    """The rounds in which seats were to answer: those of a revision, and all others in which one did."""
    judging = {judged.turn.id for judged in verdicts(stored)}
    spoke = [turn for turn, _ in stored if turn.on_panel and turn.status != "cancelled" and turn.id not in judging]
    found = [Round(*key, tuple(turns)) for key, turns in groupby(spoke, key=lambda turn: (turn.step, turn.round))]
    return [one for one in found if one.turns[0].verb == "revise" or any(turn.answer is not None for turn in one.turns)]


def positions(stored: Sequence[StoredTurn]) -> dict[str, list[Turn]]:
    """For each seat, and each role outside of the panel, the turns in which it said an answer, oldest first."""
    found: dict[str, list[Turn]] = {}
    for turn, _ in stored:
        if turn.status == "said" and turn.answer is not None:
            found.setdefault(turn.seat, []).append(turn)
    return found


def flips(stored: Sequence[StoredTurn]) -> list[Flip]:
    """The changes of answers, in layout order; two answers that a decision counted as one are no change."""
    turns = {turn.id: turn for turn, _ in stored}
    said = [(turn, sees) for turn, sees in stored if turn.status == "said" and turn.answer is not None]
    indices, _ = classes([turn.answer for turn, _ in said if turn.answer is not None], found_equal(stored))
    held: dict[str, tuple[Turn, int]] = {}
    found = []
    for (turn, sees), index in zip(said, indices, strict=True):
        before, was = held.get(turn.seat, (turn, index))
        if was != index:
            read = tuple(turns[other] for other, _ in sees if other in turns and turns[other].seat != turn.seat)
            found.append(Flip(turn.seat, before, turn, read))
        held[turn.seat] = turn, index
    return found


def verdicts(stored: Sequence[StoredTurn]) -> list[Judged]:
    """The turns that were to pass a verdict on one answer, those among them that failed too, each with that answer."""
    turns = {turn.id: turn for turn, _ in stored}
    found = []
    for turn, sees in stored:
        about = next((turns[other] for other, kind in sees if kind == "criticised" and other in turns), None)
        if about is None or about.answer is None or turn.status == "cancelled":
            continue
        if turn.verdict or turn.status == "failed":
            found.append(Judged(turn, about, about.answer))
    return found


def decisions(stored: Sequence[StoredTurn]) -> list[Decision]:
    """The decisions that were put on record, in layout order; the last one decided."""
    return [turn.decision for turn, _ in stored if turn.decision is not None]


def first_vote(stored: Sequence[StoredTurn]) -> Decision | None:
    """The vote over the first, independent answers, where there was another vote after it; else None."""
    return next((turn.decision for turn, _ in stored if turn.decision is not None and turn.id.endswith(_FIRST_VOTE)), None)


def found_equal(stored: Sequence[StoredTurn]) -> frozenset[frozenset[str]]:
    """The pairs of canonical values that a decision counted as one answer, though they are written as two."""
    values = {turn.answer.text: turn.answer.value for turn, _ in stored if turn.answer is not None}
    merges = (merge for decision in decisions(stored) for merge in decision.merges)
    pairs = (_known(values.get(merge.answer), values.get(merge.into)) for merge in merges)
    return frozenset(pair for pair in pairs if len(pair) > 1)


def _known(*values: str | None) -> frozenset[str]:
    return frozenset(value for value in values if value is not None)


def both_orders(stored: Sequence[StoredTurn]) -> Iterator[tuple[Turn, Turn]]:
    """Each two turns of one seat that chose among the same turns, shown in one order and in the reverse of it.

    Those of `judge`, of `compare`, and of `rank` in both orders; turns that nobody answered are left out.
    """
    turns = {turn.id: turn for turn, _ in stored if turn.calls and turn.verb in {"judge", "compare", "rank"}}
    for turn in turns.values():
        other = turns.get(_in_reverse(turn.id))
        if other is not None:
            yield turn, other


def _in_reverse(turn_id: str) -> str:
    """The id of the turn that is shown the same as this one, in reverse; nothing if this is not the first of the two."""
    found = _SHOWN_AHEAD.fullmatch(turn_id)
    if found is None:
        return ""
    if found["number"] is None:
        return f"{found['choice']}/reverse"
    number = int(found["number"])
    return f"{found['pair']}-{number + 1}" if number % 2 else ""
