"""Where the words of a claim stand in the documents of a question."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims import passage_of
from contemplate.claims.passages import LEAST_SHARE, LEAST_WORDS, WIDEST
from contemplate.types import ClaimSource, Document

MANUAL = Document(
    name="manual.pdf",
    text="Safety first.\n\nThe left pump has 12 valves. Close valve 3 before the pump is opened.\n\nBins are emptied on Mondays.",
    pages=(0, 15, 83),
)
NOTES = Document(name="notes.md", text="Nobody knows how many valves there are.")


def test_the_shortest_window_that_holds_most_words() -> None:
    """Endings, case and order do not count; the page and the characters are those of the document."""
    found = passage_of("Before opening the PUMP, valve 3 must be closed.", [NOTES, MANUAL])

    assert found is not None
    assert (found.document, found.number, found.page) == ("manual.pdf", 2, 2)
    assert found.text == "Close valve 3 before the pump is opened"
    assert MANUAL.text[found.start : found.end] == found.text
    assert found.share == 1


@pytest.mark.parametrize(
    "claim",
    [
        "The left pump has 10 valves.",
        "Pumps need power and regular care by trained people.",
        "The pump is left.",
        "",
        "The of and.",
    ],
)
def test_too_little_in_common_is_no_passage(claim: str) -> None:
    """Another number, few of its words, or too few words at all."""
    assert passage_of(claim, [MANUAL, NOTES]) is None
    assert passage_of("The left pump has 12 valves.", [MANUAL, NOTES]) is not None


def test_words_far_apart_are_no_passage() -> None:
    """They must stand within so many tokens."""
    near, far = (Document(name="d", text=f"alpha beta {'filler ' * count}gamma") for count in (WIDEST - 3, WIDEST - 2))

    assert passage_of("alpha beta gamma", [near]) is not None
    assert passage_of("alpha beta gamma", [far]) is None


def test_of_equal_passages_the_shortest_then_the_first() -> None:
    """In whatever document it is."""
    loose, tight = (Document(name=name, text=text) for name, text in (("a", "alpha x beta x gamma"), ("b", "alpha beta gamma")))

    assert [passage_of("alpha beta gamma", pair).document for pair in ([loose, tight], [tight, loose])] == ["b", "b"]  # type: ignore[union-attr]
    twice = passage_of("alpha beta gamma", [Document(name="c", text="alpha beta gamma. alpha beta gamma."), tight])
    assert twice is not None
    assert (twice.document, twice.start) == ("c", 0)


@given(st.text(max_size=120), st.lists(st.text(max_size=200), max_size=3))
def test_a_passage_lies_in_its_document(claim: str, texts: list[str]) -> None:
    """Whatever the texts are, it is a slice of one of them and shares enough."""
    documents = [Document(name=f"d{number}", text=text) for number, text in enumerate(texts)]
    found = passage_of(claim, documents)

    if found is not None:
        text = documents[found.number - 1].text
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end].startswith(found.text)
        assert found.share >= float(LEAST_SHARE)


@given(st.lists(st.sampled_from(["pump", "valve", "red", "left", "close", "seven", "bolt", "Haus"]), min_size=3, unique=True))
def test_a_sentence_of_the_document_is_found_there(words: list[str]) -> None:
    """Wherever it stands among others."""
    sentence = " ".join(words)
    document = Document(name="d", text=f"Other things are said here. {sentence}. And further ones there.")
    found = passage_of(sentence, [document])

    assert len(words) >= LEAST_WORDS
    assert found is not None
    assert found.text == sentence


def test_long_documents_are_searched_soon() -> None:
    """A claim after the other in 380,000 characters that repeat its words; the index is built once."""
    document = Document(name="d", text="The red pump of hall 7 has twelve valves. " * 9_000)
    began = time.process_time()
    found = [passage_of(f"The red pump number {number} of the hall has valves.", [document]) for number in range(20)]

    assert time.process_time() - began < 10
    assert [number for number, passage in enumerate(found) if passage is not None] == [7, 12]


def test_sources_stored_before_are_read() -> None:
    """An empty text stood for none."""
    assert ClaimSource.model_validate({"seat": "seat-1", "turn": "t", "text": "x", "passage": ""}).passage is None
