"""The evidence on one question: how often each member gave each answer, and what critics said of the answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from contemplate.types import Question, Value

Counts = tuple[Annotated[int, Field(ge=0)], ...]
"""One for each standing answer, by its class, from 0."""


class Verdicts(Value):
    """The verdicts of one critic on the answers to one question."""

    accepts: Counts
    rejects: Counts


class Evidence(Value):
    """What the witnesses of one question said.

    Attributes:
        answers: how many different answers stand; they are numbered from 0.
        samples: for each member, how many of its samples gave each answer. Those who have not spoken yet may stand here, too.
        verdicts: for each critic, how often it accepted and rejected each answer.
        alternatives: how many answers are possible at all, as the options of a multiple choice are; None: no end of them.
    """

    answers: Annotated[int, Field(ge=0)]
    samples: dict[str, Counts] = Field(default_factory=dict)
    verdicts: dict[str, Verdicts] = Field(default_factory=dict)
    alternatives: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_count_for_each_answer(self) -> Evidence:
        counts = [*self.samples.values(), *(row for each in self.verdicts.values() for row in (each.accepts, each.rejects))]
        if any(len(row) != self.answers for row in counts):
            msg = f"{self.answers} answers stand, and each row of counts has one for each of them"
            raise ValueError(msg)
        if self.alternatives is not None and self.alternatives < self.answers:
            msg = f"{self.answers} answers stand, and only {self.alternatives} are possible"
            raise ValueError(msg)
        return self


def alternatives(question: Question, standing: int) -> int | None:
    """How many answers to a question are possible, of which so many stand; None: no end of them."""
    possible = 2 if question.kind == "boolean" else len(question.choices)
    return max(possible, standing) if possible else None


class Lesson(Value):
    """A question to learn from.

    Attributes:
        evidence: what its witnesses said.
        truth: the class of the right answer where that is known, `evidence.answers` if none that stands is right; None where it
            is not known.
    """

    evidence: Evidence
    truth: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _truth_is_an_answer(self) -> Lesson:
        if self.truth is not None and self.truth > self.evidence.answers:
            msg = f"the truth is answer {self.truth}, and {self.evidence.answers} stand"
            raise ValueError(msg)
        return self
