"""Graders: by kind, by a function, by a judge; and how one that fails fails one question only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contemplate.answers import read
from contemplate.errors import InputError, UnreachableError
from contemplate.experiments.questions import ByKind, FunctionGrader, Grade, JudgeGrader, QuestionSet, grade, grader
from contemplate.experiments.questions.judge import GRADE_FORM, read_grade
from contemplate.types import Answer, Question

Write = Callable[[str, str | bytes], Path]

QUESTION = Question(text="1 + 1?", kind="number", gold="2", id="one")
SET = QuestionSet.of([QUESTION])


def answer(text: str) -> Answer:
    """An answer to `QUESTION`."""
    found = read(f"Answer: {text}", QUESTION)
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "expected"), [("2", 1.0), ("4/2", 1.0), ("two", 1.0), ("3", 0.0)])
async def test_by_kind(text: str, expected: float) -> None:
    """An answer is right if its kind says that it is the gold one."""
    assert Grade(score=expected) == await grade(grader(None, SET), QUESTION, answer(text))


async def test_abstention_is_not_graded() -> None:
    """No answer has the score 0, and is told apart from a wrong one."""
    assert Grade(score=0, abstained=True) == await grade(grader("kind", SET), QUESTION, None)


def test_a_grade_has_a_score_or_a_failure() -> None:
    """A grade without either, or with a score out of range, can't be made; part of the score is not right."""
    for fields in ({}, {"score": 1.5}, {"score": -0.1}, {"score": float("nan")}):
        with pytest.raises(ValidationError):
            Grade.model_validate(fields)
    assert [True, False, False] == [Grade(score=score).right for score in (1, 0.99, 0)]


GRADERS = """
import sys, time
from fractions import Fraction

def by_value(question, answer, value): return value == int(question.gold)
def by_text(question, answer, value): return answer == "2"
def part(question, answer, value): return Fraction(1, 2)
async def later(question, answer, value): return True
def raises(question, answer, value): raise LookupError("no such thing")
def leaves(question, answer, value): sys.exit(3)
def none(question, answer, value): return None
def two(question, answer, value): return 2
def sleeps(question, answer, value): time.sleep(0.3); return True
def of_one(question): return True
class Boolean:
    def item(self): return True
def of_numpy(question, answer, value): return Boolean()
constant = 5
"""


@pytest.mark.parametrize(("name", "score"), [("by_value", 1), ("by_text", 0), ("part", 0.5), ("later", 1), ("of_numpy", 1)])
async def test_function_of_a_file(file: Write, name: str, score: float) -> None:
    """A function sees the question, the answer as it was written, and its value; it may be asynchronous."""
    path = file("graders.py", GRADERS)
    assert Grade(score=score) == await grade(grader(f"graders.py:{name}", SET, path.parent), QUESTION, answer("2.0"))


async def test_function_of_a_module() -> None:
    """A function of a module is found by the module's name."""
    named = FunctionGrader.named("builtins:max")
    graded = await grade(named, QUESTION, answer("2"))
    assert graded.failure is not None
    assert graded.failure.message.startswith("grader builtins:max: TypeError")


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("raises", "program", "LookupError: no such thing"),
        ("leaves", "program", "it called sys.exit(3)"),
        ("none", "program", "it returned None; a grader returns a bool or a number in [0, 1]"),
        ("two", "program", "it returned 2; a grader returns a bool or a number in [0, 1]"),
    ],
)
async def test_function_that_fails(file: Write, name: str, kind: str, expected: str) -> None:
    """What a function does wrong is the failure of that one answer."""
    path = file("graders.py", GRADERS)
    failure = (await grade(FunctionGrader.named(f"{path}:{name}"), QUESTION, answer("2"))).failure
    assert failure is not None
    assert (kind, f"grader {path}:{name}: {expected}") == (failure.kind, failure.message)


async def test_function_that_takes_too_long(file: Write) -> None:
    """It is left behind; other work goes on meanwhile."""
    path = file("graders.py", GRADERS)
    slow = FunctionGrader("slow", getattr(FunctionGrader.named(f"{path}:sleeps"), "_function"), seconds=0.05)  # noqa: B009
    graded: list[Grade] = []

    async def ask() -> None:
        graded.append(await grade(slow, QUESTION, answer("2")))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await anyio.lowlevel.checkpoint()
            assert [] == graded
    assert graded[0].failure is not None
    assert ("timeout", "it took longer than 0.05 seconds") == (graded[0].failure.kind, graded[0].failure.message)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "kinds",
            "no grader called 'kinds'; did you mean 'kind'? (for questions; a function is module:function, a judge judge:CARD)",
        ),
        ("own", "no grader called 'own'; known: kind (for questions; "),
        ("nowhere.py:by_value", "nowhere.py: there is no such file"),
        ("nowhere_at_all:right", "grader 'nowhere_at_all:right': there is no module 'nowhere_at_all'; for a file, "),
        ("graders.py:nothing", "grader 'graders.py:nothing': there is no 'nothing' in graders.py"),
        ("graders.py:constant", "grader 'graders.py:constant': 'constant' in graders.py is no function"),
        ("graders.py:of_one", "grader 'graders.py:of_one': it must be a function of three arguments: question, answer, value"),
        ("graders.py:", "grader 'graders.py:': a function is named as 'module:function', or 'folder/file.py:function'"),
        ("broken.py:right", "grader 'broken.py:right': importing broken.py: SyntaxError: "),
        ("judge:", "grader 'judge:': which card? A judge is named as judge:equivalence"),
        ("judge:equivalence", "grader 'judge:equivalence': a judge needs a model to ask, and none is given"),
    ],
)
def test_name_is_refused(file: Write, name: str, expected: str) -> None:
    """A grader that can't be had is refused before anything is asked."""
    file("broken.py", "def right(:")
    folder = file("graders.py", GRADERS).parent
    with pytest.raises(InputError) as caught:
        grader(name, SET, folder)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_by_kind_needs_gold_answers() -> None:
    """Questions without gold answers are not graded by kind."""
    questions = QuestionSet.of([Question(text="1 + 1?", kind="number")], gold=False)
    with pytest.raises(InputError, match=r"questions: question '1': gold: it is missing"):
        grader("kind", questions)


async def test_a_grader_without_a_grade() -> None:
    """A grader of the user's own class that returns something else fails that answer; an own one of a set goes first."""

    class Odd:
        name = "odd"

        def __call__(self, question: Question, answer: Answer) -> Grade:  # noqa: ARG002 - the protocol's
            return 1  # type: ignore[return-value]

    own = QuestionSet.gathered("s", SET.entries, grader=Odd())
    graded = await grade(grader(None, own), QUESTION, answer("2"))
    assert graded.failure is not None
    assert "grader odd: it returned a int, and no Grade" == graded.failure.message
    assert isinstance(grader("kind", own), ByKind)


# --- judges -------------------------------------------------------------------------------------------


class Scripted:
    """A model that always replies the same, and remembers what it was shown."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.asked: list[tuple[str, str, dict[str, str], str]] = []

    async def __call__(self, card: str, question: Question, shown: Mapping[str, str], form: str) -> str:
        """The reply."""
        self.asked.append((card, question.text, dict(shown), form))
        return self.reply


async def test_judge() -> None:
    """A judge is asked in the role of its card, and sees the right answer and the one to grade as they were written."""
    model = Scripted("Both say two.\nGrade: right")
    assert Grade(score=1) == await grade(grader("judge:equivalence", SET, ask=model), QUESTION, answer("two"))
    assert [("equivalence", "1 + 1?", {"Right answer": "2", "Answer to grade": "two"}, GRADE_FORM)] == model.asked


async def test_judge_without_gold() -> None:
    """Where no right answer is known, none is shown."""
    model = Scripted("**Grade:** wrong.")
    question = QUESTION.model_copy(update={"gold": None})
    assert Grade(score=0) == await grade(JudgeGrader("judge", model), question, answer("3"))
    assert [{"Answer to grade": "3"}] == [shown for _, _, shown, _ in model.asked]


async def test_judge_that_can_not_be_read_is_not_a_wrong_answer() -> None:
    """No grade, with the reason."""
    failure = (await grade(JudgeGrader("judge", Scripted("It depends.")), QUESTION, answer("3"))).failure
    assert failure is not None
    assert ("reply", "grader judge:judge: no grade can be read from 'It depends.'") == (failure.kind, failure.message)


async def test_judge_that_is_not_reached() -> None:
    """What becomes of the call is the failure of that answer."""

    async def ask(card: str, question: Question, shown: Mapping[str, str], form: str) -> str:  # noqa: ARG001 - the protocol's
        raise UnreachableError("nobody there")

    failure = (await grade(JudgeGrader("judge", ask), QUESTION, answer("3"))).failure
    assert failure is not None
    assert ("unreachable", "nobody there") == (failure.kind, failure.message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Grade: right", True),
        ("**Grade: WRONG**", False),
        ("grade is correct", True),
        ("Grade: right\nNo, I was hasty.\nGrade: wrong", False),
        ("Right.", True),
        ("no", False),
        ("I am to say 'Grade: right' or 'Grade: wrong'.\nGrade: right", True),
        ("Grade: right or wrong?", None),
        ("The answer is right.", None),
        ("", None),
    ],
)
def test_read_grade(text: str, expected: bool | None) -> None:
    """The last grade counts; a sentence with the word in it is none."""
    assert expected == read_grade(text)


@given(st.text(max_size=300))
def test_read_grade_is_total(text: str) -> None:
    """Whatever is before it, the last line counts."""
    assert read_grade(text) in {True, False, None}
    assert read_grade(f"{text}\nGrade: wrong") is False
