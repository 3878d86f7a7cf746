"""A form of each kind that a reply can have."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.agents import reply_formats
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.answers import read
from contemplate.types import Answer, Criterion, Question

_IDS = ("a", "b", "c")


def every_form(questions: Sequence[Question]) -> dict[str, ReplyFormat]:
    """Each form by its name, and what it is a form of behind a blank.

    Args:
        questions: of any kinds; one of them is open, and the first and the last have answers that are read.
    """
    first, last = questions[0], questions[-1]
    open_ = next(question for question in questions if question.kind == "open")
    return {
        "answer": reply_formats.answer(last),
        "confident_answer": reply_formats.confident_answer(last),
        "verdict": reply_formats.verdict(digest=True),
        "choice": reply_formats.choice(_IDS, tie=True),
        "score": reply_formats.score(0, 10),
        "sure": reply_formats.sure(),
        "pick": reply_formats.pick(_IDS),
        "ballot choice": reply_formats.ballot(_IDS, "choice"),
        "ballot ranking": reply_formats.ballot(_IDS, "ranking"),
        "ballot approval": reply_formats.ballot(_IDS, "approval"),
        "ballot points": reply_formats.ballot(_IDS, "points"),
        "likelihood": reply_formats.likelihood(),
        "items": reply_formats.items("at most 5"),
        "anything": reply_formats.anything(),
        "ruling": reply_formats.ruling(last, ("one", "other")),
        "graded_answer": reply_formats.graded_answer(last, _IDS),
        "stance": reply_formats.stance(last),
        "pair_scores": reply_formats.pair_scores(1, 10, _two_answers()),
        "brief": reply_formats.brief(reply_formats.answer(first), 50),
        "program": reply_formats.program(first),
        "attack": reply_formats.attack(),
        "composition": reply_formats.composition(open_),
        "composition of a number": reply_formats.composition(first),
        "entailment": reply_formats.entailment(12, ["1", "2"]),
        "opinions": reply_formats.opinions({str(number): f"claim {number} about frac" for number in range(1, 21)}),
        "criteria_scores": reply_formats.criteria_scores(
            _IDS, [Criterion(name="correct", weight=3), Criterion(name="short", weight=1)]
        ),
        "proposed_criteria": reply_formats.proposed_criteria(),
        "wrong_step": reply_formats.wrong_step(lambda: ["2 + 3 = 5", "5 * 7 = 35"], check=True),
        "refinement": reply_formats.refinement(),
        "same_pairs": reply_formats.same_pairs([("one thing", "the same thing")] * 10),
    }


def _two_answers() -> tuple[Answer, Answer]:
    which = Question(text="Which?", kind="choice", choices=("one", "other"))
    one, other = (read(f"Answer: {letter}", which) for letter in "AB")
    assert one is not None
    assert other is not None
    return one, other
