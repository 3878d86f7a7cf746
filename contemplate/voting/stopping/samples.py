"""The samples that a stop test sees: which answers were drawn so far, and how many draws are allowed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Samples:
    """Independent samples in the order in which they count (that of the seats, never that of arrival).

    Attributes:
        classes: the class of each sample's answer, None for a reply that gave none. Classes are numbered from 0.
        cap: how many draws are allowed, those already made included; at least as many as those.
        seed: of the run; only the test `random` reads it.

    Raises:
        ValueError: there are more draws than allowed.
    """

    classes: tuple[int | None, ...]
    cap: int
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.classes) > self.cap:
            msg = f"{len(self.classes)} draws were made, and the cap is {self.cap}"
            raise ValueError(msg)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """The votes for each answer, most first; an unreadable reply is no vote."""
        votes = Counter(self.classes)
        votes.pop(None, None)
        return tuple(sorted(votes.values(), reverse=True))

    @property
    def readable(self) -> int:
        """The number of draws that gave an answer."""
        return sum(self.counts)

    @property
    def left(self) -> int:
        """The number of draws that are still allowed."""
        return self.cap - len(self.classes)

    @property
    def votes_left(self) -> int:
        """The number of draws still allowed that can be expected to give an answer, rounded up.

        The share of readable replies is estimated as (readable + 1) / (drawn + 1), as if one readable reply had come before
        the first: 1 as long as all are readable, and never 0.
        """
        made = len(self.classes)
        return -(-self.left * (self.readable + 1) // (made + 1))

    def and_then(self, answer: int | None, times: int) -> Samples:
        """These draws and `times` more, all for one answer."""
        return Samples((*self.classes, *[answer] * times), self.cap, self.seed)

    def prefix(self, length: int) -> Samples:
        """The first `length` of these draws."""
        return Samples(self.classes[:length], self.cap, self.seed)
