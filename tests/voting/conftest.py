"""Ballots, written short."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contemplate.types import Answer, Ballot, Points

Rankings = Callable[[str], list[Ballot]]
Cast = Callable[..., list[Ballot]]


def _answer(value: str) -> Answer:
    return Answer(kind="choice", text=value, value=value, how="stated")


def _ballot(place: int, **said: object) -> Ballot:
    return Ballot.model_validate({"seat": f"seat-{place}", "turn": f"1.propose/seat-{place}", **said})


@pytest.fixture(scope="session")
def rankings() -> Rankings:
    """Ballots from "42 M>N>C>K, 26 N>C": so many of each ranking, in that order; a dash is an empty ballot."""

    def read(text: str) -> list[Ballot]:
        groups = [group.split() for group in text.split(",")]
        orders = [order for count, order in groups for _ in range(int(count))]
        return [
            _ballot(place, ranking=() if order == "-" else tuple(map(_answer, order.split(">"))))
            for place, order in enumerate(orders, 1)
        ]

    return read


@pytest.fixture(scope="session")
def approvals() -> Cast:
    """A ballot for each text: "AB" approves of A and B."""
    return lambda *texts: [_ballot(place, approved=tuple(map(_answer, text))) for place, text in enumerate(texts, 1)]


@pytest.fixture(scope="session")
def points() -> Cast:
    """A ballot for each mapping of answers to points."""
    return lambda *given: [
        _ballot(place, points=tuple(Points(answer=_answer(value), points=number) for value, number in one.items()))
        for place, one in enumerate(given, 1)
    ]


@pytest.fixture(scope="session")
def choices() -> Cast:
    """A ballot for each character, a dash abstaining; `weights` are theirs."""

    def read(text: str, weights: tuple[float, ...] = ()) -> list[Ballot]:
        return [
            _ballot(place, answer=None if value == "-" else _answer(value), weight=weights[place - 1] if weights else 1)
            for place, value in enumerate(text, 1)
        ]

    return read
