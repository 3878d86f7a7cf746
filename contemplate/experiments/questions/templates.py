"""The templates of our generated questions, by level of difficulty. Every answer is a whole number, not below 0.

A template draws its numbers and works its answer out beside its words, so that the two can't drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

Template = Callable[[Random], tuple[str, int]]
"""Draws one question: its text, and its answer."""

_PEOPLE = ("Ada", "Ben", "Chen", "Dora", "Emil", "Farah", "Goran", "Hana", "Iris", "Jonas", "Kofi", "Lena")
_GOODS = ("pens", "apples", "stamps", "candles", "marbles", "tickets", "postcards", "buttons")


def _digits(words: str) -> Template:
    """Adds two numbers of one digit, in the words given."""

    def template(draw: Random) -> tuple[str, int]:
        a, b = draw.randint(1, 9), draw.randint(1, 9)
        return words.format(a=a, b=b), a + b

    return template


def _sum(draw: Random) -> tuple[str, int]:
    a, b = draw.randint(1, 99), draw.randint(1, 99)
    return f"What is {a} + {b}?", a + b


def _difference(draw: Random) -> tuple[str, int]:
    b, a = sorted((draw.randint(1, 99), draw.randint(1, 99)))
    return f"What is {a} - {b}?", a - b


def _three_terms(draw: Random) -> tuple[str, int]:
    a, b, c = (draw.randint(1, 99) for _ in range(3))
    return f"What is {a} + {b} + {c}?", a + b + c


def _plus_and_minus(draw: Random) -> tuple[str, int]:
    a, b = draw.randint(1, 99), draw.randint(1, 99)
    c = draw.randint(1, a + b)
    return f"What is {a} + {b} - {c}?", a + b - c


def _product(draw: Random) -> tuple[str, int]:
    a, b = draw.randint(11, 199), draw.randint(2, 19)
    return f"What is {a} * {b}?", a * b


def _quotient(draw: Random) -> tuple[str, int]:
    a, b = draw.randint(11, 199), draw.randint(2, 19)
    return f"What is {a * b} / {b}?", a


def _brackets(draw: Random) -> tuple[str, int]:
    a, b, c = draw.randint(2, 99), draw.randint(2, 99), draw.randint(2, 19)
    return f"What is ({a} + {b}) * {c}?", (a + b) * c


def _two_products(draw: Random) -> tuple[str, int]:
    a, b, c, d = draw.randint(11, 99), draw.randint(2, 9), draw.randint(11, 99), draw.randint(2, 9)
    if a * b < c * d:
        a, b, c, d = c, d, a, b
    return f"What is {a} * {b} - {c} * {d}?", a * b - c * d


def _shopping(draw: Random) -> tuple[str, int]:
    who, what = draw.choice(_PEOPLE), draw.choice(_GOODS)
    count, price, more = draw.randint(3, 12), draw.randint(2, 15), draw.randint(1, 40)
    text = f"{who} buys {count} {what} at {price} coins each and has {more} coins left. How many coins did {who} have at first?"
    return text, count * price + more


def _sharing(draw: Random) -> tuple[str, int]:
    who, what = draw.choice(_PEOPLE), draw.choice(_GOODS)
    friends, each, kept = draw.randint(3, 9), draw.randint(4, 20), draw.randint(1, 30)
    text = (
        f"{who} has {friends * each + kept} {what}, keeps {kept} of them, and shares out the rest equally among {friends}"
        f" friends. How many {what} does each friend get?"
    )
    return text, each


def _journey(draw: Random) -> tuple[str, int]:
    slow, fast, first, then = draw.randint(20, 60), draw.randint(61, 120), draw.randint(2, 6), draw.randint(2, 6)
    text = f"A train goes {first} hours at {slow} km an hour, then {then} hours at {fast} km an hour. How many km is that?"
    return text, slow * first + fast * then


def _ages(draw: Random) -> tuple[str, int]:
    one, other = draw.sample(_PEOPLE, 2)
    young, times, years = draw.randint(3, 20), draw.randint(2, 4), draw.randint(2, 15)
    text = f"{one} is {young} years old, and {other} is {times} times as old. How old will {other} be in {years} years?"
    return text, young * times + years


def _sequence(draw: Random) -> tuple[str, int]:
    first, step, growth = draw.randint(1, 30), draw.randint(1, 12), draw.randint(1, 9)
    terms = [first + step * n + growth * n * (n - 1) // 2 for n in range(6)]
    return f"What comes next: {', '.join(map(str, terms[:5]))}, ...?", terms[5]


def _multiples(draw: Random) -> tuple[str, int]:
    low, width, of = draw.randint(1, 200), draw.randint(20, 300), draw.randint(3, 17)
    text = f"How many multiples of {of} are there from {low} to {low + width}, both ends included?"
    return text, (low + width) // of - (low - 1) // of


def _remainder(draw: Random) -> tuple[str, int]:
    a, b, by = draw.randint(12, 99), draw.randint(12, 99), draw.randint(3, 12)
    return f"What is the remainder when {a} * {b} is divided by {by}?", a * b % by


def _queue(draw: Random) -> tuple[str, int]:
    one, other = draw.sample(_PEOPLE, 2)
    before, between, behind = draw.randint(1, 40), draw.randint(1, 40), draw.randint(1, 40)
    text = (
        f"In a queue, {before} people stand before {one}. Further back stands {other}, with {between} people between the two"
        f" and {behind} people behind. How many people are in the queue?"
    )
    return text, before + between + behind + 2


LEVELS: tuple[Mapping[str, Template], ...] = tuple(
    MappingProxyType(level)
    for level in (
        {
            "what-is": _digits("What is {a} + {b}?"),
            "add": _digits("Add {a} and {b}."),
            "calculate": _digits("Calculate {a} + {b}."),
        },
        {"sum": _sum, "difference": _difference},
        {"three-terms": _three_terms, "plus-and-minus": _plus_and_minus},
        {"product": _product, "quotient": _quotient},
        {"brackets": _brackets, "two-products": _two_products},
        {"shopping": _shopping, "sharing": _sharing, "journey": _journey, "ages": _ages},
        {"sequence": _sequence, "multiples": _multiples, "remainder": _remainder, "queue": _queue},
    )
)
"""The templates of each level by name; the first level is level 0. A name stands on one level only."""
