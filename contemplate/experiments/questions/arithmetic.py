"""Our own generated questions: arithmetic, small word problems and puzzles, in levels of difficulty.

`builtin:arithmetic?level=3&size=200&seed=0`, where

- level 0 adds two numbers of one digit, in three ways to ask, 1 adds or subtracts two numbers of one or two digits,
  2 has three terms, 3 products and quotients, 4 several operations, 5 short stories of two or three steps, 6 sequences,
  counting, remainders and queues;
- `template` keeps to one template of the level, as `sum`; else they take turns, so that each has its equal share;
- a question depends on seed, template and its number there alone, so that the first 200 of 500 are the 200.

No text stands in a set twice. A question's id begins with its template. That is no group: the templates of a level are all
there are, and no sample of more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from contemplate.errors import InputError
from contemplate.experiments.questions.address import Address
from contemplate.experiments.questions.sets import Entry
from contemplate.experiments.questions.templates import LEVELS
from contemplate.seeds import rng
from contemplate.types import Question

MAX_SIZE = 100_000
"""The most questions of one set."""

_ALL = "all"
_TRIES = 1_000


@dataclass(frozen=True)
class Arithmetic:
    """The choice of questions to generate.

    Attributes:
        level: from 0 to 6; a higher one is harder.
        size: how many, from 1 to `MAX_SIZE`.
        seed: from 0 to 2**63 - 1; other seeds give other questions.
        template: one of the level's, or "all".
    """

    level: int = 1
    size: int = 200
    seed: int = 0
    template: str = _ALL

    @classmethod
    def of(cls, address: Address) -> Arithmetic:
        """The choice that the options of an address ask for.

        Raises:
            InputError: an option is unknown, or its value is not allowed.
        """
        address.only(("level", "size", "seed", "template"))
        level = address.whole("level", cls.level, 0, len(LEVELS) - 1)
        size = address.whole("size", cls.size, 1, MAX_SIZE)
        seed = address.whole("seed", cls.seed, 0, 2**63 - 1)
        return cls(level, size, seed, address.word("template", _ALL, (_ALL, *LEVELS[level])))

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates that take turns."""
        return tuple(LEVELS[self.level]) if self.template == _ALL else (self.template,)


def entries(wanted: Arithmetic) -> Iterator[Entry]:
    """The questions, one at a time; of those that have gone by, a fingerprint of the text is held.

    Raises:
        InputError: there are not so many different questions of a template.
    """
    templates, seen = wanted.templates, set[int]()
    for index in range(wanted.size):
        template, number = templates[index % len(templates)], index // len(templates) + 1
        yield _entry(wanted, template, number, seen)


def _entry(wanted: Arithmetic, template: str, number: int, seen: set[int]) -> Entry:
    make = LEVELS[wanted.level][template]
    for attempt in range(_TRIES):
        text, answer = make(rng(wanted.seed, "arithmetic", template, number, attempt))
        if (print_of := _fingerprint(text)) not in seen:
            seen.add(print_of)
            name = f"{template}-{wanted.seed}-{number}"
            return Entry(Question(text=text, kind="number", gold=str(answer), id=name))
    raise InputError(
        f"builtin:arithmetic: {wanted.size:,} questions are wanted, and of the template {template!r} no more than about"
        f" {number - 1:,} different ones were found; ask for fewer, or another level"
    )


def _fingerprint(text: str) -> int:
    """64 bits, the same in every process, as `hash` is not."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
