"""A run told in words while it goes: what a client shows as the model's reasoning."""

from __future__ import annotations

import re

from contemplate.text import one_line
from contemplate.trace.events import Event, Noted, RunStarted, TurnDelta, TurnEnded, TurnStarted
from contemplate.trace.words import DOING
from contemplate.types import Decision, Turn

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Narrator:
    """Tells the events of one run. A reply comes whole when its turn ends, but as it is written where one agent alone speaks."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._open: set[str] = set()
        self._speaking = ""

    def told(self, event: Event) -> str:
        """The words for an event; none for one that says nothing to a reader."""
        match event:
            case RunStarted():
                models = ", ".join(dict.fromkeys(event.models))
                return f"{event.strategy} on {one_line(models, 200)}, run {event.run}\n"
            case TurnStarted():
                self._open.add(event.id)
                return f"\n{_who(event.seat, event.model)} is {DOING.get(event.verb, 'at work')}.\n"
            case TurnDelta():
                return self._piece(event)
            case TurnEnded():
                return self._ended(event.turn)
            case Noted():
                return f"\nNote: {one_line(event.message, 300)}\n"
        return ""

    def _piece(self, event: TurnDelta) -> str:
        begins = not self._speaking and self._open == {event.id}
        if begins:
            self._speaking = event.id
        if event.id != self._speaking:
            return ""
        return _UNSEEN.sub("", f"\n{event.seat}: {event.text}" if begins else event.text)

    def _ended(self, turn: Turn) -> str:
        self._open.discard(turn.id)
        spoken, self._speaking = turn.id == self._speaking, "" if turn.id == self._speaking else self._speaking
        if turn.status == "cancelled":
            return "\n" if spoken else ""
        if turn.decision is not None:
            return f"\n{_decided(turn.decision)}\n"
        if turn.failure is not None:
            return f"\n{turn.seat} failed: {one_line(turn.failure.message, 300)}\n"
        return "\n" if spoken else f"\n{turn.seat}: {_UNSEEN.sub('', turn.words.strip())}\n"


def _who(seat: str, model: str) -> str:
    return f"{seat} ({one_line(model, 60)})"


def _decided(decision: Decision) -> str:
    if decision.winner is None:
        return f"{decision.rule}: no winner ({one_line(decision.reason or 'a tie', 200)})"
    votes = ", ".join(f"{row.votes} for {one_line(row.answer, 60)}" for row in decision.tally[:8])
    return f"{decision.rule}: {one_line(decision.winner, 200)} ({votes})"
