"""Roots, remainders and the numbers of lists: what a short statement of a number comes to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import is_right, read
from contemplate.types import Question

HOW_MANY = Question(text="How many?", kind="number")


def value(statement: str, question: Question = HOW_MANY) -> str | None:
    """The number that is read from a statement."""
    answer = read(f"Answer: {statement}", question)
    return None if answer is None else answer.value


@pytest.mark.parametrize("kind", ["number", "math"])
@given(base=st.integers(-20, 20), below=st.integers(1, 9), index=st.sampled_from([3, 4, 5]))
def test_a_root_that_comes_out_even(kind: str, base: int, below: int, index: int) -> None:
    """It is its value; an even root is the positive one."""
    question = HOW_MANY.model_copy(update={"kind": kind})
    root = abs(base) if index % 2 == 0 else base

    assert value(f"{root}/{below}", question) == value(f"\\sqrt[{index}]{{{base**index}/{below**index}}}", question)


@pytest.mark.parametrize("root", ["\\sqrt[3]{5}", "\\sqrt[4]{-16}", "\\sqrt[0]{4}"])
def test_a_root_that_is_no_rational_number(root: str) -> None:
    """It is no answer."""
    assert value(root) is None


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4), st.sampled_from(["mod", "\\bmod", "modulo"]))
def test_a_remainder(number: int, modulus: int, word: str) -> None:
    """A number modulo another is the remainder, with what it comes to behind it or not."""
    said = f"{number} {word} {modulus}"

    assert str(number % modulus) == value(said)
    assert str(number % modulus) == value(f"{said} = {number % modulus}")


@pytest.mark.parametrize(("statement", "number"), [("3 \\pmod{5}", "3"), ("x ≡ 2 (mod 5)", "2"), ("model 5", "5")])
def test_no_remainder(statement: str, number: str) -> None:
    """A modulus in brackets says what the number is equal by."""
    assert number == value(statement)


@pytest.mark.parametrize(
    "statement", ["2^10 mod 7", "2^{10} mod 7", "3 * 5 mod 7", "10 - 7 mod 3", "1/42 mod 5", "42 mod 5^3", "(3+4) mod 5"]
)
def test_a_remainder_that_is_not_worked_out(statement: str) -> None:
    """Of a sum or a power neither the last number nor the modulus is the answer; what it comes to is, where that is said."""
    assert value(statement) is None
    assert "2" == value(f"{statement} = 2")
    assert "2" == value(f"2 (since {statement})")


@pytest.mark.parametrize("kind", ["number", "math"])
@pytest.mark.parametrize("statement", ["1. 42", "1) 42"])
def test_the_number_of_a_list_is_no_answer(statement: str, kind: str) -> None:
    """Where one number follows, and nothing else."""
    assert "42" == value(statement, HOW_MANY.model_copy(update={"kind": kind}))


def test_the_end_of_a_sentence_is_no_list() -> None:
    """What stands behind it is another sentence."""
    assert "12" == value("12. 5 boxes are left")
    assert "3" == value("3. It is three.")


@pytest.mark.parametrize("gold", ["two or so", "about two", "2 or so"])
def test_gold_in_words(gold: str) -> None:
    """Gold answers are read as replies are: one that is said to be rough is its number."""
    question = Question(text="How many?", kind="number", gold=gold)

    assert is_right(read("Answer: 2", question), question)
