"""What must not be told is found by its form and its checks, and other numbers are not."""

from __future__ import annotations

import pytest

from contemplate.redaction.finding import found, is_card, is_iban


def _kinds(text: str, names: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(span.kind, text[span.begin : span.end]) for span in found(text, names)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Write to anna.b+x@mail.example.org.", [("EMAIL", "anna.b+x@mail.example.org")]),
        ("Call +49 (0)30 901820 now", [("PHONE", "+49 (0)30 901820")]),
        ("Call 0171/2345678.", [("PHONE", "0171/2345678")]),
        ("IBAN DE89 3704 0044 0532 0130 00 please pay", [("IBAN", "DE89 3704 0044 0532 0130 00")]),
        ("GB29NWBK60161331926819, then", [("IBAN", "GB29NWBK60161331926819")]),
        ("card 4111 1111 1111 1111 is", [("CARD", "4111 1111 1111 1111")]),
        ("key sk-abcDEF123456_789", [("KEY", "sk-abcDEF123456_789")]),
        ("AKIAIOSFODNN7EXAMPLE", [("KEY", "AKIAIOSFODNN7EXAMPLE")]),  # pragma: allowlist secret
        ("Authorization: Bearer abc.def-123456789", [("KEY", "abc.def-123456789")]),
    ],
)
def test_what_is_found(text: str, said: list[tuple[str, str]]) -> None:
    """Each kind, and no more of the words around it."""
    assert said == _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "17 * 23 = 391",
        "4111 1111 1111 1112",  # Luhn's sum is wrong
        "DE88370400440532013000",  # the check digits are wrong
        "on 2026-11-29 at 12:30",
        "a@b",
        "on 01.02.2026",
        "0.5 to 0.75",
    ],
)
def test_what_is_not(text: str) -> None:
    """Numbers that do not check, dates, sums."""
    assert [] == _kinds(text)


def test_names_are_found_in_either_case_as_words() -> None:
    """Spaces between their words stand for any; parts of other words are none."""
    text = "anna\nSchmidt met ANNA SCHMIDT; Annabel did not, and Schmidt alone is not on the list."
    assert ["anna\nSchmidt", "ANNA SCHMIDT"] == [said for _, said in _kinds(text, ("Anna Schmidt", "Anna"))]


def test_checks_of_numbers() -> None:
    """Luhn's sum, and the remainder of an IBAN, change with each digit."""
    assert is_card("5500005555555559")
    assert not any(is_card(f"550000555555555{digit}") for digit in range(9))
    assert is_iban("FR14 2004 1010 0505 0001 3M02 606")
    assert not is_iban("FR14 2004 1010 0505 0001 3M02 607")
