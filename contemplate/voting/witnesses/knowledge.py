"""What was learned of witnesses: members of a panel, who give answers, and critics, who accept or reject them."""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot
from typing import Annotated

from pydantic import Field

from contemplate.types import Value

Chance = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Error = Annotated[float, Field(ge=0)]

USUAL_ACCURACY = 0.5
"""The chance that a sample is right where nothing is known of who gave it."""

USUAL_SCATTER = 2.0
"""How widely mistakes are taken to scatter where nothing is known of it."""

EDGE = 0.01
"""No chance that was learned is nearer to 0 or 1."""


def witness_name(model: str, card: str = "") -> str:
    """The name under which something is learned of a witness: the model, and for other roles than answering, the card too."""
    return f"{card}:{model}" if card else model


class Member(Value):
    """A member of a panel, whose samples are answers.

    Attributes:
        accuracy: the chance that a sample of it is right, in (0, 1).
        error: the standard error of that.
        correlation: of its samples of one question beyond what the question's difficulty explains, in [0, 1]: n of them count
            as n / (1 + (n - 1) correlation).
        samples: how many it was learned from.
    """

    accuracy: Chance
    error: Error = 0.0
    correlation: Share = 0.0
    samples: Annotated[int, Field(ge=0)] = 0


class Lead(Value):
    """How much more often one member is right than another, on questions that both answered.

    Attributes:
        lead: the difference of their accuracies, in [-1, 1].
        error: the standard error of that.
        questions: how many they both answered.
        repeats: the chance that two answers of the one to a question are the same, and that two of the other are; None where
            that is not known.
        agreement: the chance that an answer of the one and one of the other are the same.
    """

    lead: Annotated[float, Field(ge=-1, le=1)]
    error: Error = 0.0
    questions: Annotated[int, Field(ge=0)] = 0
    repeats: tuple[Share, Share] | None = None
    agreement: Share = 0.0

    @property
    def reversed(self) -> Lead:
        """The lead of the other."""
        return self.model_copy(update={"lead": -self.lead, "repeats": self.repeats and self.repeats[::-1]})

    @property
    def leeway(self) -> float:
        """How far the other may be behind, so that it is still better to have half of the votes from it than none; 0 if unknown.

        Vote shares are a forecast of the right answer, and the quadratic score of a mean of two forecasts is their mean score and
        a quarter of their squared distance: who errs in other ways dilutes the mistakes.

        References:
            A. Krogh, J. Vedelsby: Neural network ensembles, cross validation, and active learning, NIPS 7 (1995).
        """
        if self.repeats is None:
            return 0.0
        own, others = self.repeats
        return max((3 * own - others - 2 * self.agreement) / 4, 0.0)


_LEVEL = Lead(lead=0)


class Critic(Value):
    """A critic, whose verdicts accept or reject answers.

    Attributes:
        sensitivity: the chance that it accepts a right answer, in (0, 1).
        specificity: the chance that it rejects a wrong one, in (0, 1).
        sensitivity_error: the standard error of the sensitivity.
        specificity_error: that of the specificity.
        correlation: of its verdicts about one answer beyond what these two explain, in [0, 1]: n of them count as
            n / (1 + (n - 1) correlation).
        verdicts: how many it was learned from.
        distrust: why its word counts for nothing all the same; None if it counts.
    """

    sensitivity: Chance
    specificity: Chance
    sensitivity_error: Error = 0.0
    specificity_error: Error = 0.0
    correlation: Share = 0.0
    verdicts: Annotated[int, Field(ge=0)] = 0
    distrust: str | None = None

    @property
    def rates(self) -> tuple[float, float] | None:
        """The chances with which it is taken to accept a right answer and a wrong one, the first the larger.

        Both stand one standard error nearer to each other than they were learned. None where nothing is left: a critic that
        accepts wrong answers more readily than right ones is not reversed, it counts for nothing.
        """
        right = self.sensitivity - self.sensitivity_error
        wrong = 1 - self.specificity + self.specificity_error
        return (right, wrong) if self.distrust is None and right > wrong else None


class Knowledge(Value):
    """What is known of witnesses, by name (`witness_name`).

    A member that is not named is as good as the others are on average; a critic that is not named is worth nothing.

    Attributes:
        accuracy: the chance that a sample of a member that is not named is right, in (0, 1).
        scatter: how widely mistakes scatter: the concentration of the Chinese restaurant process that wrong answers follow. Two
            of them are the same with a chance of 1 / (1 + scatter).
        leads: of one member over another, by the names of both, each pair once.
    """

    accuracy: Chance = USUAL_ACCURACY
    scatter: Annotated[float, Field(ge=USUAL_SCATTER, allow_inf_nan=False)] = USUAL_SCATTER
    members: dict[str, Member] = Field(default_factory=dict)
    critics: dict[str, Critic] = Field(default_factory=dict)
    leads: dict[str, dict[str, Lead]] = Field(default_factory=dict)

    def lead(self, name: str, other: str) -> Lead:
        """The lead of one member over another.

        Of two who were never asked the same question it is the difference of their accuracies, whose errors have nothing in
        common then.
        """
        if name == other:
            return _LEVEL
        if (known := self.leads.get(name, {}).get(other)) is not None:
            return known
        if (known := self.leads.get(other, {}).get(name)) is not None:
            return known.reversed
        (one, error), (two, other_error) = self.accuracy_of(name), self.accuracy_of(other)
        return Lead(lead=one - two, error=hypot(error, other_error))

    def accuracy_of(self, name: str) -> tuple[float, float]:
        """The accuracy of a member, and its standard error; who is not known is as good as the others."""
        member = self.members.get(name)
        return (self.accuracy, 0.0) if member is None else (member.accuracy, member.error)

    def of(self, models: Iterable[str]) -> Knowledge:
        """What is known of these models, in whatever role; how good members are on average stays that of all."""
        names = frozenset(models)

        def is_theirs(witness: str) -> bool:
            return witness in names or witness.partition(":")[2] in names

        members = {name: member for name, member in self.members.items() if is_theirs(name)}
        critics = {name: critic for name, critic in self.critics.items() if is_theirs(name)}
        leads = {
            name: theirs
            for name, over in self.leads.items()
            if is_theirs(name) and (theirs := {other: lead for other, lead in over.items() if is_theirs(other)})
        }
        return self.model_copy(update={"members": members, "critics": critics, "leads": leads})


NOTHING = Knowledge()
"""Nothing is known of anybody: the posterior's order is then that of the votes."""
