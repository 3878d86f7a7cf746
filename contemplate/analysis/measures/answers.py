"""Measures of what the panel answered: agreement and entropy by round, diversity and independence of the first answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import fsum, log2
from typing import TYPE_CHECKING

from contemplate.analysis.measures.wording import resemblance
from contemplate.answers import classes
from contemplate.trace.reading import found_equal
from contemplate.types import Turn

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace

_MOST_PAIRS = 2000
"""How many pairs of replies are compared word by word."""


def classes_of(trace: Trace) -> dict[str, int]:
    """The class of each turn's answer, by the turn's id: answers of one class are the same answer.

    Two that a decision counted as one are of one class, though they are written in two ways.
    """
    answered = [(turn.id, turn.answer) for turn in trace.turns if turn.answer is not None]
    indices, _ = classes([answer for _, answer in answered], found_equal(trace.stored))
    return {turn_id: index for (turn_id, _), index in zip(answered, indices, strict=True)}


def agreement(trace: Trace) -> tuple[float | None, ...]:
    """The agreement of each round (`Trace.rounds`): the share of the answers that are the commonest, in (0, 1].

    None for a round in which nobody answered. 1 is consensus, at which a round table may stop.

    References:
        arXiv:2309.13007 (ReConcile: discussion until consensus).
    """
    return tuple(max(counts) / sum(counts) if counts else None for counts in _counts(trace))


def entropy(trace: Trace) -> tuple[float | None, ...]:
    """The entropy of the answers of each round, in bits: 0 where all agree, log2(n) where n seats give n answers.

    It is taken over answers by meaning, not by their letters. None for a round in which nobody answered.

    References:
        Shannon, A mathematical theory of communication (1948); arXiv:2302.09664 (entropy over classes of meaning).
    """
    return tuple(_entropy(counts) if counts else None for counts in _counts(trace))


def _entropy(counts: list[int]) -> float:
    whole = sum(counts)
    return fsum(count / whole * log2(whole / count) for count in counts)


def _counts(trace: Trace) -> list[list[int]]:
    """How many seats gave each answer, round by round."""
    of = classes_of(trace)
    return [list(Counter(of[turn.id] for turn in one.turns if turn.id in of).values()) for one in trace.rounds()]


@dataclass(frozen=True, slots=True)
class Diversity:
    """How different the first, independent replies are.

    Attributes:
        answers: the chance that two different seats answered differently, in [0, 1].
        wording: 1 minus the mean resemblance of two replies, in [0, 1].
    """

    answers: float
    wording: float


def diversity(trace: Trace) -> Diversity | None:
    """The diversity of the first, independent replies (`Trace.independent_answers`); None with fewer than two answers.

    References:
        Simpson, Measurement of diversity (1949), without replacement; Broder (1997) for the wording.
    """
    of = classes_of(trace)
    first = [turn for turn in trace.independent_answers() if turn.id in of]
    pairs = list(combinations(first, 2))
    if not pairs:
        return None
    differ = sum(of[one.id] != of[other.id] for one, other in pairs) / len(pairs)
    read = pairs[:_MOST_PAIRS]
    alike = fsum(resemblance(one.text or "", other.text or "") for one, other in read) / len(read)
    return Diversity(differ, 1 - alike)


def independence(trace: Trace) -> float | None:
    """The share of the panel's seats whose first answer was independent, in [0, 1]; None if no seat answered.

    It was if its author had seen nobody, and no earlier seat of the same model had said the same in the same words: a sample
    drawn twice, as at temperature 0, is one vote. A theorem on juries (Condorcet, 1785) is about votes that are independent.
    """
    first = [said[0] for seat, said in trace.positions().items() if said[0].on_panel and seat]
    told: set[tuple[str, str]] = set()
    independent = 0
    for turn in first:
        words = (turn.model, turn.text or "")
        independent += not _read_others(trace, turn) and words not in told
        told.add(words)
    return independent / len(first) if first else None


def _read_others(trace: Trace, turn: Turn) -> bool:
    others = (trace.turn(other) for other, _ in trace.saw(turn.id))
    return any(other is not None and other.seat != turn.seat for other in others)
