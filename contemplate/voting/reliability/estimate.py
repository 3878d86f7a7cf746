"""Reliability of the members of a panel, with its uncertainty, and what their answers then come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log, sqrt

from contemplate.errors import InputError
from contemplate.types import Value
from contemplate.voting.reliability.copies import voices
from contemplate.voting.reliability.em import Asked, Fit, fit, weight

_Z = 1.959963984540054


class Reliability(Value):
    """The reliability learned of one member.

    Attributes:
        answered: questions that it answered.
        accuracy: the estimated chance that an answer of it is right, in (0, 1).
        error: its standard error.
        low: the lower end of the 95 % interval, in (0, 1).
        high: its upper end.
        voice: the share of one witness that it is, in (0, 1].
        weight: of its vote at the panel's mean number of alternatives, voice included, >= 0, in nats.
    """

    member: str
    group: str
    answered: int
    accuracy: float
    error: float
    low: float
    high: float
    voice: float
    weight: float

    def vote(self, alternatives: int) -> float:
        """The weight of its vote on a question with so many possible answers (at least 2), in nats."""
        return self.voice * weight(self.accuracy, max(alternatives, 2))


class Estimate(Value):
    """The reliabilities learned of a panel.

    Attributes:
        members: one a member, in the order in which they were given.
        posteriors: for each question, the chance that each class somebody chose is right; empty if nobody answered.
        winners: the likeliest class of each question, the first of several in the order of the members; None if nobody answered.
    """

    members: tuple[Reliability, ...]
    posteriors: tuple[dict[int, float], ...]
    winners: tuple[int | None, ...]


def learn(
    questions: Sequence[Mapping[str, int | None]],
    *,
    groups: Mapping[str, str] | None = None,
    alternatives: Sequence[int] | None = None,
) -> Estimate:
    """Estimate how reliable each member is, from `questions` whose answers nobody knows.

    The standard error comes from the observed information of that member's accuracy alone, the sum of its squared scores: what
    it would be if the right answers were known, and wider the less clear they are. The interval is symmetric in log-odds. It
    says nothing about mistakes that most members share: to the model these are right.

    Args:
        questions: for each, the class that each member chose, None for an abstention. Each question numbers its own classes.
        groups: of members that are one witness, as copies of one model are: its name. A member not named has its own.
        alternatives: how many answers each question has, at least 2. Where it is not given, as for open questions, the number
            of different answers given.

    Raises:
        InputError: `alternatives` does not fit `questions`, or nobody answered anything.
    """
    if alternatives is not None and len(alternatives) != len(questions):
        raise InputError(f"there are {len(questions)} questions, and numbers of alternatives for {len(alternatives)}")
    members = list(dict.fromkeys(member for question in questions for member in question))
    answer_groups = {member: (groups or {}).get(member, member) for member in members}
    given = [{member: answer for member, answer in question.items() if answer is not None} for question in questions]
    counts = alternatives or [0] * len(given)
    asked = [Asked(answers, max(count, len(set(answers.values())), 2)) for answers, count in zip(given, counts, strict=True)]
    answered = [question for question in asked if question.answers]
    if not answered:
        raise InputError("nobody answered any question, so that nothing can be learned about anybody")
    voice = voices(answered, answer_groups)
    found = fit(answered, voice)
    typical = round(sum(question.alternatives for question in answered) / len(answered))
    rest = iter(found.posteriors)
    posteriors = tuple(next(rest) if question.answers else {} for question in asked)
    return Estimate(
        members=tuple(_reliability(member, answer_groups[member], voice[member], typical, answered, found) for member in members),
        posteriors=posteriors,
        winners=tuple(max(chances, key=chances.__getitem__) if chances else None for chances in posteriors),
    )


def _reliability(member: str, group: str, voice: float, typical: int, questions: Sequence[Asked], found: Fit) -> Reliability:
    accuracy = found.accuracy[member]
    spread = accuracy * (1 - accuracy)
    rights = [
        posterior[question.answers[member]]
        for question, posterior in zip(questions, found.posteriors, strict=True)
        if member in question.answers
    ]
    # Two pseudo-answers, one right and one wrong, stand in the accuracy, so they stand in its information too.
    information = sum(((right - accuracy) / spread) ** 2 for right in (*rights, 1.0, 0.0))
    error = 1 / sqrt(information)
    centre, reach = log(accuracy / (1 - accuracy)), _Z * error / spread
    return Reliability(
        member=member,
        group=group,
        answered=len(rights),
        accuracy=accuracy,
        error=error,
        low=1 / (1 + exp(min(reach - centre, 700))),
        high=1 / (1 + exp(-min(centre + reach, 700))),
        voice=voice,
        weight=voice * weight(accuracy, typical),
    )
