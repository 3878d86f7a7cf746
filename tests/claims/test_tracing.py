"""Sentences that name no claim, traced by their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims.tracing import traced
from contemplate.types import Claim, ClaimSource, ClaimState, Sentence

_TEXTS = {
    "1": "A queue absorbs bursts of orders while the database is slow.",
    "2": "Workers can be added while the web servers run.",
    "3": "A lost message costs a customer 20 euros on average.",
    "4": "The queue does not need a backup.",
    "5": "The queue is free of charge for years.",
}


def _claims(**states: ClaimState) -> list[Claim]:
    source = ClaimSource(seat="seat-1", turn="1.propose/adviser/seat-1", text="it")
    made = {name: {"id": name, "text": text, "sources": (source,), "why": "so"} for name, text in _TEXTS.items()}
    return [
        Claim.model_validate({**row, "confidence": 0.5, "state": states.get(f"c{name}", "stands")}) for name, row in made.items()
    ]


def _one(text: str, *named: str, **states: ClaimState) -> tuple[tuple[str, ...], bool]:
    (sentence,) = traced([Sentence(text=text, claims=named)], _claims(**states))
    assert sentence.text == text
    return sentence.claims, sentence.by_words


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("**Bursts:** the queue absorbs bursts of orders while the database is slow.", ("1",)),
        ("While a database is slow a queue absorbs bursts of orders, and workers can be added to web servers.", ("1", "2")),
        ("On average a lost message costs the customer 20 euros.", ("3",)),
        ("On average a lost message costs the customer euros.", ()),  # the claim has a number that it has not
        ("The queue needs a backup.", ()),  # the claim denies it
        ("The queue does not need any backup.", ("4",)),
        ("A queue is slow.", ()),  # too few words
        ("Buy the large plan, hire two engineers, and move the database of orders to another country.", ()),
        ("## A queue absorbs bursts of orders", ()),  # a heading needs no claim
    ],
)
def test_traced_by_words(text: str, claims: tuple[str, ...]) -> None:
    """To the claims that hold most of its words; to none that says another thing."""
    assert _one(text) == (claims, bool(claims))


def test_who_names_claims_is_taken_at_its_word() -> None:
    """Also where the words are those of another claim, or there is no such claim."""
    assert _one("A queue absorbs bursts of orders.", "2") == (("2",), False)
    assert _one("A queue absorbs bursts of orders.", "9") == (("9",), False)


def test_claims_that_fell_come_last() -> None:
    """A sentence that only says what fell is traced to that, and flagged later; one that could rest on another is not."""
    assert _one("The queue absorbs bursts of orders.", c1="fell") == (("1",), True)
    assert _one("The queue is free of charge.", c5="disputed") == (("5",), True)


@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_text_is_traced(texts: list[str]) -> None:
    """Total; the same again; never more than three claims; all else as it was."""
    claims = _claims()
    sentences = [Sentence(text=text) for text in texts]
    found = traced(sentences, claims)

    assert [sentence.text for sentence in found] == texts
    assert traced(found, claims) == found
    for sentence in found:
        assert len(sentence.claims) <= 3
        assert sentence.by_words == bool(sentence.claims)
        assert {*sentence.claims} <= {*_TEXTS}
