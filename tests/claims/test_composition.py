"""An answer held against claims, without a call."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claiming import a_claim
from contemplate.claims.composition import confidence_in, faults_of, listed, sides_of, taken_up, talk, that_matter
from contemplate.claims.written import places, read_sentences, without
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
    """The confidence is in (0, 1], no seat is on both sides, and what is left out stands and is said nowhere."""
    agree, against = sides_of(answer, table)
    left_out = faults_of(answer, table, 5, "123456789").left_out
    assert 0 < confidence_in(answer, table) <= 1
    assert not set(agree) & set(against)
    assert all(claim.state == "stands" for claim in table if claim.id in left_out)
    assert not set(left_out) & {claim for sentence in answer if len(sentence.claims) <= 3 for claim in sentence.claims}


def test_a_sentence_that_names_many_claims_says_few() -> None:
    """One line can't stand for an answer by naming all claims: of more than three it says those whose words it uses."""
    table = [
        a_claim(1).model_copy(update={"text": "A merge joins two histories by a commit of its own."}),
        a_claim(2).model_copy(update={"text": "A rebase moves commits onto another base."}),
        a_claim(3).model_copy(update={"text": "Nobody should rebase what others work on."}),
        a_claim(4).model_copy(update={"text": "A merge is the safer choice."}),
    ]
    line = Sentence(text="The safer choice is a merge.", claims=("1", "2", "3", "4"))
    assert taken_up([line], table) == {"4"}
    assert taken_up([line, Sentence(text="It joins what was apart.", claims=("1", "2"))], table) == {"1", "2", "4"}
    assert set(faults_of([line], table, 2, ("1", "2", "3")).left_out) == {"1", "2", "3"}


def test_talk_of_claims_is_no_part_of_an_answer() -> None:
    """Unless the question, or what was found, is about claims of another kind."""
    written = read_sentences(
        "A merge is safer. [1] If there is a dispute, the claim should be left out.\n\nFollow the claims that stand."
        "\n\n- So it is. [1]"
    )
    table = [a_claim(1).model_copy(update={"text": "A merge is the safer choice."})]
    dropped = talk(written.sentences, table, "Merge or rebase?")
    assert [sentence.text for sentence in dropped] == [
        "If there is a dispute, the claim should be left out.",
        "Follow the claims that stand.",
    ]
    assert without(written.text, written.sentences, dropped) == "A merge is safer.\n\n- So it is."
    assert talk(written.sentences, table, "Who pays the claim?") == []
    assert (
        talk([Sentence(text="The claim is paid.")], [a_claim(1).model_copy(update={"text": "Insurers pay claims."})], "When?")
        == []
    )


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
