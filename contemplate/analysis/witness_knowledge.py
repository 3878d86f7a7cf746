"""What a ledger teaches about its witnesses: members who answer, and critics who audit and verify answers.

No gold answer is looked at but those of runs with the step `calibrate`, which ask generated questions to that end.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contemplate.answers import classes, is_right
from contemplate.ledger.base import Ledger, RunRecord, StoredTurn
from contemplate.trace import reading
from contemplate.types import Answer, AnswerKind, Question, Turn, canonical_json
from contemplate.voting.witnesses import Evidence, Knowledge, Lesson, Verdicts, alternatives, learn, witness_name

CALIBRATES = "calibrate"
"""The verb of runs whose gold answers may be looked at."""


@dataclass(frozen=True)
class Taught:
    """What one question teaches.

    Attributes:
        words: the question's.
        known: it is one of calibration, whose right answer is looked at.
        lesson: what was said to it.
    """

    words: str
    known: bool
    lesson: Lesson


@dataclass(frozen=True)
class Lessons:
    """The questions of a ledger.

    Attributes:
        each: what they teach.
    """

    each: tuple[Taught, ...]

    @property
    def unknown(self) -> tuple[Lesson, ...]:
        """Of the questions whose right answer nobody looks at."""
        return tuple(one.lesson for one in self.each if not one.known)

    @property
    def known(self) -> tuple[Lesson, ...]:
        """Of those of calibration."""
        return tuple(one.lesson for one in self.each if one.known)

    def hold(self, question: Question) -> bool:
        """Whether the question is among them."""
        return any(one.words == question.text for one in self.each)

    def without(self, question: Question) -> Lessons:
        """Those of all other questions: what was said of this one counts as evidence, and must not vouch for itself."""
        return Lessons(tuple(one for one in self.each if one.words != question.text))

    @property
    def knowledge(self) -> Knowledge:
        """What both teach together of critics, and of members what they do on real questions, where there are any.

        Members are not mixed: who was seen on generated questions only would look better than those who were asked harder ones.
        """
        together = learn((*self.unknown, *self.known))
        if not (self.unknown and self.known):
            return together
        return learn(self.unknown).model_copy(update={"critics": together.critics})


async def learned_knowledge(ledger: Ledger, *, kind: AnswerKind | None = None, limit: int = 1000) -> Knowledge:
    """What the ledger teaches about its witnesses; see `lessons`."""
    return (await lessons(ledger, kind=kind, limit=limit)).knowledge


async def lessons(ledger: Ledger, *, kind: AnswerKind | None = None, limit: int = 1000, before: float = math.inf) -> Lessons:
    """The questions of a ledger, as lessons on its witnesses.

    A model that answers is a member, and where its card writes programs another one; a model with the card by which it judges is
    a critic. Samples are the independent answers of a question in all its runs. A reply that several runs took from the ledger
    counts once, a failed turn and a verdict that is neither way are left out.

    Args:
        ledger: where the runs are.
        kind: only questions of that kind of answer; None for all.
        limit: how many of the newest runs are looked at.
        before: only runs that began earlier, in seconds since 1970, UTC.
    """
    asked: dict[tuple[str, bool], _Asked] = {}
    for record in await ledger.runs(limit, before):
        question = None if record.forked or record.state != "finished" else record.question
        if question is None or kind not in {None, question.kind}:
            continue
        calibrates = _calibrates(record.spec["strategy"].get("steps", ())) and question.gold is not None
        name = canonical_json(question.model_dump(mode="json", exclude={"gold", "accepted", "id"}))
        one = asked.setdefault((name, calibrates), _Asked(question))
        one.take(record, await ledger.turns(record.run))
    taught = (Taught(one.question.text, known, one.lesson(known=known)) for (_, known), one in asked.items() if one.samples)
    return Lessons(tuple(taught))


@dataclass
class _Asked:
    """What was said of one question in all its runs.

    Attributes:
        samples: each with the member that gave it.
        judged: each verdict with its critic, the answer that it is about, and whether it accepts that.
        equal: the pairs of canonical values that were found to mean the same.
    """

    question: Question
    samples: list[tuple[str, Answer]] = field(default_factory=list)
    judged: list[tuple[str, Answer, bool]] = field(default_factory=list)
    equal: set[frozenset[str]] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)

    def take(self, record: RunRecord, stored: Sequence[StoredTurn]) -> None:
        """Take what one run has of it."""
        self.equal |= reading.found_equal(stored)
        for turn in self._fresh(reading.independent_answers(stored)):
            if turn.answer is not None:
                card = turn.card if _writes_programs(record.spec["cards"], turn.card) else ""
                self.samples.append((witness_name(turn.model, card), turn.answer))
        about = {judged.turn.id: judged.answer for judged in reading.verdicts(stored)}
        for turn in self._fresh(judged.turn for judged in reading.verdicts(stored)):
            if turn.verdict in {"sound", "flawed"}:
                self.judged.append((witness_name(turn.model, turn.card), about[turn.id], turn.verdict == "sound"))

    def lesson(self, *, known: bool) -> Lesson:
        """What it teaches, with its right answer if that is `known`."""
        given = [answer for _, answer in self.samples] + [answer for _, answer, _ in self.judged]
        indices, _ = classes(given, frozenset(self.equal))
        number = {answer.value: index for answer, index in zip(given, indices, strict=True)}
        count = len(set(indices))
        members = Counter((member, number[answer.value]) for member, answer in self.samples)
        said = Counter((critic, number[answer.value], accepts) for critic, answer, accepts in self.judged)
        evidence = Evidence(
            answers=count,
            samples={name: tuple(members[name, answer] for answer in range(count)) for name in _names(self.samples)},
            verdicts={
                name: Verdicts(
                    accepts=tuple(said[name, answer, True] for answer in range(count)),
                    rejects=tuple(said[name, answer, False] for answer in range(count)),
                )
                for name in _names(self.judged)
            },
            alternatives=alternatives(self.question, count),
        )
        right = (number[answer.value] for answer in given if known and is_right(answer, self.question))
        return Lesson(evidence=evidence, truth=next(right, count) if known else None)

    def _fresh(self, turns: Iterable[Turn]) -> Iterator[Turn]:
        """The turns whose reply was not taken before."""
        for turn in turns:
            if turn.key is not None and turn.key not in self._known:
                self._known.add(turn.key)
                yield turn


def _calibrates(steps: Iterable[Mapping[str, Any]]) -> bool:
    return any(step.get("do") == CALIBRATES or _calibrates(step.get("steps", ())) for step in steps)


def _writes_programs(cards: Mapping[str, Any], name: str) -> bool:
    return "{program_form}" in cards.get(name, {}).get("instruction", "")


def _names(said: Sequence[tuple[Any, ...]]) -> list[str]:
    """The witnesses, each once, in the order in which they spoke."""
    return list(dict.fromkeys(row[0] for row in said))
