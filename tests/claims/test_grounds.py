"""Passages on which a text rests: quoted word for word, or likely."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contemplate import Document
from contemplate.claims.grounds import passage_for, passages_in, quoted_passage

NOTES = Document(name="notes.md", text="First page.\nThe pump in hall 4\nweighs 49 kg. It is red and old.", pages=(0, 12))


def test_a_quotation_is_found_word_for_word() -> None:
    """Whatever blanks and case it has; with its page, and every character counted."""
    (found,) = passages_in('It says "the PUMP in hall 4 weighs 49 kg", so 49.', (NOTES,))

    assert ("notes.md", 2, 1.0) == (found.document, found.page, found.share)
    assert "The pump in hall 4\nweighs 49 kg" == NOTES.text[found.start : found.end] == found.text


def test_an_invented_quotation_is_no_passage() -> None:
    """12 valves are no passage for 10, and a number that is part of another is none either."""
    assert None is quoted_passage("weighs 490 kg", (NOTES,))
    assert None is quoted_passage("weighs 4", (NOTES,))
    assert () == passages_in('It says "the pump weighs 77 kg today".', (NOTES,))


def test_without_a_quotation_the_likeliest_sentence_counts() -> None:
    """And it says how much of it stands there."""
    (found,) = passages_in("I think so. The red old pump weighs 49 kg.", (NOTES,))

    assert found.share >= 0.6
    assert "49 kg" in found.text


@given(st.text(max_size=300))
def test_any_text_can_be_asked(text: str) -> None:
    """Passages lie within the document, whatever the text is."""
    for passage in (*passages_in(text, (NOTES,)), *filter(None, [passage_for(text, (NOTES,))])):
        assert NOTES.text[passage.start : passage.end].startswith(passage.text)
