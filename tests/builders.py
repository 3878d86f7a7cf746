"""Values that many tests need, written short: requests, tokens, answers, ballots; and the types of fixtures that make some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

from contemplate.answers import KINDS
from contemplate.ledger.base import RunRecord, Sent
from contemplate.types import Answer, AnswerKind, Ballot, Completion, Message, Points, Question, Request, Sampling, Tokens, Turn

RequestOf = Callable[[str], Request]
CompletionOf = Callable[[str], Completion]
SentOf = Callable[[str], Sent]
TurnOf = Callable[[str], Turn]
RecordOf = Callable[[str], RunRecord]
"""The fixtures with which tests of a ledger make values of a short text; see tests/ledger/conftest.py."""


def a_request(text: str = "Hi", model: str = "m", **fields: Any) -> Request:
    """A request of one message; `fields` are those of a request or of its sampling."""
    sampling = {name: fields.pop(name) for name in Sampling.model_fields if name in fields}
    message = Message(role="user", content=text)
    return Request(model=model, messages=(message,), sampling=Sampling.model_validate(sampling), **fields)


def counted(owner: object, name: str, patch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The calls of a method from now on, by their arguments; it does what it did."""
    calls: list[tuple[Any, ...]] = []
    method = getattr(owner, name)

    def count(*given: Any, **options: Any) -> Any:
        calls.append(given)
        return method(*given, **options)

    patch.setattr(owner, name, count)
    return calls


def tokens(total: int) -> Tokens:
    """So many tokens, two thirds of them of a prompt."""
    return Tokens(prompt=total - total // 3, completion=total // 3)


def an_answer(value: str, kind: AnswerKind = "choice") -> Answer:
    """A stated answer whose text is its value."""
    return Answer(kind=kind, text=value, value=value, how="stated")


def of_other_kinds(questions: Sequence[Question]) -> list[Question]:
    """One bare question for each kind of answer that none of `questions` has, so that a new kind is tried as the others are."""
    asked = {question.kind for question in questions}
    return [Question(text="What?", kind=kind) for kind in KINDS if kind not in asked]


def ballots(votes: Iterable[str | None], weights: Sequence[float] = (), kind: AnswerKind = "choice") -> list[Ballot]:
    """One ballot for each vote, such as each character of "AAB-"; a dash or None abstains. `weights` are theirs."""
    return [
        _ballot(
            place,
            answer=None if vote in {"-", None} else an_answer(str(vote), kind),
            weight=weights[place - 1] if weights else 1,
        )
        for place, vote in enumerate(votes, 1)
    ]


def rankings(text: str) -> list[Ballot]:
    """Ballots from "42 M>N>C>K, 26 N>C": so many of each ranking, in that order; a dash is an empty ballot."""
    groups = [group.split() for group in text.split(",")]
    orders = [order for count, order in groups for _ in range(int(count))]
    return [
        _ballot(place, ranking=() if order == "-" else tuple(map(an_answer, order.split(">"))))
        for place, order in enumerate(orders, 1)
    ]


def approvals(*texts: str) -> list[Ballot]:
    """A ballot for each text: "AB" approves of A and B."""
    return [_ballot(place, approved=tuple(map(an_answer, text))) for place, text in enumerate(texts, 1)]


def points(*given: Mapping[str, int]) -> list[Ballot]:
    """A ballot for each mapping of answers to points."""
    return [
        _ballot(place, points=tuple(Points(answer=an_answer(value), points=number) for value, number in one.items()))
        for place, one in enumerate(given, 1)
    ]


def _ballot(place: int, **said: object) -> Ballot:
    return Ballot.model_validate({"seat": f"seat-{place}", "turn": f"1.propose/seat-{place}", **said})
