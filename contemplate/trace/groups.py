"""Groups of answers: the turns that gave the same one share a number and a letter, A for the answer that won."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from contemplate.answers import classes
from contemplate.ledger.base import StoredTurn
from contemplate.trace.reading import found_equal

_MOST_COMPARED = 400
"""How many answers that are written differently are compared with each other; beyond it, only equal ones are one."""


def answer_groups(stored: Sequence[StoredTurn], won: str | None) -> dict[str, int]:
    """The group of each canonical value, from 0: the winner's first, then by how many turns gave it.

    Args:
        stored: the turns of a run.
        won: the canonical value that won; None if none did.
    """
    answers = {turn.answer.value: turn.answer for turn, _ in stored if turn.answer is not None}
    counts = Counter(turn.answer.value for turn, _ in stored if turn.answer is not None)
    values = list(answers)
    if len(values) <= _MOST_COMPARED:
        indices, _ = classes(list(answers.values()), found_equal(stored))
    else:
        indices = list(range(len(values)))
    sizes: Counter[int] = Counter()
    for value, index in zip(values, indices, strict=True):
        sizes[index] += counts[value]
    first = next((index for value, index in zip(values, indices, strict=True) if value == won), None)
    order = sorted(sizes, key=lambda index: (index != first, -sizes[index], index))
    places = {index: place for place, index in enumerate(order)}
    return {value: places[index] for value, index in zip(values, indices, strict=True)}


def letters(place: int) -> str:
    """The name of a group: A to Z, then AA and so on."""
    return letters(place // 26 - 1) + letters(place % 26) if place >= 26 else chr(ord("A") + place)  # noqa: PLR2004 - letters
