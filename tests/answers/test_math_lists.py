r"""Several values of a mathematical answer, however they are written; and relations that are intervals."""

from __future__ import annotations

import pytest

from contemplate.answers import read
from contemplate.types import AnswerKind, Question


def value(reply: str, kind: AnswerKind = "math") -> str | None:
    """The canonical form of what is read."""
    answer = read(reply, Question(text="?", kind=kind))
    return answer.value if answer else None


@pytest.mark.parametrize(
    "reply",
    [
        "\\boxed{1} and \\boxed{2}",
        "\\boxed{2}, \\boxed{1}",
        "\\[ \\boxed{1} \\quad \\text{and} \\quad \\boxed{2} \\]",
        "\\(\\boxed{1}\\) or \\(\\boxed{2}\\).",
        "Answer: The roots are $1$ and $2$.",
        "Answer: $1;2$",
        "$x_1 = 1, x_2 = 2$",
        "$x_{1}=1,\\quadx_{2}=2$",
    ],
)
def test_a_list(reply: str) -> None:
    """All of its values, in no order."""
    assert "1, 2" == value(reply)


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("\\boxed{1} is wrong. It is \\boxed{2}", "2"),
        ("\\boxed{2}, that is \\boxed{2}", "2"),
        ("\\boxed{1}\n\n\\boxed{2}", "2"),
        ("\\boxed{2} and \\boxed{2}", "2"),
        ("$a_3 = 1, a_7 = 2$", "a_3=1, a_7=2"),
        ("Answer: For $x$ and $y$ it is $2$", "2"),
    ],
)
def test_no_list(reply: str, right: str) -> None:
    """Boxes that follow each other without a joint, the same one again, and numbered terms that are not counted from 1."""
    assert right == value(reply)


def test_two_boxes_leave_a_number_open() -> None:
    """One number was asked for."""
    assert [None, "7"] == [value("\\boxed{5} or \\boxed{7}", "number"), value("Not \\boxed{5}, but \\boxed{7}.", "number")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$x \\in \\{1, 2\\}$", "$\\{1,2\\}$"),
        ("$x ∈ [0, 1)$", "$[0,1)$"),
        ("${1,2,3}$", "$\\{1,2,3\\}$"),
        ("$-2 \\le x \\le 7$", "$x \\in [-2, 7]$"),
        ("$7 > x > -2$", "$(-2, 7)$"),
        ("$0 < f(x) < 1$", "$(0,1)$"),
        ("$x \\geq 5$", "$[5, \\infty)$"),
        ("$5 < x$", "$x > 5$"),
        ("$x < \\frac{1}{2}$", "$(-\\infty, 0.5)$"),
        ("$(11,7)or(7,11)$", "$(7,11), (11,7)$"),
        ("$(0;2)$", "$(0,2)$"),
        ("$\\\\left(\\\\frac{1}{5}, 2\\\\right)$", "$(1/5, 2)$"),
        ("$V_1:V_2=11:21$", "$11:21$"),
        ("$\\left[\\begin{array}{cc}1 & 2\\end{array}\\right]$", "$\\begin{bmatrix}1 & 2\\end{bmatrix}$"),
        ("$28$ percent", "28 pct"),
        ("\\boxed{28}\\%", "$28\\%$"),
        ("\\boxed{28 percentage}", "28 %"),
        ("Final Answer: The final answer is 12,000,023. I hope it is correct.", "12000023"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    """Both have one canonical form."""
    assert value(one) is not None
    assert value(one) == value(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$x > 5$", "$x < 5$"),
        ("$x > 5$", "$x \\geq 5$"),
        ("$(1,3)$", "$\\{1,3\\}$"),
        ("$x + y > 5$", "$x > 5$"),
        ("$28\\%$", "$28$"),
        ("$1 < x > 3$", "$(1, 3)$"),
        ("$[1,2]$", "$(1,2)$"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    """What differs stays different."""
    assert value(one) != value(other)
