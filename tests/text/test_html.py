"""Pieces of HTML for notebooks: whatever is put in as words stays words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.text.html import Html, card, element, folded, line, table
from contemplate.text.html import text as words_of
from contemplate.text.visible import visible
from hostile import PAYLOADS
from shown import Shown, harmless

SIGNS = st.text(alphabet=st.one_of(st.sampled_from("<>&\"'`=/ \n$\\-![]"), st.characters()), max_size=60)


@given(SIGNS)
def test_words_are_words(words: str) -> None:
    """In any place they add no element and no attribute, and can be read as they were, what would not be seen made visible."""
    whole = card(line(words), table([words], [[words]]), folded(words, element("pre", words)))
    plain = card(line("x"), table(["x"], [["x"]]), folded("x", element("pre", "x")))
    shown = harmless(whole)

    assert shown.elements == Shown(plain).elements[: len(shown.elements)] if words else True
    assert shown.words.count(visible(words)) >= 4 if words.strip() else True
    assert Shown(words_of(words)).words == visible(words)


@pytest.mark.parametrize("words", PAYLOADS)
def test_hostile_words_are_words(words: str) -> None:
    """None of the usual ways in works."""
    assert Shown(card(words)).elements == Shown(card("x")).elements


def test_markup_is_escaped_once() -> None:
    """What was made here is put in as it is."""
    assert element("b", element("code", "<"), "&") == "<b><code>&lt;</code>&amp;</b>"
    assert isinstance(element("b"), Html)


def test_markup_that_is_cut_is_text_again() -> None:
    """A part of markup is no markup."""
    assert element("b", element("code", "x")[:3]) == "<b>&lt;co</b>"


def test_no_formula_is_seen_in_an_amount() -> None:
    """Jupyter would set what stands between two dollar signs as mathematics."""
    assert Shown(card("$1 and $2")).elements[0][1]["class"] == "contemplate tex2jax_ignore mathjax_ignore"


def test_rows_that_are_left_out_are_counted() -> None:
    """And a line that holds nothing is none."""
    assert "and 1,200 more" in Shown(table(["a"], [["b"]], more=1200)).words
    assert line("") == ""
