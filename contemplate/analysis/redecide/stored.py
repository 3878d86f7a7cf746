"""The samples that a ledger keeps: what the seats of its runs answered before they had read anybody."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from math import fsum

from contemplate.analysis.records import Sample, Votes, classed
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger.base import Ledger, RunRecord, StoredTurn
from contemplate.text import one_line
from contemplate.trace.reading import found_equal, independent_answers
from contemplate.types import Question, Turn, canonical_json, digest

_SHORTEST = 4
"""Characters of a run's id that must be given, as everywhere."""


@dataclass
class _Asked:
    """One question, and what its runs sampled."""

    question: Question
    turns: dict[str, Turn] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    judged: set[frozenset[str]] = field(default_factory=set)

    def votes(self) -> Votes:
        """Its samples, in classes; a score holds for the whole class if its members have none of their own."""
        found = [turn.answer for turn in self.turns.values()]
        of_answer: dict[str, float] = {}
        for key, turn in self.turns.items():
            if turn.answer is not None and key in self.scores:
                of_answer.setdefault(turn.answer.value, self.scores[key])
        samples = [
            Sample(
                text="",
                member=turn.model,
                weight=turn.confidence,
                score=self.scores.get(key, of_answer.get(turn.answer.value) if turn.answer is not None else None),
            )
            for key, turn in self.turns.items()
        ]
        name = self.question.id or digest(_identity(self.question))[:12]
        try:
            return classed(name, self.question, found, samples, self.judged)
        except InputError as error:
            raise InputError(f"question {name!r}: {error}") from None


async def stored_samples(
    ledger: Ledger, runs: Sequence[str] = (), *, strategy: str | None = None, questions: Iterable[Question] | None = None
) -> list[Votes]:
    """The samples in the finished runs of a ledger: the first answer of each seat, given before it had read anybody.

    Runs of one question are put together, the oldest first, in the order of their seats. A reply that several runs share through
    the ledger counts once, and a call that brought no reply is no sample. A sample's member is its model, its weight the
    confidence that it states, and its score the mean of those that the run's `score` steps gave it.

    Args:
        ledger: where the runs are.
        runs: ids, or their beginnings, of at least 4 characters, each of which may select several; none for all finished runs.
        strategy: only runs of the strategy of this name.
        questions: only runs of these, whose gold answers and ids are taken.

    Raises:
        UnknownNameError: no run, or no strategy, of such a name.
        InputError: nothing was selected that is finished and sampled anything; or the gold answers of one question differ.
    """
    wanted = None if questions is None else {_identity(question): question for question in questions}
    asked: dict[str, _Asked] = {}
    async with aclosing(_finished(ledger, runs, strategy)) as records:
        async for record in records:
            question = Question.model_validate(record.spec["question"])
            name = _identity(question)
            if wanted is not None and name not in wanted:
                continue
            known = asked.setdefault(name, _Asked(question if wanted is None else wanted[name]))
            if wanted is None:
                known.question = _same(known.question, question)
            _gather(known, await ledger.turns(record.run))
    found = [one for one in asked.values() if one.turns]
    if not found:
        of = "" if wanted is None else " of these questions"
        raise InputError(f"no finished run{of} has independent answers to decide about (contemplate list runs)")
    return list(_named(found))


def _identity(question: Question) -> str:
    """The key under which two questions are one: all that an agent sees."""
    return canonical_json(question.model_dump(mode="json", exclude={"gold", "id"}))


async def _finished(ledger: Ledger, wanted: Sequence[str], strategy: str | None) -> AsyncGenerator[RunRecord]:
    """The finished ones of the runs that are wanted, the oldest first; one at a time, as a ledger may hold very many."""
    ids = await ledger.run_ids()
    chosen = {run for name in wanted for run in _beginning(ids, name)} if wanted else set(ids)
    first: RunRecord | None = None
    strategies: dict[str, None] = {}
    for run in ids:
        if run not in chosen or (record := await ledger.run(run)) is None:
            continue
        first = first or record
        if record.state == "finished" and (wanted or not record.forked):
            strategies[name := str(record.spec["strategy"]["name"])] = None
            if strategy in {None, name}:
                yield record
    if wanted and first is not None and not strategies:
        first.check_finished()
    if strategy is not None and strategy not in strategies:
        raise UnknownNameError("strategy with finished runs here", strategy, tuple(strategies))


def _beginning(ids: Sequence[str], name: str) -> list[str]:
    found = [run for run in ids if run.startswith(name)] if len(name) >= _SHORTEST else []
    if not found:
        raise UnknownNameError("run", one_line(name), ids, "(contemplate list runs)")
    return found


def _same(known: Question, other: Question) -> Question:
    """One question, with the id and the gold answer that either has."""
    if known.gold is not None and other.gold is not None and known.gold != other.gold:
        what = one_line(known.text, 60)
        raise InputError(f"the gold answer to {what!r} is {known.gold[:60]!r} in one run and {other.gold[:60]!r} in another")
    return known.model_copy(update={"gold": known.gold or other.gold, "id": known.id or other.id})


def _gather(asked: _Asked, turns: Sequence[StoredTurn]) -> None:
    """Take in what a run sampled, how it was scored, and which answers a model found to be the same."""
    sampled: dict[str, str] = {}
    for turn in independent_answers(turns):
        if turn.text is not None and turn.key is not None:
            sampled[turn.id] = turn.key
            asked.turns.setdefault(turn.key, turn.model_copy(update={"text": None}))
    for turn_id, score in _scores(turns).items():
        if turn_id in sampled:
            asked.scores.setdefault(sampled[turn_id], score)
    asked.judged |= found_equal(turns)


def _scores(turns: Sequence[StoredTurn]) -> Mapping[str, float]:
    """The mean score of each turn that was scored."""
    given: dict[str, list[float]] = {}
    for turn, sees in turns:
        score = turn.found.score
        if turn.verb == "score" and score is not None:
            for target, _ in sees:
                given.setdefault(target, []).append(score)
    return {target: fsum(scores) / len(scores) for target, scores in given.items()}


def _named(found: Sequence[_Asked]) -> Iterator[Votes]:
    """Votes whose ids differ: a question that has the id of another goes by what it asks."""
    taken: set[str] = set()
    for one in found:
        if one.question.id in taken:
            one.question = one.question.model_copy(update={"id": None})
        taken.add(one.question.id or "")
        yield one.votes()
