"""Simulated panels: what witnesses bring against self-consistency at equal calls, whatever the critics are worth.

Thousands of questions with five answers, of unequal difficulty, whose wrong answers are unequally tempting. For each critic, from
worse than chance to good, correlated or not, or a mere echo of what is popular, panels learn from 200 questions without any
right answer (five samples, two verdicts on each distinct answer), and then answer others with 12 calls at most:
`contemplate.voting.witnesses` says what to ask next and what it comes to. Self-consistency takes 12 samples of the same stream.

    python tests/benchmarks/simulated_panels.py                 # 20 seeds of 500 questions each
    python tests/benchmarks/simulated_panels.py --questions 50  # a quick look
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from statistics import mean, stdev

from contemplate.voting.stopping import Predictive, Samples
from contemplate.voting.witnesses import (
    NOTHING,
    Evidence,
    Knowledge,
    Lesson,
    Offer,
    Verdicts,
    best_next,
    learn,
    posterior,
)

ANSWERS = 5
CALLS = 12
LESSONS = 200
SAMPLES = 5
VERDICTS = 2
MEMBER, CRITIC = "member", "critic"
STANDING = 3
"""How many answers a verdict is offered on."""


@dataclass(frozen=True)
class Sort:
    """A sort of critic.

    Attributes:
        sensitivity: the chance that it accepts a right answer; for an echo, of none.
        specificity: the chance that it rejects a wrong one.
        correlation: of its verdicts on one answer.
        echo: it accepts what is popular, and knows nothing.
    """

    sensitivity: float
    specificity: float
    correlation: float
    echo: bool = False

    def __str__(self) -> str:
        """As a row of the table names it."""
        who = "echo" if self.echo else f"{self.sensitivity:.2g}/{self.specificity:.2g}".replace("0.", ".")
        return f"{who}, {self.correlation:.2g}".replace(" 0.", " .")

    def accepts(self, chances: Sequence[float], answer: int) -> float:
        """The chance that it accepts an answer; 0 is the right one."""
        if self.echo:
            return 1 / (1 + math.exp(2.5 - 6 * chances[answer]))
        return self.sensitivity if answer == 0 else 1 - self.specificity


SORTS = (
    *(Sort(0.5, 0.5, correlation) for correlation in (0, 0.7, 0.95)),
    *(Sort(rate, rate, correlation) for rate in (0.2, 0.35) for correlation in (0, 0.7)),
    *(Sort(0.9, 0.2, correlation) for correlation in (0.3, 0.9)),
    *(Sort(0.2, 0.9, correlation) for correlation in (0.3, 0.9)),
    *(Sort(0.7, 0.6, correlation) for correlation in (0.3, 0.9)),
    *(Sort(0.8, 0.8, correlation) for correlation in (0, 0.3, 0.9)),
    *(Sort(0.9, 0.9, correlation) for correlation in (0.3, 0.9)),
    *(Sort(0, 0, correlation, echo=True) for correlation in (0, 0.7, 0.95)),
)
ACCURACIES = (0.45, 0.6)


class Simulated:
    """A question: the right answer is 0, and all that its witnesses would say comes from one seed."""

    def __init__(self, seed: str, accuracy: float, sort: Sort) -> None:
        """Draw how likely each answer is, and what critics will find."""
        rng = Random(seed)
        right = rng.betavariate(3 * accuracy, 3 * (1 - accuracy))
        tempting = [rng.gammavariate(0.6, 1) for _ in range(ANSWERS - 1)]
        self.chances = [right, *((1 - right) * each / sum(tempting) for each in tempting)]
        self.samples = rng.choices(range(ANSWERS), self.chances, k=CALLS)
        self._shared = [rng.random() for _ in range(ANSWERS)]
        self._own = [[(rng.random(), rng.random()) for _ in range(CALLS)] for _ in range(ANSWERS)]
        self._sort = sort

    def verdict(self, answer: int, number: int) -> bool:
        """Whether the verdict of that number on an answer accepts it."""
        stubborn, fresh = self._own[answer][number]
        drawn = self._shared[answer] if stubborn < math.sqrt(self._sort.correlation) else fresh
        return drawn < self._sort.accepts(self.chances, answer)


class Panel:
    """A panel at work on a question."""

    def __init__(self, question: Simulated) -> None:
        """Begin."""
        self.question = question
        self.answers: list[int] = []
        self.classes: list[int] = []
        self.accepts: list[int] = []
        self.rejects: list[int] = []

    def sample(self) -> None:
        """Ask the member once more."""
        answer = self.question.samples[len(self.classes)]
        if answer not in self.answers:
            self.answers.append(answer)
            self.accepts.append(0)
            self.rejects.append(0)
        self.classes.append(self.answers.index(answer))

    def verify(self, about: int) -> None:
        """Ask the critic about a standing answer."""
        accepted = self.question.verdict(self.answers[about], self.accepts[about] + self.rejects[about])
        (self.accepts if accepted else self.rejects)[about] += 1

    @property
    def calls(self) -> int:
        """The calls made."""
        return len(self.classes) + sum(self.accepts) + sum(self.rejects)

    @property
    def evidence(self) -> Evidence:
        """What was said."""
        counts = tuple(self.classes.count(answer) for answer in range(len(self.answers)))
        said = Verdicts(accepts=tuple(self.accepts), rejects=tuple(self.rejects))
        return Evidence(answers=len(self.answers), samples={MEMBER: counts}, verdicts={CRITIC: said})


def lesson(question: Simulated) -> Lesson:
    """What is learned from: some samples, and verdicts on each distinct answer."""
    panel = Panel(question)
    for _ in range(SAMPLES):
        panel.sample()
    for about in range(len(panel.answers)):
        for _ in range(VERDICTS):
            panel.verify(about)
    return Lesson(evidence=panel.evidence)


def witnessed(question: Simulated, knowledge: Knowledge, sure: float = 0.95) -> tuple[float, int]:
    """How likely the panel's decision is right, ties being drawn, and the calls that it took."""
    panel, test = Panel(question), Predictive()
    panel.sample()
    while panel.calls < CALLS:
        evidence = panel.evidence
        chances = posterior(evidence, knowledge)
        ranked = sorted(range(len(panel.answers)), key=lambda answer: -chances[answer])[:STANDING]
        critic = knowledge.critics.get(CRITIC)
        trusted = critic is not None and critic.rates is not None
        settled = test.settled(Samples(tuple(panel.classes), len(panel.classes) + CALLS - panel.calls))
        if settled and (not trusted or max(chances[:-1]) >= sure):
            break
        offers = [Offer(kind="sample", witness=MEMBER)]
        if trusted:
            offers += [Offer(kind="verdict", witness=CRITIC, about=about) for about in ranked]
        chosen = best_next(evidence, knowledge, offers)
        if chosen is None or chosen.about is None:
            panel.sample()
        else:
            panel.verify(chosen.about)
    chances = posterior(panel.evidence, knowledge)[:-1]
    first = [answer for answer, chance in zip(panel.answers, chances, strict=True) if chance >= max(chances) - 1e-9]
    return (0 in first) / len(first), panel.calls


def plurality(said: Sequence[int]) -> float:
    """How likely the plurality of some samples is right, ties being drawn."""
    votes = [said.count(answer) for answer in range(ANSWERS)]
    first = [answer for answer, count in enumerate(votes) if count == max(votes)]
    return (0 in first) / len(first)


@dataclass(frozen=True)
class Played:
    """One seed's panels under one critic.

    Attributes:
        right: the share of right answers with witnesses.
        plain: that of self-consistency.
        calls: the mean number of calls.
        trusted: whether the critic was.
    """

    right: float
    plain: float
    calls: float
    trusted: bool


def play(sort: Sort, accuracy: float, seed: int, questions: int, *, learned: bool = True) -> Played:
    """Learn from some questions, and answer others.

    Panels that trust nobody go by the vote, whatever else they learned: they are all played once.
    """
    if learned:
        knowledge = learn([lesson(Simulated(f"{seed}/{accuracy}/lesson/{number}", accuracy, sort)) for number in range(LESSONS)])
        if knowledge.critics[CRITIC].rates is not None:
            return _answer(sort, accuracy, seed, questions, knowledge)
    return _answer_by_vote(accuracy, seed, questions)


@lru_cache
def _answer_by_vote(accuracy: float, seed: int, questions: int) -> Played:
    return _answer(SORTS[0], accuracy, seed, questions, NOTHING)


def _answer(sort: Sort, accuracy: float, seed: int, questions: int, knowledge: Knowledge) -> Played:
    asked = [Simulated(f"{seed}/{accuracy}/{number}", accuracy, sort) for number in range(questions)]
    answered = [witnessed(question, knowledge) for question in asked]
    return Played(
        right=mean(right for right, _ in answered),
        plain=mean(plurality(question.samples) for question in asked),
        calls=mean(calls for _, calls in answered),
        trusted=CRITIC in knowledge.critics,
    )


@dataclass(frozen=True)
class Cell:
    """A row of the table at one accuracy: the gain over self-consistency in points."""

    gain: float
    error: float
    worst: float
    calls: float
    trusted: float

    @classmethod
    def of(cls, played: Sequence[Played]) -> Cell:
        """The mean over seeds."""
        gains = [100 * (one.right - one.plain) for one in played]
        error = stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else 0.0
        return cls(mean(gains), error, min(gains), mean(one.calls for one in played), mean(one.trusted for one in played))

    def __str__(self) -> str:
        """As it stands in the table."""
        return f"{self.gain:+.1f} ± {self.error:.1f} | {self.calls:.1f} | {self.trusted:.0%}"


def _play(job: tuple[Sort, float, int, int, bool]) -> Played:
    sort, accuracy, seed, questions, learned = job
    return play(sort, accuracy, seed, questions, learned=learned)


def table(seeds: int, questions: int, workers: int, sorts: Sequence[Sort] = SORTS) -> Iterator[tuple[str, list[Cell]]]:
    """A row for each sort of critic, with a cell for each accuracy; first that of panels that learned nothing."""
    rows = [("nothing learned", SORTS[0], False), *((str(sort), sort, True) for sort in sorts)]
    with ProcessPoolExecutor(workers) as pool:
        for name, sort, learned in rows:
            jobs = [(sort, accuracy, seed, questions, learned) for accuracy in ACCURACIES for seed in range(seeds)]
            played = list(pool.map(_play, jobs))
            yield name, [Cell.of(played[index * seeds : (index + 1) * seeds]) for index in range(len(ACCURACIES))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--questions", type=int, default=500, help="of each seed, beside the 200 learned from")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print(f"{given.seeds} seeds, {given.questions} questions each: points against self-consistency with {CALLS} calls, ± one")
    print("standard error | calls a question | share of the seeds in which the critic was trusted\n")
    heads = " | ".join(f"seats right {accuracy:.2f} | calls | trusted" for accuracy in ACCURACIES)
    print(f"| sensitivity/specificity, repeat correlation | {heads} |\n|---|{'---|' * 3 * len(ACCURACIES)}")
    for name, cells in table(given.seeds, given.questions, given.workers):
        print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
