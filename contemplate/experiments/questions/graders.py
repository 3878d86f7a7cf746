"""Graders: whether an answer is right, and how a grader that fails fails one question only."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Annotated, Protocol

import anyio
from pydantic import Field, model_validator

from contemplate.answers import is_right
from contemplate.errors import ContemplateError, InputError, ProgramError, TimedOutError
from contemplate.errors.boundary import boundary
from contemplate.types import Answer, Failure, Question, Value

GRADING_SECONDS = 60.0
"""How long a grader may take for one answer, in seconds."""


class Facts(Value):
    """The facts that were looked for in an answer.

    Attributes:
        found: those that it holds; `of` is how many it should.
        false: the errors that were found in it.
    """

    found: tuple[str, ...] = ()
    of: Annotated[int, Field(ge=1)]
    false: tuple[str, ...] = ()


class Grade(Value):
    """The judgement of a grader on one answer.

    Attributes:
        score: in [0, 1]; None exactly if the grader failed.
        facts: what it was graded by, where that was a checklist.
        abstained: there was no answer to grade; the score is 0.
        failure: why there is no score.
    """

    score: Annotated[float, Field(ge=0, le=1)] | None = None
    abstained: bool = False
    facts: Facts | None = None
    failure: Failure | None = None

    @property
    def right(self) -> bool | None:
        """Whether the answer has the full score, 1; None if the grader failed."""
        return None if self.score is None else self.score >= 1

    @model_validator(mode="after")
    def _either(self) -> Grade:
        if (self.score is None) == (self.failure is None):
            msg = "a grade has a score, or says why there is none"
            raise ValueError(msg)
        return self


class Grader(Protocol):
    """Grades one answer; may be asynchronous. Whatever it raises becomes the failure of that one question; see `grade`."""

    @property
    def name(self) -> str:
        """The name in a report; graders of equal names judge alike."""
        ...

    def __call__(self, question: Question, answer: Answer) -> Grade | Awaitable[Grade]:
        """The grade of `answer`."""
        ...


class ByKind:
    """Right is what is the same answer as the gold one, by the question's kind."""

    name = "kind"

    def __call__(self, question: Question, answer: Answer) -> Grade:
        """1 if it is the gold answer, else 0.

        Raises:
            ValueError: the question has no gold answer that its kind can read.
        """
        return Grade(score=float(is_right(answer, question)))


async def grade(grader: Grader, question: Question, answer: Answer | None, *, seconds: float = GRADING_SECONDS) -> Grade:
    """The grade of `answer`: never an exception, so that a comparison goes on.

    Args:
        grader: asked only where there is an answer; an abstention has the score 0.
        question: as it was asked.
        answer: the final answer of a run, or None.
        seconds: how long an asynchronous grader may take, > 0; what runs in a thread looks to its own time.

    Returns:
        The grade; with a failure where the grader raised, took too long, or returned something else.
    """
    if answer is None:
        return Grade(score=0.0, abstained=True)
    doing = f"grader {grader.name}"
    try:
        with boundary(doing) as caught:
            with anyio.move_on_after(seconds) as scope:
                result = grader(question, answer)
                given: object = await result if inspect.isawaitable(result) else result
                if isinstance(given, Grade):
                    return given
                return failed(ProgramError(f"{doing}: it returned a {type(given).__name__}, and no Grade"))
            if scope.cancelled_caught:
                return failed(TimedOutError(f"{doing}: it took longer than {seconds:g} seconds"))
    except InputError as error:
        return failed(error)
    return failed(caught.error or ProgramError(f"{doing}: it gave nothing"))


def failed(error: ContemplateError) -> Grade:
    """The grade of an answer that could not be graded."""
    return Grade(failure=Failure.of(error))
