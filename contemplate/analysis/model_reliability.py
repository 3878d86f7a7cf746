"""The reliability of the models in a ledger, learned without any right answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contemplate.answers import classes
from contemplate.errors import InputError
from contemplate.ledger.base import Ledger
from contemplate.trace.reading import independent_answers
from contemplate.types import Answer, Question, canonical_json
from contemplate.voting.reliability import Estimate, learn

LEAST = 3
"""Questions that at least two models must have answered before anything can be learned."""


async def learned_reliability(ledger: Ledger, limit: int = 1000, *, without: Question | None = None) -> Estimate:
    """The reliability of the models whose runs the ledger keeps (`contemplate.voting.reliability.learn`).

    Each model is one witness of a question: its first independent answer to it in the newest run, so that copies on several
    seats, and runs done again, count once.

    Args:
        ledger: where the runs are.
        limit: how many of the newest runs are looked at.
        without: a question that is left out, as who answers it again must not vouch for itself.

    Raises:
        InputError: too few questions were answered by several models.
    """
    questions: dict[str, Question] = {}
    answered: dict[str, dict[str, Answer | None]] = {}
    for record in await ledger.runs(limit):
        if record.state != "finished" or record.forked or (question := record.question) is None:
            continue
        if without is not None and question.text == without.text:
            continue
        name = canonical_json(question.model_dump(mode="json", exclude={"gold", "id"}))
        questions[name] = question
        known = answered.setdefault(name, {})
        for turn in independent_answers(await ledger.turns(record.run)):
            known.setdefault(turn.model, turn.answer)
    shared = {name: answers for name, answers in answered.items() if sum(a is not None for a in answers.values()) > 1}
    if len(shared) < LEAST:
        raise InputError(
            f"{len(shared)} question{'s were' if len(shared) != 1 else ' was'} answered by more than one model in this ledger; "
            f"how reliable each is can be learned from {LEAST} at least, and well from a hundred"
        )
    classed = {name: _classed(answers) for name, answers in shared.items()}
    given = {name: len({index for index in own.values() if index is not None}) for name, own in classed.items()}
    return learn(list(classed.values()), alternatives=[max(len(questions[name].choices), given[name], 2) for name in classed])


def _classed(answers: Mapping[str, Answer | None]) -> dict[str, int | None]:
    """The class of each model's answer."""
    given: Sequence[tuple[str, Answer]] = [(model, answer) for model, answer in answers.items() if answer is not None]
    indices, _ = classes([answer for _, answer in given])
    return {**dict.fromkeys(answers), **{model: index for (model, _), index in zip(given, indices, strict=True)}}
