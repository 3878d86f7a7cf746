"""Simulated panels that try programs: what answers by programs bring against self-consistency, at equal calls or tokens.

The questions are those of `simulated_panels.py`. A program is as likely right as a chain of thought or less, finds hard what is
hard for chains or other things, and errs as they do or in its own ways; or it always fails, which takes two calls. Panels of
`contemplating` ask chains and programs in turn, with nothing learned or with what 200 questions without any right answer taught
(five answers to each), and have 12 calls at most; self-consistency takes 12 chains. Where a program takes more tokens than a
chain fewer are asked for, and self-consistency takes as many chains as the panels' tokens pay for.

    python tests/benchmarks/simulated_programs.py                 # 20 seeds of 500 questions each
    python tests/benchmarks/simulated_programs.py --questions 50  # a quick look
    python tests/benchmarks/simulated_programs.py --learnings 0   # with nothing known alone
    python tests/benchmarks/simulated_programs.py --tokens 2      # a program takes twice the tokens of a chain
    python tests/benchmarks/simulated_programs.py --tokens 2 --every-second  # and is every second answer all the same
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from statistics import mean, stdev

from contemplate.voting.stopping import Predictive, Samples, fewest
from contemplate.voting.witnesses import (
    NOTHING,
    Evidence,
    Knowledge,
    Lesson,
    Offer,
    best_next,
    known_lead,
    known_worth,
    learn,
    posterior,
)
from simulated_panels import ACCURACIES, ANSWERS, CALLS, LESSONS, SAMPLES, SORTS, Simulated, plurality

CHAIN, PROGRAM = "chain", "program"
AT_ONCE = fewest(Predictive(), Samples((), CALLS))
"""The answers that are asked for side by side at first: chains, where programs are known."""
WITH_REPAIR = 2
"""The calls of a program that fails."""


@dataclass(frozen=True)
class Programs:
    """A sort of programs.

    Attributes:
        name: as the table names it.
        gap: how much less likely right a program is than a chain, on average.
        own_difficulty: whether other questions are hard for programs than for chains.
        own_errors: whether other wrong answers tempt them.
        fail: whether none ever brings an answer.
    """

    name: str
    gap: float = 0.0
    own_difficulty: bool = False
    own_errors: bool = False
    fail: bool = False

    def samples(self, question: Simulated, accuracy: float, rng: Random) -> list[int | None]:
        """What programs answer to a question; 0 is right."""
        if self.fail:
            return [None] * CALLS
        wanted, right, *wrong = accuracy - self.gap, *question.chances
        right *= wanted / accuracy
        if self.own_difficulty:
            right = rng.betavariate(3 * wanted, 3 * (1 - wanted))
        if self.own_errors:
            wrong = [rng.gammavariate(0.6, 1) for _ in wrong]
        chances = [right, *((1 - right) * each / sum(wrong) for each in wrong)]
        return [*rng.choices(range(ANSWERS), chances, k=CALLS)]


SORTS_OF_PROGRAMS = (
    Programs("as right, other questions are hard, errors of their own", own_difficulty=True, own_errors=True),
    Programs("as right, the same are hard, errors of their own", own_errors=True),
    Programs("as right, the same are hard, the same errors"),
    Programs(".15 less right, other questions are hard, errors of their own", 0.15, own_difficulty=True, own_errors=True),
    Programs(".15 less right, the same are hard, errors of their own", 0.15, own_errors=True),
    Programs(".15 less right, the same are hard, the same errors", 0.15),
    Programs("fail always", fail=True),
)


@dataclass
class Panel:
    """A panel at work on a question.

    Attributes:
        chains: what chains of thought would say, one after the other; of these more than a panel may ask.
        programs: what programs would.
        price: the tokens of a program's call, where a chain takes 1.
        every_second: whether every second answer is a program, whatever it takes.
        said: who answered, and what; None for a program that failed.
    """

    chains: Sequence[int]
    programs: Sequence[int | None]
    price: float
    every_second: bool
    said: list[tuple[str, int | None]] = field(default_factory=list)

    def ask(self, who: str) -> None:
        """Ask for one more answer."""
        before = sum(one == who for one, _ in self.said)
        self.said.append((who, (self.chains if who == CHAIN else self.programs)[before]))

    @property
    def calls(self) -> int:
        """The calls made."""
        return sum(1 if answer is not None else WITH_REPAIR for _, answer in self.said)

    @property
    def tokens(self) -> float:
        """What they took, in chains."""
        failed = self.said.count((PROGRAM, None)) * (WITH_REPAIR - 1)
        programs = sum(who == PROGRAM for who, _ in self.said)
        return len(self.said) - programs + (programs + failed) * self.price

    @property
    def answers(self) -> list[int]:
        """The answers that stand."""
        return list(dict.fromkeys(answer for _, answer in self.said if answer is not None))

    @property
    def evidence(self) -> Evidence:
        """What was said."""
        members = dict.fromkeys([CHAIN, *(who for who, answer in self.said if answer is not None)])
        samples = {who: tuple(self.said.count((who, answer)) for answer in self.answers) for who in members}
        return Evidence(answers=len(self.answers), samples=samples)

    @property
    def draws(self) -> Samples:
        """The answers as draws."""
        return Samples(tuple(answer for _, answer in self.said), len(self.said) + CALLS - self.calls)

    def who_is_next(self, knowledge: Knowledge) -> str:
        """Whom the default asks."""
        tried = [answer for who, answer in self.said if who == PROGRAM]
        if self.calls + WITH_REPAIR > CALLS:
            return CHAIN
        worth = known_worth(PROGRAM, CHAIN, knowledge)
        if worth < 0:
            return CHAIN
        if worth > 0:
            offers = [Offer(kind="sample", witness=who, tokens=tokens) for who, tokens in ((CHAIN, 1), (PROGRAM, self.price))]
            chosen = best_next(self.evidence, knowledge, offers) if len(self.said) >= AT_ONCE else None
            return CHAIN if chosen is None else chosen.witness
        chains = len(self.said) - len(tried)
        paid_for = self.every_second or len(self.said) < AT_ONCE or len(tried) * self.price <= chains
        return PROGRAM if None not in tried and len(tried) < chains and paid_for else CHAIN


@dataclass(frozen=True)
class Begin:
    """How panels begin.

    Attributes:
        programs: the sort of programs.
        accuracy: of chains.
        seed: of the questions.
        price: the tokens of a program's call, where a chain takes 1.
        every_second: whether every second answer is a program, whatever it takes.
    """

    programs: Programs
    accuracy: float
    seed: int
    price: float = 1.0
    every_second: bool = False

    def panel(self, number: int | str) -> Panel:
        """One that begins with a question."""
        seed = f"{self.seed}/{self.accuracy}/{number}"
        question = Simulated(seed, self.accuracy, SORTS[0])
        more = Random(f"{seed}/more").choices(range(ANSWERS), question.chances, k=CALLS)
        written = self.programs.samples(question, self.accuracy, Random(f"{seed}/programs"))
        return Panel([*question.samples, *more], written, self.price, self.every_second)


def lesson(panel: Panel) -> Lesson:
    """What is learned from: some answers, chains and programs in turn."""
    for _ in range(SAMPLES):
        panel.ask(panel.who_is_next(NOTHING))
    return Lesson(evidence=panel.evidence)


def decided(panel: Panel, knowledge: Knowledge) -> float:
    """How likely the panel's decision is right, ties being drawn."""
    while panel.calls < CALLS and not Predictive().settled(panel.draws):
        panel.ask(panel.who_is_next(knowledge))
    chances = posterior(panel.evidence, knowledge)[:-1]
    first = [answer for answer, chance in zip(panel.answers, chances, strict=True) if chance >= max(chances) - 1e-9]
    return (0 in first) / len(first)


def vote_of(panels: Sequence[Panel], chains: float) -> float:
    """How likely a plurality of so many chains is right, on average; between two whole numbers of them the line between both."""
    fewer = math.floor(chains)
    right = [mean(plurality(panel.chains[:number]) for panel in panels) for number in (fewer, min(fewer + 1, 2 * CALLS))]
    return right[0] + (chains - fewer) * (right[1] - right[0])


@dataclass(frozen=True)
class Played:
    """One seed's panels.

    Attributes:
        gain: over self-consistency, in points.
        cost: the mean number of calls, or of tokens where programs have a price.
    """

    gain: float
    cost: float


def play(begin: Begin, questions: int, *, learned: bool) -> Played:
    """Learn from some questions if so wanted, and answer others."""
    knowledge = learned_by(begin) if learned else NOTHING
    panels = [begin.panel(number) for number in range(questions)]
    right = mean(decided(panel, knowledge) for panel in panels)
    if begin.price == 1:
        return Played(gain=100 * (right - vote_of(panels, CALLS)), cost=mean(panel.calls for panel in panels))
    tokens = mean(panel.tokens for panel in panels)
    return Played(gain=100 * (right - vote_of(panels, tokens)), cost=tokens)


def learned_by(begin: Begin) -> Knowledge:
    """What some questions teach."""
    return learn([lesson(begin.panel(f"lesson/{number}")) for number in range(LESSONS)])


def cell(played: Sequence[Played]) -> str:
    """The mean over seeds, as it stands in the table."""
    gains = [one.gain for one in played]
    error = stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else 0.0
    return f"{mean(gains):+.1f} ± {error:.1f} | {mean(one.cost for one in played):.1f}"


def _lead(begin: Begin) -> float:
    return known_lead(PROGRAM, CHAIN, learned_by(begin))


def _play(job: tuple[Begin, int, bool]) -> Played:
    begin, questions, learned = job
    return play(begin, questions, learned=learned)


def table(given: argparse.Namespace) -> Iterator[str]:
    """The lines of the table."""
    cost = "calls" if given.tokens == 1 else "tokens"
    heads = " | ".join(f"chains right {accuracy:.2f} | {cost}" for accuracy in ACCURACIES)
    yield f"| programs | known | {heads} | found worse | found better |"
    yield f"|---|---|{'---|' * (2 * len(ACCURACIES) + 2)}"
    with ProcessPoolExecutor(given.workers) as pool:
        for programs in SORTS_OF_PROGRAMS:

            def begun(seeds: int, programs: Programs = programs) -> list[Begin]:
                return [
                    Begin(programs, accuracy, seed, given.tokens, given.every_second)
                    for accuracy in ACCURACIES
                    for seed in range(seeds)
                ]

            for learned in (False, True)[: 1 + bool(given.learnings)]:
                played = list(pool.map(_play, [(begin, given.questions, learned) for begin in begun(given.seeds)]))
                cells = [cell(played[index * given.seeds : (index + 1) * given.seeds]) for index in range(len(ACCURACIES))]
                found = list(pool.map(_lead, begun(given.learnings) if learned else [], chunksize=10))
                told = (
                    [f"{mean(lead < 0 for lead in found):.1%}", f"{mean(lead > 0 for lead in found):.1%}"] if found else ["", ""]
                )
                known = "learned" if learned else "nothing"
                yield f"| {programs.name} | {known} | {' | '.join([*cells, *told])} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--questions", type=int, default=500, help="of each seed, beside the 200 learned from")
    parser.add_argument(
        "--learnings",
        type=int,
        default=200,
        help="of which it is told how often they tell programs apart; 0: nothing is learned",
    )
    parser.add_argument("--tokens", type=float, default=1.0, help="of a program's call, where a chain takes 1 (at most 2)")
    parser.add_argument("--every-second", action="store_true", help="every second answer is a program, whatever it takes")
    parser.add_argument("--workers", type=int, default=2)
    for line in table(parser.parse_args()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
