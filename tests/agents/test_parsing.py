"""Reading critics and judges."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents.parsing import read_choice, read_pair_scores, read_pick, read_verdict, read_word, read_yes_no


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Step 2 is wrong.\nVerdict: flawed", "flawed"),
        ("**Verdict:** sound", "sound"),
        ("Verdict: flawed? No: every step holds.\nVERDICT - SOUND.", "sound"),
        ("Verdict: incorrect", "flawed"),
        ("Verdict: unclear", "unclear"),
        ("The verdict is still out", None),
        ("", None),
    ],
)
def test_verdicts(text: str, expected: str | None) -> None:
    """The last verdict stated counts; without one there is none."""
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
    began = time.process_time()
    read_verdict(piece * 100_000)
    read_choice(piece * 100_000, 2)

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stance: agree", "agree"),
        ("**Stance:** Disagree", "disagree"),
        ("Stance: agree\nNo.\nstance - disagree", "disagree"),
        ("I agree.", None),
        ("Stance: agreeable", None),
        ("", None),
    ],
)
def test_words(text: str, expected: str | None) -> None:
    """The last word stated under its name, whole."""
    assert read_word(text, "stance", ("agree", "disagree")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Score A: 7\nScore B: 5.5", (7.0, 5.5)),
        ("**Score A:** 7/10, **Score B:** 10", (7.0, 10.0)),
        ("Score A: 7\nScore B: 5\nNo, Score B: 6", (7.0, 6.0)),
        ("Score A: 7", None),
        ("Score A: 7\nScore B: 11", None),
        ("Score A: 0\nScore B: 5", None),
        ("Score A: -5\nScore B: 5", None),
        ("A: 7, B: 5", None),
    ],
)
def test_pair_scores(text: str, expected: tuple[float, float] | None) -> None:
    """The last score of each, if both are in range."""
    assert read_pair_scores(text, 1, 10) == expected


@given(st.text() | st.text(alphabet="scoreAB: -17.5*_\nstance"))
def test_words_and_pair_scores_are_total(text: str) -> None:
    """Any text is read."""
    read_word(text, "side", ("a.b", "none"))
    scores = read_pair_scores(text, 1, 10)
    assert scores is None or all(1 <= score <= 10 for score in scores)


@pytest.mark.parametrize("piece", ["score A ", "Score A: ", "stance: ", "*_-", "stance-_-_-_", "score A -"])
def test_words_and_pair_scores_take_no_time(piece: str) -> None:
    """Repetition does not make the patterns slow."""
    began = time.process_time()
    read_word(piece * 100_000, "stance", ("agree", "disagree"))
    read_pair_scores(piece * 100_000, 1, 10)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Reply 3 is odd, the others agree.\nChoice: 2", 1),
        ("**Choice:** reply 12", 11),
        ("The most consistent response is Response 4", 3),
        ("7", 6),
        (" (7). ", 6),
        ("Choice: 13", None),
        ("Choice: 0", None),
        ("Choice: B", None),
        ("Choice: 99999999", None),
        ("", None),
    ],
)
def test_picks(text: str, expected: int | None) -> None:
    """The last number stated of twelve, from 0."""
    assert read_pick(text, 12) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True),
        ("**No.** I slipped, yes.", False),
        ("I looked again: no, wait, yes", True),
        ("Yesterday I knew", None),
        ("", None),
    ],
)
def test_yes_and_no(text: str, expected: bool | None) -> None:
    """The first word, if it is one of them, else the last of them."""
    assert read_yes_no(text) is expected


@given(st.text() | st.text(alphabet="choice:reply 0123456789yesno*_\n"))
def test_picks_and_yes_are_total(text: str) -> None:
    """Any text is read."""
    assert read_pick(text, 4) in {None, 0, 1, 2, 3}
    assert read_yes_no(text) in {None, True, False}


@pytest.mark.parametrize("piece", ["choice ", "reply:_", "choice is reply ", "yes", "no ", "12345"])
def test_picks_and_yes_take_no_time(piece: str) -> None:
    """Repetition does not make the patterns slow."""
    began = time.process_time()
    read_pick(piece * 100_000, 9)
    read_yes_no(piece * 100_000)
    assert time.process_time() - began < 1
