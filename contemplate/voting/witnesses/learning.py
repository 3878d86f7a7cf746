"""What the word of each witness is worth, learned from many questions whose right answers nobody knows.

Members are learned from votes alone, by expectation-maximisation: which answers are right (`posterior`) and how good the members
are follow from each other. A critic is then held against that posterior, in which its own word has no part, so that it can't
confirm itself (`contemplate.voting.witnesses.trust`). For critics that are trusted then, expectation-maximisation goes on with
their verdicts among the evidence, shrunk towards those of a critic that can't tell right from wrong.

Questions whose right answer is known take part as observed truths.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt
from typing import NamedTuple

from contemplate.voting.witnesses.evidence import Lesson
from contemplate.voting.witnesses.knowledge import EDGE, USUAL_ACCURACY, Critic, Knowledge, Member
from contemplate.voting.witnesses.leads import leads
from contemplate.voting.witnesses.posterior import SPREAD, effective, posterior, read
from contemplate.voting.witnesses.regression import Row, line_through
from contemplate.voting.witnesses.trust import Heard, doubt

_PASSES = 30
_ENOUGH = 1e-3

PSEUDO = 8.0
"""Verdicts that say nothing which are added to every critic's, on right answers and on wrong ones each."""

_PRIOR_QUESTIONS = 10.0
"""Questions answered with the usual accuracy that are added where no truth is known; where some are, in proportion fewer.

Without them a question on which seats disagree would say that they are never right, and one on which they agree that they
always are.
"""

_WIDEST = 64.0
"""Mistakes are not taken to scatter more widely."""

_CLEARLY = 2.0
"""By so many nats votes must be likelier with mistakes that scatter twice as widely, for these to be taken to."""

_PSEUDO_SAMPLES = 4.0
"""Samples of the panel's mean member that are added to every member's."""

Beliefs = Sequence[Sequence[float]]
"""For each lesson the chance of each answer, and of an unseen one."""


def learn(lessons: Sequence[Lesson]) -> Knowledge:
    """Estimate the accuracy of every member and the sensitivity and specificity of every critic.

    Args:
        lessons: what the witnesses of each question said. Where its truth is given it is believed.

    Returns:
        What was learned, nobody left out: a critic that is not to be trusted says why (`Critic.distrust`).
    """
    voted = [lesson for lesson in lessons if any(map(sum, lesson.evidence.samples.values()))]
    knowledge, beliefs = _of_members(voted)
    heard = _heard(voted, beliefs, knowledge)
    critics = {name: _critic(rows, [row.chance for row in rows], doubt(rows)) for name, rows in heard.items()}
    trusted = {name: rows for name, rows in heard.items() if critics[name].distrust is None}
    for _ in range(_PASSES if trusted else 0):
        beliefs = _beliefs(voted, knowledge.model_copy(update={"critics": critics}))
        found = {name: _critic(rows, [beliefs[row.question][row.answer] for row in rows], None) for name, rows in trusted.items()}
        done = all(_near(critic, critics[name]) for name, critic in found.items())
        critics = {**critics, **found}
        if done:
            break
    return knowledge.model_copy(update={"critics": critics})


def _beliefs(lessons: Sequence[Lesson], knowledge: Knowledge) -> Beliefs:
    return [_belief(lesson, knowledge) for lesson in lessons]


def _belief(lesson: Lesson, knowledge: Knowledge) -> Sequence[float]:
    if lesson.truth is None:
        return posterior(lesson.evidence, knowledge)
    return [float(answer == lesson.truth) for answer in range(lesson.evidence.answers + 1)]


# --- members --------------------------------------------------------------------------------------------


def _of_members(lessons: Sequence[Lesson]) -> tuple[Knowledge, Beliefs]:
    """The members, and what their votes alone say about each question.

    How widely mistakes scatter is found by doubling it as long as that makes the votes clearly likelier. Where it is wrong, so is
    the accuracy: of weak members who seldom make the same mistake, agreement is a sign of the truth, and would else be explained
    by mistakes that cluster.
    """
    found = _fitted(lessons, Knowledge(leads=leads(lessons)))
    while found.knowledge.scatter < _WIDEST:
        wider = _fitted(lessons, found.knowledge.model_copy(update={"scatter": 2 * found.knowledge.scatter}))
        if wider.likelihood < found.likelihood + _CLEARLY:
            break
        found = wider
    return found.knowledge, found.beliefs


class _Fitted(NamedTuple):
    """Members as they are learned where mistakes scatter as `knowledge` says, and how likely the votes are then."""

    knowledge: Knowledge
    beliefs: Beliefs
    likelihood: float


def _fitted(lessons: Sequence[Lesson], knowledge: Knowledge) -> _Fitted:
    """Expectation-maximisation, beginning with members of the usual accuracy."""
    knowledge = knowledge.model_copy(update={"accuracy": USUAL_ACCURACY, "members": {}})
    beliefs = _beliefs(lessons, knowledge)
    for _ in range(_PASSES):
        before, knowledge = knowledge, knowledge.model_copy(update=_members(lessons, beliefs))
        beliefs = _beliefs(lessons, knowledge)
        if abs(knowledge.accuracy - before.accuracy) < _ENOUGH:
            break
    likelihood = fsum(read(lesson.evidence, knowledge).likelihood(lesson.truth) for lesson in lessons)
    return _Fitted(knowledge, beliefs, likelihood)


def _members(lessons: Sequence[Lesson], beliefs: Beliefs) -> dict[str, object]:
    """The accuracy of each member, and of the panel."""
    right: dict[str, list[_Right]] = {}
    for lesson, belief in zip(lessons, beliefs, strict=True):
        for name, counts in lesson.evidence.samples.items():
            if any(counts):
                right.setdefault(name, []).append(_right(counts, belief))
    every = [row for rows in right.values() for row in rows]
    made = sum(row.made for row in every)
    unknown = sum(lesson.truth is None for lesson in lessons) / max(len(lessons), 1)
    prior = _PRIOR_QUESTIONS * unknown * made / max(len(lessons), 1)
    good = prior * USUAL_ACCURACY + sum(row.expected for row in every)
    mean = good / (made + prior) if made else USUAL_ACCURACY
    return {"accuracy": _inside(mean), "members": {name: _member(rows, mean) for name, rows in right.items()}}


class _Right(NamedTuple):
    """How many samples of a member are right on one question, of how many: what is expected, and the variance of that."""

    expected: float
    variance: float
    made: int


def _right(counts: Sequence[int], belief: Sequence[float]) -> _Right:
    chances = list(zip(counts, belief, strict=False))
    expected = sum(count * chance for count, chance in chances)
    variance = max(sum(count**2 * chance for count, chance in chances) - expected**2, 0.0)
    return _Right(expected, variance, sum(counts))


def _member(rows: Sequence[_Right], mean: float) -> Member:
    """A member as its samples show it.

    The standard error takes questions, and not samples, for independent. Which answers are right is not known for certain, and
    the mean samples may be all right or all wrong: without those two, one question would teach all that there is to know.
    """
    made = sum(row.made for row in rows)
    accuracy = _inside((sum(row.expected for row in rows) + _PSEUDO_SAMPLES * mean) / (made + _PSEUDO_SAMPLES))
    spread = sum((row.expected - row.made * accuracy) ** 2 + row.variance for row in rows) + _PSEUDO_SAMPLES**2 / 4
    return Member(accuracy=accuracy, error=sqrt(spread) / made, samples=made)


# --- critics --------------------------------------------------------------------------------------------


def _heard(lessons: Sequence[Lesson], beliefs: Beliefs, knowledge: Knowledge) -> dict[str, list[Heard]]:
    """The verdicts of each critic, one row for each answer that it was asked about."""
    found: dict[str, list[Heard]] = {}
    for number, (lesson, belief) in enumerate(zip(lessons, beliefs, strict=True)):
        evidence = lesson.evidence
        votes = [sum(counts) for counts in zip(*evidence.samples.values(), strict=True)]
        for name, said in evidence.verdicts.items():
            for answer, (accepts, rejects) in enumerate(zip(said.accepts, said.rejects, strict=True)):
                if accepts + rejects:
                    popularity = _popularity(votes, answer, lesson.truth, knowledge)
                    known = lesson.truth is not None
                    row = Heard(number, answer, accepts, accepts + rejects, belief[answer], popularity, sum(votes), known)
                    found.setdefault(name, []).append(row)
    return found


def _popularity(votes: Sequence[int], answer: int, truth: int | None, knowledge: Knowledge) -> float:
    """The share of all votes that an answer has, or where the truth is known, the share that it can be expected to have.

    A right answer with few votes is likely more popular than these say, as right answers are. If that were left out, an echo of
    what is popular would seem to know the truth.
    """
    made = sum(votes)
    if truth is None:
        return votes[answer] / made
    right = votes[truth] if truth < len(votes) else 0
    if answer == truth:
        return (right + SPREAD * knowledge.accuracy) / (made + SPREAD)
    wrong = made - right
    return (wrong + SPREAD * (1 - knowledge.accuracy)) / (made + SPREAD) * votes[answer] / (wrong + knowledge.scatter)


def _critic(rows: Sequence[Heard], believed: Sequence[float], distrust: str | None) -> Critic:
    """The critic as those beliefs show it, one for each row."""
    verdicts = sum(row.made for row in rows)
    mean = sum(row.accepts for row in rows) / verdicts
    # By the votes alone much that is right seems wrong, and so agreement about it too high; with the critic's own word among the
    # evidence, whatever it repeats seems right, and agreement too low.
    correlation = (_correlation(rows, [row.chance for row in rows], mean) + _correlation(rows, believed, mean)) / 2
    right, wrong = _rates(rows, believed, mean, correlation)
    right_error, wrong_error = _errors(rows, believed, mean)
    return Critic(
        sensitivity=_inside(right),
        specificity=_inside(1 - wrong),
        sensitivity_error=right_error,
        specificity_error=wrong_error,
        correlation=correlation,
        verdicts=verdicts,
        distrust=distrust,
    )


def _near(critic: Critic, other: Critic) -> bool:
    """Whether another pass changed little."""
    return abs(critic.sensitivity - other.sensitivity) < _ENOUGH and abs(critic.specificity - other.specificity) < _ENOUGH


def _rates(rows: Sequence[Heard], believed: Sequence[float], mean: float, correlation: float) -> tuple[float, float]:
    """The chances to accept right and wrong answers, by posterior-weighted effective counts, shrunk towards their mean."""
    accepts_right = accepts_wrong = PSEUDO * mean
    right = wrong = PSEUDO
    for row, chance in zip(rows, believed, strict=True):
        count = effective(row.made, correlation)
        accepted = count * row.share_accepted
        accepts_right += chance * accepted
        accepts_wrong += (1 - chance) * accepted
        right += chance * count
        wrong += (1 - chance) * count
    return accepts_right / right, accepts_wrong / wrong


def _correlation(rows: Sequence[Heard], believed: Sequence[float], mean: float) -> float:
    """How far verdicts on one answer agree beyond what its being right or wrong explains, in [0, 1]."""
    right, wrong = _rates(rows, believed, mean, 0.0)
    beyond = possible = 0.0
    for row, chance in zip(rows, believed, strict=True):
        pairs = row.made * (row.made - 1)
        expected = wrong + (right - wrong) * chance
        rejects = row.made - row.accepts
        agree = (row.accepts - row.made * expected) ** 2 - row.accepts * (1 - expected) ** 2 - rejects * expected**2
        beyond += agree - pairs * (right - wrong) ** 2 * chance * (1 - chance)
        possible += pairs * (chance * right * (1 - right) + (1 - chance) * wrong * (1 - wrong))
    return min(max(beyond / possible, 0.0), 1.0) if possible > 0 else 0.0


def _errors(rows: Sequence[Heard], believed: Sequence[float], mean: float) -> tuple[float, float]:
    """The standard errors of the chances to accept a right answer and a wrong one."""
    fitted = [Row(row.question, (1.0, chance), row.share_accepted) for row, chance in zip(rows, believed, strict=True)]
    prior = [Row(-1, (1.0, 0.0), mean, PSEUDO / 2), Row(-2, (1.0, 1.0), mean, PSEUDO / 2)]
    line = line_through([*fitted, *prior])
    return (0.5, 0.5) if line is None else (line.error((1.0, 1.0)), line.error((1.0, 0.0)))


def _inside(chance: float) -> float:
    return min(max(chance, EDGE), 1 - EDGE)
