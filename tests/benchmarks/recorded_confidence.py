"""How sure the posterior is of its winner, held against the right answers of recorded replies; no calls.

::

    python tests/benchmarks/recorded_confidence.py --data ../shared/data

prints the tables of docs/recorded.md on confidence. What is learned is learned without right answers, from one half of a record,
and held against the other half; what is fitted on one record is held against all. Beside these records stand the votes of the
published experiments, whose models are weak.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from math import exp, fsum, lgamma, log
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from contemplate.analysis.records import Votes
from contemplate.analysis.statistics.calibration import Calibration, calibration
from contemplate.analysis.statistics.proportions import Proportion
from contemplate.voting.succession import succession
from contemplate.voting.witnesses import NOTHING, Evidence, Knowledge, Lesson, learn, posterior
from contemplate.voting.witnesses.knowledge import USUAL_ACCURACY
from recorded_figures import dates, gsm8k, maths

EXPERIMENTS = Path(__file__).parents[2] / "docs" / "experiments"

DRAWN = (3, 5, None)
"""How many samples of each question vote; None: all."""

TAKEN = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How much of the way from the usual accuracy to the learned one is gone."""


PUBLISHED = {
    "gsm8k, Qwen2.5-Coder 0.5B": ("gsm8k", "self-consistency (13 calls)"),
    "small sums, SmolLM2 135M": ("small-sums-again", "self-consistency (15 calls)"),
}
"""The votes of experiments in docs/experiments: the folder of each, and the strategy."""

ENOUGH = 300
"""The questions that a reliability table needs at least."""


class Said(NamedTuple):
    """A question's votes.

    Attributes:
        evidence: by member; answers are numbered as they first stand.
        silent: how many samples have no readable answer.
        right: the numbers of the answers that are right.
    """

    evidence: Evidence
    silent: int
    right: frozenset[int]

    @property
    def counts(self) -> tuple[int, ...]:
        """The votes of each answer."""
        return tuple(map(sum, zip(*self.evidence.samples.values(), strict=True)))


class Sure(NamedTuple):
    """The winner's confidence, and whether it is right."""

    confidence: float
    right: bool


Way = Callable[[Said], Sequence[float]]
"""A way to say how likely each answer is."""


class Constants(NamedTuple):
    """Those of the model of votes: mean accuracy, how alike questions are in difficulty, how widely mistakes scatter."""

    accuracy: float
    spread: float
    scatter: float


def said(votes: Votes, drawn: int | None) -> Said | None:
    """The first so many samples of a question; None where none of them has an answer."""
    classes = votes.classes[:drawn]
    order = list(dict.fromkeys(answer for answer in classes if answer is not None))
    if not order:
        return None
    members = [str(member) for member in votes.members[:drawn]]
    given = Counter(zip(members, classes, strict=True))
    samples = {member: tuple(given[member, answer] for answer in order) for member in dict.fromkeys(members)}
    right = frozenset(number for number, answer in enumerate(order) if answer in (votes.right or ()))
    return Said(Evidence(answers=len(order), samples=samples), classes.count(None), right)


def sure(question: Said, way: Way) -> Sure:
    """Of equals the answer seen first wins."""
    chances = way(question)[: question.evidence.answers]
    winner = max(range(len(chances)), key=lambda answer: (round(chances[answer], 12), -answer))
    return Sure(chances[winner], winner in question.right)


def share(question: Said) -> Sequence[float]:
    """The share of the votes."""
    return [votes / sum(question.counts) for votes in question.counts]


def by_succession(question: Said) -> Sequence[float]:
    """The confidence of a plurality: the rule of succession, over all who were asked."""
    return [float(succession(votes, sum(question.counts) + question.silent)) for votes in question.counts]


def knowing(knowledge: Knowledge, taken: float = 1.0) -> Way:
    """The posterior of who knows so much.

    Args:
        knowledge: what is known.
        taken: how much of the way from the usual accuracy to the known one is gone; below 1 nobody is told apart.
    """
    if taken < 1:
        knowledge = Knowledge(accuracy=USUAL_ACCURACY + taken * (knowledge.accuracy - USUAL_ACCURACY))
    return lambda question: posterior(question.evidence, knowledge)


# --- the constants that are most likely -----------------------------------------------------------------------------------


def logs(counts: tuple[int, ...], of: Constants) -> list[float]:
    """The logarithm of the chance that the votes are these and each answer is right, and last one that does not stand."""
    total, right, wrong = sum(counts), of.spread * of.accuracy, of.spread * (1 - of.accuracy)
    known = lgamma(of.spread) - lgamma(right) - lgamma(wrong) - lgamma(total + of.spread) + lgamma(of.scatter)
    clusters = fsum(map(lgamma, counts))

    def chance(own: int, tables: int) -> float:
        others = total - own
        hits = lgamma(own + right) - (lgamma(own) if own else 0.0)
        mistakes = lgamma(others + wrong) - lgamma(others + of.scatter) + tables * log(of.scatter)
        return known + clusters + hits + mistakes

    return [*(chance(own, len(counts) - 1) for own in counts), chance(0, len(counts))]


def whole(values: Sequence[float]) -> float:
    """The logarithm of the sum of what these are the logarithms of."""
    top = max(values)
    return top + log(sum(exp(value - top) for value in values))


def fitted(constants: Constants) -> Way:
    """The posterior by other constants."""
    return lambda question: [exp(value - whole(found)) for found in [logs(question.counts, constants)] for value in found]


def likeliest(questions: Sequence[Said]) -> Constants:
    """The constants under which the votes are likeliest, of those with which more votes are always the likelier answer."""
    patterns = Counter(tuple(sorted(question.counts)) for question in questions)
    scales = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
    tried = [
        Constants(accuracy / 20, spread, scatter)
        for accuracy, spread, scatter in product(range(1, 20), scales, scales)
        if scatter >= spread
    ]
    return max(tried, key=lambda of: fsum(times * whole(logs(counts, of)) for counts, times in patterns.items()))


# --- the tables -----------------------------------------------------------------------------------------------------------


@cache
def asked(data: Path) -> Mapping[tuple[str, int | None], list[Said]]:
    """Every record with every number of samples."""
    return by_samples({"date_cot10": dates(data), "gsm8k_models": gsm8k(data), "math_rm8": maths(data)})


def by_samples(records: Mapping[str, Sequence[Votes]]) -> dict[tuple[str, int | None], list[Said]]:
    """Each record with every number of samples."""
    return {
        (name, drawn): [question for one in votes if (question := said(one, drawn)) is not None]
        for name, votes in records.items()
        for drawn in DRAWN
    }


def published(folder: str, strategy: str) -> list[Votes]:
    """The votes of an experiment, by its rows; a seat that failed has none."""
    found = []
    with (EXPERIMENTS / folder / "rows.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["strategy"] == strategy:
                seats = json.loads(row["samples"])
                classes = tuple(seat and seat[0] for seat in seats)
                right = frozenset(seat[0] for seat in seats if seat and seat[1] == 1)
                found.append(Votes(row["question"], classes, right, members=("m",) * len(classes)))
    return found


def halves(questions: Sequence[Said], taken: float = 1.0) -> list[Sure]:
    """Each half of the questions, by what the other taught without right answers."""
    found = []
    for half in (0, 1):
        knowledge = learn([Lesson(evidence=question.evidence) for question in questions[1 - half :: 2]])
        found += [sure(question, knowing(knowledge, taken)) for question in questions[half::2]]
    return found


def held(found: Sequence[Sure]) -> Calibration:
    """Confidence against right and wrong."""
    return calibration([one.confidence for one in found], [one.right for one in found])


def calibration_table(data: Path) -> Iterator[str]:
    """Every way to be sure, on every record."""
    yield "| record | samples | confidence | right, % | confidence, % | ECE (by chance) | Brier score |"
    yield "|---|---|---|---|---|---|---|"
    ways: Mapping[str, Callable[[Sequence[Said]], list[Sure]]] = {
        "share of the votes": lambda questions: [sure(question, share) for question in questions],
        "plurality's": lambda questions: [sure(question, by_succession) for question in questions],
        "posterior, nothing known": lambda questions: [sure(question, knowing(NOTHING)) for question in questions],
        "posterior, learned": halves,
    }
    experiments = by_samples({name: published(*of) for name, of in PUBLISHED.items()})
    for (name, drawn), questions in {**asked(data), **experiments}.items():
        for way, confident in ways.items():
            found = confident(questions)
            shown = held(found)
            right, confidence = mean(one.right for one in found), mean(one.confidence for one in found)
            yield (
                f"| {name} | {drawn or 'all'} | {way} | {100 * right:.1f} | {100 * confidence:.1f} "
                f"| {shown.ece:.3f} ({shown.ece_by_chance:.3f}) | {shown.brier.score:.3f} |"
            )


def reliability_table(data: Path) -> Iterator[str]:
    """How often the winner is right, by how sure the posterior is of it, of all samples; of records with questions enough."""
    yield "| record | known | confidence | questions | mean confidence, % | right, % |"
    yield "|---|---|---|---|---|---|"
    for (name, drawn), questions in asked(data).items():
        if drawn is None and len(questions) >= ENOUGH:
            both = {"nothing": [sure(question, knowing(NOTHING)) for question in questions], "learned": halves(questions)}
            for known, found in both.items():
                for row in held(found).bins:
                    confidence = f"{row.low:.1f} to {row.high:.1f} | {row.n} | {100 * row.confidence:.0f}"
                    yield f"| {name} | {known} | {confidence} | {_interval(row.accuracy)} |"


def _interval(share: Proportion) -> str:
    return f"{100 * share.value:.0f} ({100 * share.interval.low:.0f} to {100 * share.interval.high:.0f})"


def taken_table(data: Path) -> Iterator[str]:
    """The Brier score where only part of what was learned of the accuracy is believed."""
    yield f"| record | samples | {' | '.join(f'{taken:g}' for taken in TAKEN)} |"
    yield f"|---|---|{'---|' * len(TAKEN)}"
    for (name, drawn), questions in asked(data).items():
        scores = [held(halves(questions, taken)).brier.score for taken in TAKEN]
        yield f"| {name} | {drawn or 'all'} | {' | '.join(f'{score:.3f}' for score in scores)} |"


def fitted_table(data: Path) -> Iterator[str]:
    """The Brier score on each record by the constants that are likeliest on one."""
    whole_records = {name: questions for (name, drawn), questions in asked(data).items() if drawn is None}
    yield f"| likeliest on | accuracy, spread, scatter | {' | '.join(whole_records)} |"
    yield f"|---|---|{'---|' * len(whole_records)}"
    rows = {name: likeliest(questions) for name, questions in whole_records.items()}
    for name, constants in {"none: as built": Constants(USUAL_ACCURACY, 2, 2), **rows}.items():
        scores = [held([sure(one, fitted(constants)) for one in questions]).brier.score for questions in whole_records.values()]
        values = ", ".join(f"{value:g}" for value in constants)
        yield f"| {name} | {values} | {' | '.join(f'{score:.3f}' for score in scores)} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recorded replies")
    data: Path = parser.parse_args().data
    for table in (calibration_table, reliability_table, taken_table, fitted_table):
        for line in table(data):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
