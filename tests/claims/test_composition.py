"""An answer held against claims, without a call."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claiming import a_claim
from contemplate.claims.composition import confidence_in, faults_of, listed, sides_of, that_matter
from contemplate.claims.written import places, read_sentences
from contemplate.types import Claim, ClaimState, Sentence

_EACH: tuple[ClaimState, ...] = ("stands", "fell", "disputed")
_STATES = st.sampled_from(_EACH)
_SIDES = st.text("+-? ", max_size=5)


@st.composite
def tables(draw: st.DrawFn) -> list[Claim]:
    """Claims in whatever state, with whatever stances."""
    drawn = draw(st.lists(st.tuples(_SIDES, _STATES, st.floats(0, 1), st.text(max_size=20)), max_size=6))
    return [a_claim(number, sides, state, text, sure) for number, (sides, state, sure, text) in enumerate(drawn, 1)]


_ANSWERS = st.lists(
    st.builds(
        Sentence, text=st.sampled_from(["It is so.", "# A", "So:"]), claims=st.lists(st.sampled_from("12345678")).map(tuple)
    ),
    max_size=6,
)


def test_claims_that_matter() -> None:
    """Half of the seats are for them, or as many as for any; never those of a single seat, nor any that does not stand."""
    table = [
        a_claim(1, "++   "),
        a_claim(2, "+++  "),
        a_claim(3, "+    "),
        a_claim(4, "+++++", "fell"),
        a_claim(5, "++++", "disputed"),
    ]
    assert that_matter(table, 5) == ("2",)
    assert that_matter(table[:1], 5) == ("1",)
    assert that_matter(table[2:3], 1) == ()


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("It is dear.", True),
        ("It may well be dear, and it is.", True),
        ("Whether it is dear is disputed.", False),
        ("The panel disagrees about the price.", False),
        ("Some say that it is dear, others that it is not.", False),
        ("It is unclear whether it is dear.", False),
    ],
)
def test_a_disputed_claim_is_named_as_one(text: str, flagged: bool) -> None:
    """By a word that says so."""
    found = faults_of([Sentence(text=text, claims=("1",))], [a_claim(1, "+-", "disputed")], 2)
    assert bool(found.flags[0]) is flagged


def test_confidence_by_hand() -> None:
    """The least of each sentence's claims, 0 where there are none and some are needed; headings are left out."""
    table = [a_claim(1, confidence=0.75), a_claim(2, confidence=0.5)]
    answer = [
        Sentence(text="# A"),
        Sentence(text="So it is.", claims=("1", "2")),
        Sentence(text="And so.", claims=("1", "9")),
        Sentence(text="Sung."),
    ]
    assert confidence_in(answer, table) == (Fraction(1, 2) + Fraction(3, 4)) / 3


def test_confidence_is_never_nothing() -> None:
    """Of two sentences that rest on nothing: none of two, by the rule of succession."""
    assert confidence_in([Sentence(text="Sung."), Sentence(text="Danced.")], []) == Fraction(1, 4)


@given(_ANSWERS, tables())
def test_whatever_is_written(answer: list[Sentence], table: list[Claim]) -> None:
    """The confidence is in (0, 1], no seat is on both sides, and what is left out stands and is not named."""
    agree, against = sides_of(answer, table)
    left_out = faults_of(answer, table, 5, "123456789").left_out
    assert 0 < confidence_in(answer, table) <= 1
    assert not set(agree) & set(against)
    assert all(claim.state == "stands" for claim in table if claim.id in left_out)
    assert not set(left_out) & {claim for sentence in answer for claim in sentence.claims}


@given(tables())
def test_a_list_is_made_of_claims_that_did_not_fall(table: list[Claim]) -> None:
    """Its sentences stand in it; it is read as it was made; there is none where all fell."""
    made = listed(table, "nobody wrote")
    live: set[ClaimState] = {claim.state for claim in table} - {"fell"}
    assert (made is None) is (not live)
    if made is not None:
        text, composition = made
        assert all(begin < end for begin, end in places(text, composition.sentences))
        assert composition.flags == ("nobody wrote",)


def test_a_list_is_read_as_it_was_made() -> None:
    """Sentence by sentence."""
    text, composition = listed([a_claim(1), a_claim(2, confidence=0.9)], "nobody wrote") or ("", None)
    assert text == "- Fact number 2 holds.\n- Fact number 1 holds."
    assert composition is not None
    assert [sentence.text for sentence in read_sentences(text).sentences] == [sentence.text for sentence in composition.sentences]
