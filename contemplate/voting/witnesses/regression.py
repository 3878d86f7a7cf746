"""Least squares with errors that hold where rows of one question depend on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class Row:
    """A value to be explained.

    Attributes:
        question: the number of its question.
        terms: what explains it.
        value: to be explained.
        weight: above 0.
    """

    question: int
    terms: tuple[float, ...]
    value: float
    weight: float = 1.0


@dataclass(frozen=True)
class Line:
    """The best linear explanation.

    Attributes:
        slopes: the factor of each term.
        covariance: of the slopes, robust against any dependence within a question.
    """

    slopes: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]

    def at(self, terms: Sequence[float]) -> float:
        """The value that it expects."""
        return sum(slope * term for slope, term in zip(self.slopes, terms, strict=True))

    def error(self, terms: Sequence[float]) -> float:
        """The standard error of that."""
        spread = sum(
            one * other * self.covariance[i][j] for i, one in enumerate(terms) for j, other in enumerate(terms) if one and other
        )
        return sqrt(max(spread, 0.0))


def line_through(rows: Sequence[Row]) -> Line | None:
    """The weighted least-squares fit; None where the rows do not determine it."""
    size = len(rows[0].terms) if rows else 0
    squares = [[0.0] * size for _ in range(size)]
    products = [0.0] * size
    for row in rows:
        for i, one in enumerate(row.terms):
            scaled = row.weight * one
            products[i] += scaled * row.value
            for j in range(size):
                squares[i][j] += scaled * row.terms[j]
    inverse = _inverse(squares)
    if inverse is None:
        return None
    slopes = [sum(inverse[i][j] * products[j] for j in range(size)) for i in range(size)]
    scores: dict[int, list[float]] = {}
    for row in rows:
        rest = row.weight * (row.value - sum(slope * term for slope, term in zip(slopes, row.terms, strict=True)))
        score = scores.setdefault(row.question, [0.0] * size)
        for i, term in enumerate(row.terms):
            score[i] += rest * term
    spread = [[sum(score[i] * score[j] for score in scores.values()) for j in range(size)] for i in range(size)]
    return Line(tuple(slopes), tuple(map(tuple, _times(_times(inverse, spread), inverse))))


def _times(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> list[list[float]]:
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*other, strict=True)] for row in one]


def _inverse(matrix: Sequence[Sequence[float]]) -> list[list[float]] | None:
    """The inverse by elimination; None of a matrix that has none."""
    size = len(matrix)
    rows = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda i: abs(rows[i][column]))
        if abs(rows[pivot][column]) < 1e-9 * max(1.0, *(abs(value) for value in matrix[pivot])):
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        factor = rows[column][column]
        rows[column] = [value / factor for value in rows[column]]
        for i in range(size):
            if i != column and rows[i][column]:
                times = rows[i][column]
                rows[i] = [value - times * own for value, own in zip(rows[i], rows[column], strict=True)]
    return [row[size:] for row in rows]
