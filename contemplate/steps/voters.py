"""The weights of a vote, and the ballots that seats filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from contemplate.answers import classes
from contemplate.errors import InputError
from contemplate.run import PendingTurn, Run
from contemplate.steps.score import logprobs_of
from contemplate.types import Answer, Ballot, Points, Turn
from contemplate.voting import weights

Voters = Literal["equal", "confidence", "score", "logprob", "learned", "consistency"]


async def raw_weights(
    run: Run, voters: Voters, positions: Sequence[PendingTurn], scores: Mapping[str, float], *, recalibrate: bool
) -> dict[int, float]:
    """The weight of each position with an answer, by its index; one of which nothing is known has none.

    Raises:
        InputError: a model gives no log-probabilities, or nothing was learned of it.
    """
    turns = {index: await position for index, position in enumerate(positions)}
    said = {index: turn for index, turn in turns.items() if turn.answer is not None}
    match voters:
        case "confidence":
            stated = {index: turn.confidence or 0.0 for index, turn in said.items()}
            return {index: weights.recalibrated(one) for index, one in stated.items()} if recalibrate else stated
        case "score":
            if not any(turn.id in scores for turn in said.values()):
                return dict.fromkeys(said, 1.0)  # nothing was scored, or these are the positions before those that were
            return {index: scores[turn.id] for index, turn in said.items() if turn.id in scores}
        case "logprob":
            read = {index: logprobs_of(run, turn) for index, turn in turns.items()}
            return {p: weights.sequence_probability(found.chosen) for p, found in read.items() if found and p in said}
        case "learned":
            return _learned(run, said)
        case _:
            return dict.fromkeys(said, 1.0)


def scaled(raw: Mapping[int, float], temperature: float | None) -> dict[int, float]:
    """The weights as they are, or their softmax."""
    if temperature is None:
        return dict(raw)
    return dict(zip(raw, weights.softmax(list(raw.values()), temperature), strict=True))


def _learned(run: Run, said: Mapping[int, Turn]) -> dict[int, float]:
    """The reliability of each seat's model; seats of one model are one witness, and share it."""
    known = run.reliability
    if not known:
        msg = "no reliabilities are known: 'voters: learned' needs them to be estimated from the answers to other questions first"
        raise InputError(msg)
    copies = Counter(turn.model for turn in said.values())
    for model in copies:
        if model not in known:
            raise InputError(f"no reliability is known of {model!r}; known: {', '.join(sorted(known))}")
    return {index: known[turn.model] / copies[turn.model] for index, turn in said.items()}


def one_each(run: Run, voters: Voters, filled: Sequence[tuple[Turn, Ballot]]) -> list[Ballot]:
    """One ballot for each seat, of those that its turns come to; by "consistency" each weighs what its model's does.

    A seat that was asked in both orders has chosen if both times it is the same answer; else it abstains.
    """
    by_seat: dict[str, list[Ballot]] = {}
    for turn, ballot in filled:
        by_seat.setdefault(turn.seat, []).append(ballot)
    counted = [_both_orders(run, given) for given in by_seat.values()]
    if voters != "consistency":
        return counted
    models = {turn.seat: turn.model for turn, _ in filled}
    weights = _consistency(run, [models[ballot.seat] for ballot in counted])
    return [ballot.model_copy(update={"weight": weight}) for ballot, weight in zip(counted, weights, strict=True)]


def _both_orders(run: Run, given: Sequence[Ballot]) -> Ballot:
    """The ballot of one seat, which filled in one or two."""
    first = given[0]
    chosen = [ballot.answer for ballot in given if ballot.answer is not None]
    same = len(chosen) == len(given) and len(set(classes(chosen, run.found_equal)[0])) == 1
    return first if len(given) == 1 or same else first.model_copy(update={"answer": None})


def _consistency(run: Run, models: Sequence[str]) -> list[float]:
    """The weight of each judge by its model, which copies of it share; all are equal where nobody is known to be consistent."""
    known = run.consistency
    if not any(known.get(model) for model in models):
        return [1.0] * len(models)
    return [known.get(model, 0.0) / models.count(model) for model in models]


def filled_in(run: Run, turn: Turn) -> Ballot:
    """The ballot that a seat filled in over the turns that it saw, its own among them or not; one that failed says nothing."""

    def answers(ids: Sequence[str] | None) -> tuple[Answer, ...]:
        return tuple(answer for turn_id in ids or () if (answer := _answer(run, turn_id)) is not None)

    return Ballot(
        seat=turn.seat,
        turn=turn.id,
        answer=None if turn.chose is None else _answer(run, turn.chose),
        ranking=answers(turn.found.ranking),
        approved=answers(turn.found.approved),
        points=tuple(
            Points(answer=answer, points=share)
            for turn_id, share in (turn.found.points or {}).items()
            if (answer := _answer(run, turn_id)) is not None
        ),
        offered=answers([*run.course.predecessors(turn.id)]),
    )


def _answer(run: Run, turn_id: str) -> Answer | None:
    turn = run.course.turn(turn_id) if turn_id in run.course else None
    return None if turn is None else turn.answer
