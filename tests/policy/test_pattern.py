"""Patterns match what Python's own expressions match, and in time that grows with the text alone."""

from __future__ import annotations

import re
from itertools import pairwise
from time import monotonic

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contemplate.errors import InvalidValueError, PolicyError
from contemplate.policy import pattern as matching
from contemplate.policy.pattern import Pattern

ATOMS = st.sampled_from(["a", "b", "1", " ", ".", r"\d", r"\w", r"\s", r"\W", "[ab]", "[^a]", "[a-b1]", r"\.", "é"])
PLACES = st.sampled_from([r"\b", r"\B", "^", "$"])
TEXT = st.text(alphabet="ab1 .\né_", max_size=14)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, signs).map(lambda two: f"(?:{two[0]}){two[1]}"),
    )


FLAT = st.recursive(ATOMS, _grown, max_leaves=6)
PLACED = st.recursive(st.one_of(ATOMS, PLACES), _grown, max_leaves=6)


def _theirs(source: str) -> re.Pattern[str]:
    """The same for Python: `$` is the end of the text alone."""
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", source))


@given(source=PLACED, text=TEXT)
def test_it_finds_what_python_finds(source: str, text: str) -> None:
    """Whether there is a match anywhere, with places and letters of any kind."""
    try:
        ours = Pattern(source)
    except InvalidValueError:
        return  # a place that is repeated
    assume(text or r"\B" not in source)  # in which Python has changed its mind
    assert ours.found_in(text) == (_theirs(source).search(text) is not None)


@given(source=FLAT, text=TEXT)
def test_spans_are_leftmost_and_longest(source: str, text: str) -> None:
    """Held against trying each pair of places; matches of nothing are left out."""
    theirs, wanted, reached = re.compile(source), [], 0
    for begin in range(len(text)):
        ends = [end for end in range(len(text), begin, -1) if begin >= reached and theirs.fullmatch(text, begin, end)]
        if ends:
            wanted.append((begin, ends[0]))
            reached = ends[0]
    assert wanted == list(Pattern(source).spans(text))


@given(source=FLAT, text=TEXT)
def test_nothing_is_left_of_what_is_replaced(source: str, text: str) -> None:
    """Between the marks, no match begins that is not of nothing."""
    spans = list(Pattern(source).spans(text))
    assert Pattern(source).replaced(text, "\x00").count("\x00") == len(spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(a+)+b", "a"),
        ("(a|a)*b", "a"),
        ("(a|b)*a(a|b){12}c", "ab"),
        (".*.*.*.*x", "y"),
        ("(x+x+)+y", "x"),
        (r"\b(\w+\s?)*!", "word "),
    ],
)
def test_it_takes_no_longer_than_the_text(source: str, text: str) -> None:
    """Patterns at which backtracking never ends, on 100,000 characters."""
    began = monotonic()
    assert not Pattern(source).found_in(text * (100_000 // len(text)))
    assert monotonic() - began < 5


def test_what_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where matches would have to be tried from each letter on."""
    monkeypatch.setattr(matching, "MOST_WORK", 10_000)
    with pytest.raises(PolicyError, match=r"the pattern 'a\(\.\*b\)\?' takes too long on this text"):
        list(Pattern("a(.*b)?").spans("a" * 5_000))


def test_case() -> None:
    """`(?i)` in front, for the whole."""
    assert Pattern("(?i)straße|[a-c]x").found_in("STRAßE")
    assert Pattern("(?i)[a-c]X").found_in("Bx")
    assert not Pattern("[a-c]x").found_in("BX")
    assert "[n] and [n]" == Pattern(r"(?i)\balice\b").replaced("Alice and ALICE", "[n]")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (r"(a)\1", "character 5: \\1 is not in the subset (back references)"),
        ("(?=a)", "look-around and names are not in the subset"),
        ("(?P<x>a)", "look-around and names are not in the subset"),
        ("a+?", "lazy and possessive forms are not in the subset"),
        ("a{201}", "repetitions are from 0 to 200"),
        ("a{3,2}", "the smaller number first"),
        ("a{", "write {3}, {2,5} or {2,}"),
        ("*a", "there is nothing to repeat"),
        ("^*", "a place can't be repeated"),
        ("(a", "a '(' that is not closed"),
        ("a)", "a ')' that closes nothing"),
        ("[b-a]", "b-a is no range"),
        ("[a", "it ends too early"),
        ("\\", "it ends too early"),
        ("\\q", "\\q is not in the subset"),
        ("(" * 50, "groups within groups too deep"),
        ("((a{50}){50}){50}", "a pattern this large is not matched"),
        ("a" * 1001, "a pattern has at most 1,000 characters"),
    ],
)
def test_what_is_not_in_the_subset(source: str, said: str) -> None:
    """In one line, with the place."""
    with pytest.raises(InvalidValueError, match=re.escape(said)):
        Pattern(source)
