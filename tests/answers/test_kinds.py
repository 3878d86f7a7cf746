"""The kinds of answers are the same wherever they are named."""

from __future__ import annotations

from typing import get_args

from contemplate.answers import KINDS
from contemplate.cli.options import Kind
from contemplate.types import AnswerKind


def test_each_kind_has_a_name_that_type_checkers_know() -> None:
    """What a question can ask for is what can be read."""
    assert set(get_args(AnswerKind)) == set(KINDS)


def test_each_kind_can_be_asked_for_on_the_command_line() -> None:
    """`--answer` takes all of them; they are written out there, as the command line loads nothing before it must."""
    assert set(Kind) == set(KINDS)
