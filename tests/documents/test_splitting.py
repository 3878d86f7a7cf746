"""Splitting: the parts are the text, none is too long, and no sentence is cut."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.documents.splitting import split_text

TEXTS = st.text(alphabet=st.sampled_from("ab A.?\n#é☃😀。\ud800"), max_size=400)


@given(TEXTS, st.integers(min_value=4, max_value=200))
def test_the_parts_are_the_text(text: str, longest: int) -> None:
    """Nothing is lost, doubled or moved, no part is empty or longer than allowed, and a second time gives the same."""
    spans = split_text(text, longest)

    assert text == "".join(text[start:end] for start, end in spans)
    assert all(start < end for start, end in spans)
    assert all(len(text[start:end].encode("utf-8", "replace")) <= longest for start, end in spans)
    assert spans == split_text(text, longest)


@given(st.lists(st.lists(st.integers(10, 99), min_size=1, max_size=6), min_size=1, max_size=12), st.integers(60, 400))
def test_no_sentence_is_cut(paragraphs: list[list[int]], longest: int) -> None:
    """Each part ends where a sentence does, as Dr. Smith's, whose title is no end."""
    text = "\n\n".join(" ".join(f"Room {number} is Dr. Smith's, e.g. at 3.5 pm." for number in one) for one in paragraphs)

    for start, end in split_text(text, longest):
        assert re.fullmatch(r"(Room \d\d is Dr\. Smith's, e\.g\. at 3\.5 pm\.\s*)+", text[start:end])


def test_headings_are_better_than_paragraphs() -> None:
    """A part begins with a heading, where there is one in the second half of the part before it."""
    text = "".join(f"## Item {number}\n\n{'It rained. ' * 12}\n\n{'It was cold. ' * 4}\n\n" for number in range(6))

    parts = [text[start:end] for start, end in split_text(text, 500)]

    assert len(parts) > 1
    assert all(part.startswith("## Item") for part in parts)


@pytest.mark.parametrize("text", ["x" * 100, "one two " * 20, "a,b\n" * 30])
def test_a_sentence_without_an_end_is_cut_where_it_can_be(text: str) -> None:
    """At the end of a line, else between words, else anywhere."""
    parts = [text[start:end] for start, end in split_text(text, 30)]

    assert text == "".join(parts)
    assert all(part[-1] in {"\n", " ", "x"} for part in parts)


def test_an_empty_text_has_no_parts() -> None:
    """There is nothing to read."""
    assert [] == split_text("", 100)


@pytest.mark.parametrize("text", ["A. " * 130_000, "\n" * 400_000, "a.\n\n" * 100_000, " " * 400_000, ".!?" * 130_000])
def test_the_longest_texts_take_no_time_without_end(text: str) -> None:
    """As much as a document may have, whatever stands in it."""
    began = time.process_time()

    spans = split_text(text, 800)

    assert spans[-1][1] == len(text)
    assert time.process_time() - began < 5
