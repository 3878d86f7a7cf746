"""Which quantity of a statement is its value."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import read
from contemplate.types import Question

COUNTS = st.integers(2, 10**6)


def number(statement: str, question: str = "How many?") -> str | None:
    """The value of a statement."""
    answer = read(f"Answer: {statement}", Question(text=question, kind="number"))
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("18 (3 × 6)", "18"),
        ("**18** (3 × 6 + 1)", "18"),
        (r"\(18\) (3 × 7)", "18"),
        ("18 [3 + 4]", "18"),
        ("18 eggs (3 boxes of 6)", "18"),
        (r"24 ($6 \times 4$)", "24"),
        ("7 (12 - 5)", "7"),
        ("eighteen (18)", "18"),
        ("18 (= 3 × 6)", "18"),
        ("$1,200.50 (rounded)", "2401/2"),
        ("12 (twelve)", "12"),
        ("a dozen (12)", "12"),
        ("6 (18/3)", "6"),
        ("6 (out of 18)", "6"),
        ("18 (= 9 + 9)", "18"),
        ("18 (i.e. 3 × 6)", "18"),
        ("18 (3 x 6 = 18)", "18"),
        ("18 (eighteen) apples", "18"),
        ("$18 (3 × $6)", "18"),
        ("18 units (sum of 9 and 9)", "18"),
        ("-18 (-3 × 6)", "-18"),
        ("42 eggs (7 broken)", "42"),
        ("42 (rounded to 2 digits)", "42"),
        ("1,234 (one thousand …)", "1234"),
    ],
)
def test_what_stands_in_brackets_explains(statement: str, value: str) -> None:
    """Working, words or the number once more, in brackets behind a space."""
    assert value == number(statement)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("$24 for 3 tickets", "24"),
        ("40 miles in 2 hours", "40"),
        ("15 of 20 questions", "15"),
        ("7 pages per 3 days", "7"),
        ("9 kids on 4 teams", "9"),
        ("24 students with 2 pens each", "24"),
        ("The farmer has 36 eggs in 3 boxes", "36"),
        ("Each of the 4 girls receives 9 sweets", "9"),
        ("There are 8 cars with 4 wheels each", "8"),
        ("In 5 years he will be 30", "30"),
        ("After 3 days, 14 remain", "14"),
        ("If 3 boys share, each gets 14", "14"),
        ("36. There are 3 boxes of 12", "36"),
        ("36 — that is 3 boxes of 12", "36"),
        ("thirty-six eggs in 3 boxes", "36"),
        ("Two trains travel 60 miles", "60"),
        ("One of the 3 boys gets 14", "14"),
        ("0.5 or 1/2", "1/2"),
        ("2 hours, or 120 minutes", "2"),
        ("3 in 5", "3/5"),
        ("1 in 8 people", "1/8"),
        ("1 out of 4", "1"),
        ("3 boxes of 12 = 36 eggs", "36"),
        ("x = 5", "5"),
        ("5 hours", "5"),
        ("1/3 ≈ 0.333", "1/3"),
        ("42, not 41", "42"),
        ("$114,200 after a 5% raise", "114200"),
        ("6 more than 4", "6"),
        ("3 times as many as 5", "3"),
        ("5 points ahead of 3 others", "5"),
        ("about 12 kg of the 30 kg", "12"),
        ("room 7 holds 20 people", "20"),
        ("3 dozen eggs at $2 each", "3"),
        ("2 per box, for a total of 36", "2"),
        ("12 minutes to read 10 pages", "12"),
        ("40% of the 60 students", "2/5"),
        ("-3 degrees at 5 am", "-3"),
        ("2024", "2024"),
        ("5 apples and a pear", "5"),
        ("5.", "5"),
        ("18 or more", "18"),
        ("18 / 3", "6"),
        ("18 divided by 3 is 6", "6"),
        ("36 eggs: 3 boxes of 12", "36"),
        ("36 eggs, 12 in each of 3 boxes", "36"),
        ("(18)", "18"),
        ("18% (of 50)", "9/50"),
        ("150 miles at 50 mph", "150"),
        ("12 inches by 8 inches", "12"),
        ("20 dollars from 4 friends", "20"),
        ("8 slices among 4 people", "8"),
        ("3 hours to travel 180 miles", "3"),
        ("7 out of the 10 marbles", "7"),
        ("60 km per 2 hours", "60"),
        ("25 kids at 5 tables", "25"),
        ("4 dogs and a cat", "4"),
        ("Tom has 7 apples in 2 bags", "7"),
        ("She needs 15 eggs for 3 cakes", "15"),
        ("We need 9 more of the 12", "9"),
        ("It takes 6 days for 4 workers", "6"),
        ("All 12 students get 3 books", "3"),
        ("Day 4 has 20 visitors", "20"),
        ("Page 12 contains 300 words", "300"),
        ("Box 3 weighs 15 kg", "15"),
        ("Both of the 2 girls get 7", "7"),
        ("For 3 people it costs $45", "45"),
        ("At 5 pm there are 30 cars", "30"),
        ("From the 40 sheep 12 are black", "12"),
        ("4 rows of 6 = 24 seats", "24"),
        ("7/8", "7/8"),
        ("7 or so", "7"),
        ("1 in 10", "1/10"),
        ("1-in-6", "1/6"),
        ("1 chance in 6", "1/6"),
        ("2⁄3", "2/3"),
        ("$12 per kg", "12"),
        ("50 cents", "50"),
        ("100%", "1"),
        ("3:00", "3"),
        ("0", "0"),
        ("zero", "0"),
        ("42 [source: page 7]", "42"),
        ("42 — not 41", "42"),
        ("42 eggs, of which 7 are broken", "42"),
        ("42 eggs; 7 of them broken", "42"),
        ("42 eggs including 7 broken", "42"),
        ("42 more than 7", "42"),
        ("**36 eggs** in 3 boxes", "36"),
        ("$36$ eggs in $3$ boxes", "36"),
        (r"\(36\) eggs in \(3\) boxes", "36"),
        ("Step 3: 42", "42"),
        ("1.2 million in 2020", "1200000"),
        ("2020: 1.2 million", "2020"),
        ("42 if rounded to 2 digits", "42"),
        ("42 rounded to 2 digits", "42"),
        ("42 as of 2024", "42"),
        ("42 after 3 days", "42"),
        ("n = 42 for k = 3", "42"),
        ("x = 42 when y = 3", "42"),
        ("f(3) = 42", "42"),
        ("a_3 = 42", "42"),
        ("P(X=3) = 1/4", "1/4"),
        ("2x = 42", "42"),
        ("3 boxes → 36 eggs", "36"),
        ("3 boxes ⇒ 36", "36"),
        ("42/1", "42"),
        ("1e3", "1000"),
        ("approximately 42.5", "85/2"),
    ],
)
def test_one_quantity_is_the_value(statement: str, value: str) -> None:
    """Prepositions, conditions and reasons tie other quantities to the one that counts."""
    assert value == number(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "7 or 8",
        "7 eggs or 8 eggs",
        "between 10 and 12",
        "from 3 to 5",
        "3-5",
        "3–5",
        "10 to 12",
        "2, 3 and 4",
        "5 and 6",
        "either 5 or 6",
        "5 boys and 6 girls",
        "3:4",
        "x=1, y=2",
        "$5–$7",
        "5 ± 2",
        "5, 6",
        "18 – 20",
        "about 7 or 8",
        "7 to 9 days",
        "6–8",
        "6 - 8",
        "3 or 4 eggs",
        "either 3 eggs or 4 eggs",
        "anywhere from 3 to 4",
        "$3 or $4",
        "1, 2, or 3",
        "5 (or 6)",
        "5, or possibly 6",
        "5, maybe 6",
        "5-6 hours",
        "somewhere between 5 and 6 hours",
        "two or three",
        "five or 6",
        "none of the 5",
        "no eggs",
        "42 ± 0.5",
        "5 remainder 3",
        "7 R 2",
    ],
)
def test_what_is_left_open_is_no_answer(statement: str) -> None:
    """Choices, ranges, pairs, lists, and none."""
    assert number(statement) is None


@pytest.mark.parametrize(
    ("statement", "question", "value"),
    [
        ("3 out of 4", "What is the probability?", "3/4"),
        ("3 out of 4", "How many came?", "3"),
        ("1/3 ≈ 0.33", "What is it, rounded to 2 decimal places?", "33/100"),
        (r"\frac13 \approx 0.33", "What is it?", "1/3"),
        ("0.08 (8%)", "What percent is that?", "8"),
        ("0.08, or 8%", "What percent is that?", "8"),
        ("20 of 50, 40%", "What percentage is that?", "40"),
        ("$114,200, which includes the 5% raise", "What is the salary after a 5% raise?", "114200"),
        ("$114,200 with a 5% raise", "What is the salary after a 5% raise?", "114200"),
    ],
)
def test_the_question_decides(statement: str, question: str, value: str) -> None:
    """Odds, rounding and percent, by what is asked for."""
    assert value == number(statement, question)


def test_the_statement_goes_before_the_working() -> None:
    """A qualifier in the statement does not take the place of its number, whatever stands above."""
    reply = "It would take 9 minutes to read 4 pages.\nAnswer: 9 minutes for 4 pages"

    answer = read(reply, Question(text="?", kind="number"))

    assert answer is not None
    assert ("9", "9", "stated") == (answer.text, answer.value, answer.how)


@pytest.mark.parametrize("start", ["", "5 ", "5 (", "x = 5, ", "5 eggs "])
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a ",
            "a",
            " ",
            "\n",
            "5 ",
            "5 in ",
            "5 or ",
            "in ",
            "to ",
            "(5 ",
            "(",
            "[5",
            ") ",
            "-",
            "- 5",
            "5-",
            "^",
            "5^",
            "√",
            "√5",
            "\\sqrt{",
        ),
        *(
            "\\frac{",
            "½",
            "⁻³",
            "x = 5, ",
            "=",
            "≈",
            "1/3 ≈ ",
            "5 hours ",
            "5h",
            "$",
            "5, ",
            "5,",
            "if ",
            "is ",
            "none ",
            "±",
            "100%",
            "{,}",
        ),
    ],
)
def test_time_is_bounded(piece: str, start: str) -> None:
    """Any piece, over and over, is read at once as a number and as an expression."""
    statement = (start + piece * 1_000)[:990]
    for kind in ("number", "math"):
        began = time.process_time()
        read(f"Answer: {statement}", Question(text="What percent?", kind=kind))

        assert time.process_time() - began < 0.5


@given(COUNTS, COUNTS, COUNTS, st.sampled_from("+-*×"))
def test_working_in_brackets_never_counts(value: int, one: int, other: int, sign: str) -> None:
    """Whatever is worked out behind it, the number that stands first is the value."""
    assert str(value) == number(f"{value} ({one} {sign} {other})")


@given(COUNTS, COUNTS, st.sampled_from(["in", "for", "of the", "per", "with", "on", "at", "from", "among"]))
def test_a_preposition_qualifies(value: int, other: int, preposition: str) -> None:
    """What stands behind a unit and a preposition is not the value."""
    assert str(value) == number(f"{value} eggs {preposition} {other} boxes")


@given(
    COUNTS,
    COUNTS,
    st.sampled_from(["{} or {}", "{} to {}", "between {} and {}", "either {} or {}", "{} and {}", "{} eggs or {} eggs"]),
)
def test_two_numbers_are_none(one: int, other: int, form: str) -> None:
    """A choice or a range is no answer, unless both say the same."""
    assert (str(one) if one == other else None) == number(form.format(one, other))
