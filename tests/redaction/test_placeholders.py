"""What is hidden comes back, and nothing of it stands in what is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contemplate.redaction.placeholders import Redactor
from contemplate.redaction.withholding import IN_A_ROW, WITHHELD, Withholder, codes_in

SECRETS = (
    "anna@example.org",
    "+49 30 901820",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
    "sk-abcDEF123456",
    "Anna Schmidt",
    "anna schmidt",
    "Falcon",
)
NAMES, VALUES = ("Anna Schmidt",), ("Falcon",)
WORDS = st.one_of(
    st.sampled_from(SECRETS),
    st.sampled_from(["[EMAIL-1]", "[NAMEz-1]", "[KEY-x]", "a", "17", "-", "?", "\n"]),
    st.text(max_size=6),
)
TEXT = st.lists(WORDS, max_size=12).map(" ".join)


@given(known=st.lists(TEXT, max_size=3), later=TEXT)
def test_redact_then_restore_is_the_identity(known: list[str], later: str) -> None:
    """For texts that were known from the start, whatever stands in them, and for later ones, unless they forge placeholders."""
    redactor = Redactor.of(known, NAMES, VALUES, key="k")
    for text in known:
        assert text == redactor.restored(redactor.hidden(text))
    if "[" not in later:
        assert later == redactor.restored(redactor.hidden(later))


@given(known=st.lists(TEXT, max_size=3), later=TEXT)
def test_nothing_that_is_hidden_is_shown(known: list[str], later: str) -> None:
    """Between spaces, each of the secrets is gone, in what was known and in what comes up later."""
    redactor = Redactor.of(known, NAMES, VALUES, key="k")
    for text in (*known, f" {later} "):
        shown = redactor.hidden(text)
        for secret in SECRETS:
            if f" {secret} " in text:
                assert f" {secret} " not in shown


@given(parts=st.permutations(["anna@example.org", "bob@example.org", "eve@example.org"]))
def test_a_late_name_does_not_hang_on_who_came_first(parts: list[str]) -> None:
    """So that a replay asks what was asked."""
    one, other = Redactor.of([], key="k"), Redactor.of([], key="k")
    shown = {part: one.hidden(part) for part in parts}
    assert shown == {part: other.hidden(part) for part in sorted(parts)}
    assert 3 == len(set(shown.values()))
    assert shown != {part: Redactor.of([], key="another").hidden(part) for part in parts}


def test_without_a_key_what_comes_up_late_stays_hidden() -> None:
    """Its hash could be tried out, so it has none, and can't be put back."""
    redactor = Redactor.of(["to anna@example.org"])
    assert "[EMAIL-1] [EMAIL-x]" == redactor.hidden("anna@example.org bob@example.org")
    assert "anna@example.org [EMAIL-x]" == redactor.restored("[email-1] [EMAIL-x]")


@given(private=TEXT, around=st.tuples(TEXT, TEXT))
def test_no_row_of_private_words_is_shown(private: str, around: tuple[str, str]) -> None:
    """Wherever the part stands in what is said: of no five words in a row is anything left."""
    withholder = Withholder((private,))
    shown = withholder.withheld(f"{around[0]} {private} {around[1]}")
    assert shown == withholder.withheld(shown)
    words = Withholder((private,))._rows
    assert not any(row in _rows(shown, size) for size, rows in words.items() for row in rows)


def _rows(text: str, size: int) -> set[tuple[str, ...]]:
    import re

    words = [one.casefold() for one in re.findall(r"\w+", text)]
    return {tuple(words[begin : begin + size]) for begin in range(len(words) - size + 1)}


def test_what_is_withheld_and_what_not() -> None:
    """Rows of five words, over line ends and in other letters; four words are no row."""
    withholder = Withholder(("The pump in hall seven leaks oil since May.",))
    assert f"He says: {WITHHELD}!" == withholder.withheld("He says: the PUMP in\nhall, seven leaks oil!")
    assert "the pump in hall" == withholder.withheld("the pump in hall")
    assert 5 == IN_A_ROW
    assert ("2026-11-29", "A-17/3", "1,240,000") == codes_in("on 2026-11-29, file A-17/3: 1,240,000, 17 and word")
