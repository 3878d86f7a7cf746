"""Our generated questions: seeded, different, right."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.answers import is_right, read
from contemplate.errors import InputError
from contemplate.experiments.questions import load_questions, stream
from contemplate.experiments.questions.address import Address
from contemplate.experiments.questions.arithmetic import Arithmetic, entries
from contemplate.experiments.questions.templates import LEVELS

TEMPLATES = [(level, template) for level, templates in enumerate(LEVELS) for template in templates]


def worked(text: str) -> Fraction:
    """The value of an expression, worked out over its syntax tree."""
    operations = {
        ast.Add: Fraction.__add__,
        ast.Sub: Fraction.__sub__,
        ast.Mult: Fraction.__mul__,
        ast.Div: Fraction.__truediv__,
    }

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return operations[type(node.op)](value(node.left), value(node.right))
        assert isinstance(node, ast.Constant)
        return Fraction(node.value)  # type: ignore[arg-type]

    return value(ast.parse(text, mode="eval").body)


EXPECTED: dict[str, Callable[..., Fraction | int]] = {
    "add": lambda a, b: a + b,
    "calculate": lambda a, b: a + b,
    "shopping": lambda count, price, left: count * price + left,
    "sharing": lambda there, kept, friends: Fraction(there - kept, friends),
    "journey": lambda hours, slow, more, fast: hours * slow + more * fast,
    "ages": lambda age, times, years: age * times + years,
    "sequence": lambda *terms: 3 * (terms[4] - terms[3]) + terms[2],
    "multiples": lambda of, low, high: sum(number % of == 0 for number in range(low, high + 1)),
    "remainder": lambda a, b, by: a * b % by,
    "queue": lambda before, between, behind: before + between + behind + 2,
}
"""The answer to a question in words, from the numbers in it."""


def expected(template: str, text: str) -> Fraction | int:
    """The answer to a question of a template, read out of its words."""
    if template in EXPECTED:
        return EXPECTED[template](*map(int, re.findall(r"\d+", text)))
    return worked(text.removeprefix("What is ").removesuffix("?"))


@given(st.sampled_from(TEMPLATES), st.integers(0, 2**63 - 1))
@settings(max_examples=120, deadline=None)
def test_gold_answer_is_right(which: tuple[int, str], seed: int) -> None:
    """The answer to each question is what its words say, a whole number that is not below 0."""
    level, template = which
    for entry in entries(Arithmetic(level, 5, seed, template)):
        gold = Fraction(str(entry.question.gold))
        assert expected(template, entry.question.text) == gold
        assert gold >= 0
        assert gold.denominator == 1
        assert is_right(read(f"The answer is {gold}.", entry.question), entry.question)


@given(st.integers(0, 6), st.integers(0, 2**63 - 1), st.integers(1, 60), st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_fewer_are_the_first_of_more(level: int, seed: int, size: int, more: int) -> None:
    """A set of some questions is the beginning of a larger one of the same seed."""
    larger = entries(Arithmetic(level, size + more, seed))
    assert list(entries(Arithmetic(level, size, seed))) == list(islice(larger, size))


@pytest.mark.parametrize("level", range(1, 7))
def test_a_thousand_differ(level: int) -> None:
    """1,000 questions of a level have 1,000 texts and ids, and each template has its equal share."""
    found = load_questions(f"builtin:arithmetic?level={level}&size=1000")
    assert 1000 == len({question.text for question in found}) == len({question.id for question in found})
    groups = [str(question.id).rsplit("-", 2)[0] for question in found]
    assert dict.fromkeys(LEVELS[level], 1000 // len(LEVELS[level])) == {name: groups.count(name) for name in groups}


def test_the_easiest_level() -> None:
    """Two digits, each pair asked for in each way once at most: all 243 can be had, and no more."""
    found = load_questions("builtin:arithmetic?level=0&size=243")
    assert len({question.text for question in found}) == 243
    assert {int(str(question.gold)) for question in found} == set(range(2, 19))
    with pytest.raises(InputError, match=r"no more than about 81 different ones"):
        load_questions("builtin:arithmetic?level=0&size=244")


def test_other_seeds_give_other_questions() -> None:
    """Hardly any question of one seed stands in the set of the next."""
    texts = [{question.text for question in load_questions(f"builtin:arithmetic?level=2&seed={seed}")} for seed in (0, 1)]
    assert len(texts[0] & texts[1]) <= 2


def test_template_alone_has_the_same_questions() -> None:
    """What one id names is one question, whether its template stands alone or takes turns."""
    both = {question.id: question for question in load_questions("builtin:arithmetic?level=1&size=40&seed=3")}
    alone = load_questions("builtin:arithmetic?level=1&size=20&seed=3&template=sum")
    assert [both[question.id] for question in alone] == list(alone)
    assert all(str(question.id).startswith("sum-") for question in alone)


def test_same_in_another_process() -> None:
    """The questions do not depend on how Python hashes texts in this process."""
    code = "import contemplate.experiments.questions as q; print(q.load_questions('builtin:arithmetic?level=6&size=50').digest)"
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert load_questions("builtin:arithmetic?level=6&size=50").digest == printed.stdout.strip()


def test_stream_is_load() -> None:
    """One at a time they are the same, and a limit takes the first."""
    source = "builtin:arithmetic?level=5&size=50"
    assert list(load_questions(source).entries) == list(stream(source))
    assert list(load_questions(source, limit=7)) == [entry.question for entry in islice(stream(source), 7)]


@pytest.mark.parametrize("source", ["builtin:arithmetic?level=5&size=50", "builtin:needles?tokens=500&size=50", "builtin:mixed"])
def test_what_is_skipped_is_left_out(source: str) -> None:
    """Of any source: what comes then is the same as without, and a limit counts from there."""
    whole = list(load_questions(source))
    assert list(load_questions(source, skip=7)) == whole[7:]
    assert [entry.question for entry in stream(source, skip=7, limit=5)] == whole[7:12]
    assert list(load_questions(source, skip=0)) == whole


def test_too_many_of_a_template() -> None:
    """Where there are not so many different questions, that is said."""
    wanted = Arithmetic(1, 20_000, 0, "difference")
    with pytest.raises(InputError, match=r"of the template 'difference' no more than about 4,[89]\d\d different ones"):
        list(entries(wanted))


@pytest.mark.parametrize(
    ("rest", "expected_line"),
    [
        ("arithmetic?level=7", "level: a whole number from 0 to 6 is wanted, not '7'"),
        ("arithmetic?size=0", "size: a whole number from 1 to 100,000 is wanted, not '0'"),
        ("arithmetic?size=1e3", "size: a whole number from 1 to 100,000 is wanted, not '1e3'"),
        ("arithmetic?sed=1", "unknown option 'sed'; did you mean 'seed'? (known: level, size, seed, template)"),
        ("arithmetic?seed=1&seed=2", "the option 'seed' stands there twice"),
        ("arithmetic?seed", "an option has the form name=value, not 'seed'"),
        ("arithmetic?template=product", "template: 'product' is not allowed; allowed: all, sum, difference"),
    ],
)
def test_options_are_refused(rest: str, expected_line: str) -> None:
    """An option that is wrong is named, with what is allowed."""
    with pytest.raises(InputError) as caught:
        Arithmetic.of(Address.of(f"builtin:{rest}", rest))
    assert f"builtin:{rest}: {expected_line}" == str(caught.value)
