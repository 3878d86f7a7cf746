"""Reading critics and judges."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.parsing import read_choice, read_verdict


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Step 2 is wrong.\nVerdict: flawed", "flawed"),
        ("**Verdict:** sound", "sound"),
        ("Verdict: flawed? No: every step holds.\nVERDICT - SOUND.", "sound"),
        ("Verdict: incorrect", "flawed"),
        ("The verdict is still out", "unclear"),
        ("", "unclear"),
    ],
)
def test_verdicts(text: str, expected: str) -> None:
    """The last verdict stated counts; without one it is unclear."""
    assert read_verdict(text) == expected


@pytest.mark.parametrize(
    ("text", "candidates", "expected"),
    [
        ("Choice: B", 2, 1),
        ("I looked at reply A.\nChoice: (B)", 2, 1),
        ("**Choice:** Reply A", 2, 0),
        ("b", 2, 1),
        ("Choice: C", 2, None),
        ("neither", 2, None),
        ("", 2, None),
    ],
)
def test_choices(text: str, candidates: int, expected: int | None) -> None:
    """The last choice stated counts, if there is such a candidate."""
    assert read_choice(text, candidates) == expected


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Reading is total."""
    read_verdict(text)
    read_choice(text, 3)


@pytest.mark.parametrize("piece", ["verdict ", "Choice: ", "answer is reply ", "*_-", "\x00\u202e", "choice((((("])
def test_huge_text_is_read_in_no_time(piece: str) -> None:
    """Repetition does not make the patterns slow."""
    began = time.perf_counter()
    read_verdict(piece * 100_000)
    read_choice(piece * 100_000, 2)

    assert time.perf_counter() - began < 1
