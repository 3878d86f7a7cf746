"""Which claims are equal by form, which may be the same, and which can't be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims import words_of, worth_asking
from contemplate.types import ClaimSource


def source(text: str, seat: int = 1) -> ClaimSource:
    """A claim of a seat."""
    return ClaimSource(seat=f"seat-{seat}", turn=f"1.propose/seat-{seat}", text=text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PostgreSQL is free.", "**PostgreSQL** is free"),
        ("It costs 1,000 dollars", "it costs 1000 dollars."),
        ("It isn't slow", "It isn’t slow."),
        ("It has two nodes.", "It has 2 nodes"),
        ("Use the database", "use database"),
    ],
)
def test_equal_by_form(one: str, other: str) -> None:
    """Case, emphasis, stops and ways to write a number make no difference."""
    assert words_of(one).form == words_of(other).form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is safe.", "It is not safe."),
        ("It does scale.", "It doesn't scale."),
        ("It scales with effort.", "It scales without effort."),
        ("It costs 10 dollars.", "It costs 100 dollars."),
        ("It takes 1.5 hours.", "It takes 15 hours."),
        ("It is -5 degrees.", "It is 5 degrees."),
        ("x = 5 holds", "x != 5 holds"),
        ("x < 5 holds", "x > 5 holds"),
        ("It has two nodes.", "It has three nodes."),
        ("Es ist sicher.", "Es ist nicht sicher."),
        ("这是安全的", "这是不安全的"),
    ],
)
def test_opposites_are_never_the_same(one: str, other: str) -> None:
    """Other numbers, signs or a denial: not by form, and no model is asked."""
    assert words_of(one).form != words_of(other).form
    assert words_of(one).opposes(words_of(other))
    assert worth_asking([source(one), source(other, 2)]) == []


@given(
    st.lists(st.sampled_from(["it", "scales", "well", "on", "large", "servers", "for", "cheap", "data"]), min_size=1), st.data()
)
def test_a_denial_or_another_number_anywhere_makes_another_claim(words: list[str], data: st.DataObject) -> None:
    """Wherever it is put in."""
    place = data.draw(st.integers(0, len(words)))
    number = data.draw(st.integers(0, 99))
    claims = [" ".join([*words[:place], *more, *words[place:]]) for more in ([], ["not"], [str(number)], [str(number + 1)])]
    assert len({words_of(claim).form for claim in claims}) == len(claims)
    assert all(words_of(one).opposes(words_of(other)) for one in claims for other in claims if one != other)


def test_the_likeliest_pairs_come_first_and_those_of_one_seat_last() -> None:
    """By the share of words that both have, endings apart; what shares too few is not asked about."""
    texts = ["PostgreSQL supports transactions", "Transactions are supported by PostgreSQL", "PostgreSQL supports large tables"]
    sources = [source(texts[0], 1), source(texts[2], 1), source(texts[1], 2), source("Hiring is hard", 3)]
    forms = [words_of(text).form for text in texts]
    pairs = [frozenset(pair) for pair in worth_asking(sources)]
    assert pairs == [frozenset({forms[0], forms[1]}), frozenset({forms[1], forms[2]}), frozenset({forms[0], forms[2]})]


@given(st.permutations(["it scales well", "scaling well it is", "it scales well on servers", "servers scale", "hiring is hard"]))
def test_the_order_of_the_claims_makes_no_difference(texts: list[str]) -> None:
    """To which pairs are asked about, and in which order."""
    assert worth_asking([source(text, ord(text[0])) for text in texts]) == worth_asking(
        [source(text, ord(text[0])) for text in sorted(texts)]
    )
