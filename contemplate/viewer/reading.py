"""A stored run, read once for all parts of the page: numbers of turns, groups of answers, flips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from contemplate.text.visible import clipped
from contemplate.trace.groups import answer_groups, letters
from contemplate.trace.markdown import Report
from contemplate.trace.reading import Flip, flips
from contemplate.types import Decision, Turn
from contemplate.viewer.model import Group, Span
from contemplate.viewer.stored import StoredRun


@dataclass(frozen=True)
class Reading:
    """What several parts of the page need to know of a run."""

    run: StoredRun

    @cached_property
    def turns(self) -> list[Turn]:
        """The turns, in layout order."""
        return [turn for turn, _ in self.run.turns]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each turn, by its id."""
        return {turn.id: number for number, turn in enumerate(self.turns)}

    @cached_property
    def report(self) -> Report | None:
        """What it came to; None while it is not over."""
        return None if self.run.outcome is None else Report.stored(self.run.head, self.run.outcome, self.run.turns)

    @property
    def is_open(self) -> bool:
        """Whether the answer is made of claims, or of free text that nobody compares."""
        return self.run.head.question.kind == "open"

    @cached_property
    def decision(self) -> Decision | None:
        """What decided: the last decision on record with the outcome's answer, which is whole there, or the outcome's own."""
        recorded = [turn.decision for turn in reversed(self.turns) if turn.decision is not None]
        told = None if self.report is None else self.report.decision
        if told is None:
            return recorded[0] if recorded and self.report is None else None
        return next((one for one in recorded if (one.winner, one.rule) == (told.winner, told.rule)), told)

    @cached_property
    def flips(self) -> list[Flip]:
        """The changes of answers; none where answers are open, since each wording would be one."""
        return [] if self.is_open else flips(self.run.turns)

    @cached_property
    def _classes(self) -> dict[str, int]:
        """The class of each canonical value, numbered from 0: the winner's first, then by how many turns gave it."""
        return answer_groups(self.run.turns, self.decision.value if self.decision is not None else None)

    @cached_property
    def _verbs(self) -> dict[str, int]:
        return {verb: place for place, verb in enumerate(dict.fromkeys(turn.verb for turn in self.turns))}

    def group(self, turn: Turn) -> int | None:
        """The group of a turn; None if it gave no answer."""
        if self.is_open:
            return self._verbs[turn.verb]
        if turn.decision is not None:
            return self.group_of(turn.decision.value)
        return None if turn.answer is None else self._classes[turn.answer.value]

    def group_of(self, value: str | None) -> int | None:
        """The group of a canonical value; None if it is that of no turn."""
        return None if self.is_open or value is None else self._classes.get(value)

    def group_called(self, text: str) -> int | None:
        """The group of an answer by its words, as tallies have it."""
        return self._by_text.get(text)

    @cached_property
    def _by_text(self) -> dict[str, int]:
        if self.is_open:
            return {}
        return {turn.answer.text: self._classes[turn.answer.value] for turn in reversed(self.turns) if turn.answer is not None}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All groups, in order."""
        counts = Counter(group for turn in self.turns if (group := self.group(turn)) is not None)
        if self.is_open:
            return tuple(Group(letter=verb[:1].upper(), label=verb, turns=counts[place]) for verb, place in self._verbs.items())
        labels: dict[int, str] = {}
        for turn in self.turns:
            if turn.answer is not None:
                labels.setdefault(self._classes[turn.answer.value], turn.answer.text)
        return tuple(
            Group(letter=letters(place), label=clipped(labels[place], 120), turns=counts[place]) for place in range(len(labels))
        )

    def link(self, turn: Turn | str, text: str = "") -> Span:
        """Words that lead to a turn; its id if there are none."""
        name = turn if isinstance(turn, str) else turn.id
        return Span(text=clipped(text or name, 120), turn=self.numbers.get(name))

    def links(self, turns: Sequence[Turn], most: int = 6) -> tuple[Span, ...]:
        """Several turns by their seats, with commas between them."""
        spans: list[Span] = []
        seats = Counter(turn.seat for turn in turns)
        for turn in turns[:most]:
            spans += [*([Span(text=", ")] if spans else []), self.link(turn, turn.seat if seats[turn.seat] == 1 else "")]
        return (*spans, *([Span(text=f" and {len(turns) - most} more")] if len(turns) > most else []))
