"""Graders by their names, as they stand in a plan."""

from __future__ import annotations

from pathlib import Path

from contemplate.errors import InputError, UnknownNameError
from contemplate.experiments.questions.functions import FunctionGrader
from contemplate.experiments.questions.graders import ByKind, Grader
from contemplate.experiments.questions.judge import Ask, JudgeGrader
from contemplate.experiments.questions.sets import QuestionSet

_JUDGE = "judge:"


def grader(name: str | None, questions: QuestionSet, folder: Path | None = None, ask: Ask | None = None) -> Grader:
    """The grader of that name for a set of questions.

    Args:
        name: "kind"; "own", the one that the set brings; `judge:CARD`, a model in the role of a card; or a function,
            `module:function` or `file.py:function`. None takes the set's own, if it brings one, else "kind" for the questions
            that have a gold answer; the others are not graded.
        questions: what will be graded; where "kind" was asked for, each needs a gold answer.
        folder: what the path of a file is relative to.
        ask: how a judge is asked.

    Raises:
        UnknownNameError: there is no grader of that name, or the set brings none.
        InputError: a question has no gold answer that its kind can read; the function can't be had; or a judge is named, and
            there is no model to ask.
    """
    if name is None and questions.grader is None:
        return ByKind()
    name = name or "own"
    if name == "own" and questions.grader is not None:
        return questions.grader
    if name == "kind":
        questions.need_gold()
        return ByKind()
    if name.startswith(_JUDGE):
        return _judge(name, ask)
    if ":" in name:
        return FunctionGrader.named(name, folder)
    known = ["kind"] if questions.grader is None else ["kind", "own"]
    raise UnknownNameError(
        "grader", name, known, hint=f"(for {questions.name}; a function is module:function, a judge judge:CARD)"
    )


def _judge(name: str, ask: Ask | None) -> JudgeGrader:
    card = name.removeprefix(_JUDGE)
    if not card:
        raise InputError(f"grader {name!r}: which card? A judge is named as judge:equivalence")
    if ask is None:
        raise InputError(f"grader {name!r}: a judge needs a model to ask, and none is given")
    return JudgeGrader(card, ask)
