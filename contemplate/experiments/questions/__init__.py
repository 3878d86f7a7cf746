"""Question sets: what strategies are compared on, and how their answers are graded.

`load_questions` reads a set whole and `stream` one question at a time, from the same sources: JSON Lines, CSV, a JSON list,
Hugging Face `datasets`, the generated tasks of `reasoning-gym`, and the sets that contemplate brings. `grader` names how answers
are graded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contemplate.deprecated import renamed_names
from contemplate.experiments.questions.checklist import Checklist, ChecklistGrader, Fact
from contemplate.experiments.questions.fields import Fields
from contemplate.experiments.questions.functions import FunctionGrader
from contemplate.experiments.questions.graders import ByKind, Facts, Grade, Grader, grade
from contemplate.experiments.questions.judge import Ask, JudgeGrader
from contemplate.experiments.questions.named import grader
from contemplate.experiments.questions.sets import Entry, QuestionSet
from contemplate.experiments.questions.sources import load_questions, stream

__all__ = [
    "Ask",
    "ByKind",
    "Checklist",
    "ChecklistGrader",
    "Entry",
    "Fact",
    "Facts",
    "Fields",
    "FunctionGrader",
    "Grade",
    "Grader",
    "JudgeGrader",
    "QuestionSet",
    "grade",
    "grader",
    "load_questions",
    "stream",
]

if not TYPE_CHECKING:
    __getattr__ = renamed_names(__name__, {"load": "load_questions"})
