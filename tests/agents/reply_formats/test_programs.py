"""The program in a reply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents import reply_formats
from contemplate.agents.reply_formats.programs import program_in
from contemplate.types import Question


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("So:\n```python\nprint(1)\n```\nThat is it.", "print(1)\n"),
        ("```py\nprint(1)\n```\nNo:\n```python\nprint(2)\n```", "print(2)\n"),
        ("```python\nprint(1)\n```\nIt prints:\n```\n1\n```", "print(1)\n"),
        ("```\nx = 1\nprint(x)\n```", "x = 1\nprint(x)\n"),
        ("~~~python\nprint(1)\n~~~", "print(1)\n"),
        ("```python\nprint(1)", "print(1)"),
        ("x = 2\nprint(x)", "x = 2\nprint(x)"),
        ("<think>```python\nprint(0)\n```</think>```python\nprint(1)\n```", "print(1)\n"),
    ],
)
def test_the_last_program_counts(reply: str, code: str) -> None:
    """Blocks of Python go before others; one without an end ends with the reply."""
    assert program_in(reply) == code


@pytest.mark.parametrize(
    "reply", ["", "It is 42.", "Use print(x) for that.", "```json\n{}\n```", "```\n42\n```", "```python\n\n```"]
)
def test_a_reply_without_a_program_has_none(reply: str) -> None:
    """Words about programs are none, nor is a block that prints nothing."""
    assert program_in(reply) is None


@given(st.text(alphabet="`~pythonri(1)\n x"))
def test_any_reply_has_a_program_or_none(reply: str) -> None:
    """Reading never raises."""
    assert program_in(reply) is None or program_in(reply) != ""


def test_what_is_asked_for_hangs_on_the_kind() -> None:
    """The form says what the last line is to be."""
    told = reply_formats.program(Question(text="When?", kind="date")).tagged

    assert told.startswith("Write one Python program in one ```python block. Its last line prints the final answer")
    assert told.endswith("<MM/DD/YYYY>")
