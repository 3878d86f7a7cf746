"""Question sets: what strategies are compared on, and how their answers are graded.

`load` reads a set whole and `stream` one question at a time, from the same sources: JSON Lines, CSV, a JSON list, Hugging Face
`datasets`, the generated tasks of `reasoning-gym`, and the sets that contemplate brings. `grader` names how answers are graded.
"""

from __future__ import annotations

from contemplate.questions.fields import Fields
from contemplate.questions.functions import FunctionGrader
from contemplate.questions.graders import ByKind, Grade, Grader, grade
from contemplate.questions.judge import Ask, JudgeGrader
from contemplate.questions.named import grader
from contemplate.questions.sets import Entry, QuestionSet
from contemplate.questions.sources import load, stream

__all__ = [
    "Ask",
    "ByKind",
    "Entry",
    "Fields",
    "FunctionGrader",
    "Grade",
    "Grader",
    "JudgeGrader",
    "QuestionSet",
    "grade",
    "grader",
    "load",
    "stream",
]
