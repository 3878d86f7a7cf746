"""Panels of recorded judges, weighed without gold answers: how often each way of weighing them is right; no calls.

recorded.py prints the table. What is weighed is learned on one half of the pairs, and the other half is decided by it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum, log
from pathlib import Path
from statistics import fmean

from contemplate.voting.reliability import BothOrders, consistency, consistency_weight, learn
from recorded_figures import lines

SPLITS = 20
"""How often the pairs are split into halves by chance; each half is learned from, and decided."""


@dataclass(frozen=True)
class Pair:
    """Two texts, and what each judge chose of them in both orders: "1", "2" or None.

    Attributes:
        better: the one that people agreed to be better, "1" or "2".
    """

    better: str
    judged: Mapping[str, BothOrders]


Weights = Mapping[str, float]
Weighing = Callable[[Sequence[Pair], Sequence[str]], Weights]


@cache
def pairs(data: Path) -> list[Pair]:
    """judge_pairs: a hundred pairs, each with the verdicts of twelve judges."""
    return [
        Pair(
            str(record["label"]),
            {judge: (said.get("swap_False"), said.get("swap_True")) for judge, said in record["judges"].items()},
        )
        for record in lines(data / "judge_pairs" / "records.jsonl.gz")
    ]


def panels(data: Path) -> dict[str, list[str]]:
    """The panels that are compared, each with its judges."""
    judges = list(pairs(data)[0].judged)
    return {
        "all twelve": judges,
        "the six that give the verdict alone": [judge for judge in judges if judge.endswith("/Swap")],
        "the six that reason first": [judge for judge in judges if judge.endswith("/Swap_CoT")],
        "the ten that are not GPT-4": [judge for judge in judges if not judge.startswith("GPT-4/")],
    }


def _copies(judges: Sequence[str]) -> dict[str, str]:
    """The model of each judge; judges of one model share one voice."""
    return {judge: judge.split("/")[0] for judge in judges}


def _learned(known: Sequence[Pair], judges: Sequence[str]) -> Weights:
    """Learned from how far the judges agree with each other."""
    said = [{judge: _chosen(pair.judged[judge]) for judge in judges} for pair in known]
    found = learn(said, groups=_copies(judges), alternatives=[2] * len(said))
    return {member.member: member.weight for member in found.members}


def _by_consistency(weight: Callable[[int, int], float]) -> Weighing:
    """By how far each judge agrees with itself: a function of its consistent pairs and all its pairs."""

    def weigh(known: Sequence[Pair], judges: Sequence[str]) -> Weights:
        found = consistency({judge: [pair.judged[judge] for pair in known] for judge in judges})
        model = _copies(judges)
        heads = list(model.values())
        return {one.judge: weight(one.consistent, one.pairs) / heads.count(model[one.judge]) for one in found}

    return weigh


def _steadiest(known: Sequence[Pair], judges: Sequence[str]) -> Weights:
    """The most consistent judge alone, the first of equals."""
    found = consistency({judge: [pair.judged[judge] for pair in known] for judge in judges})
    best = max(found, key=lambda one: one.consistent)
    return {best.judge: 1.0}


WEIGHINGS: Mapping[str, Weighing] = {
    "equal": lambda _, judges: dict.fromkeys(judges, 1.0),
    "learned": _learned,
    "consistency": _by_consistency(consistency_weight),
    "share c": _by_consistency(lambda consistent, asked: (consistent + 1) / (asked + 2)),
    "2c - 1": _by_consistency(lambda consistent, asked: max(0.0, (2 * consistent - asked) / (asked + 2))),
    "log-odds of c": _by_consistency(lambda consistent, asked: max(0.0, log((consistent + 1) / (asked - consistent + 1)))),
    "odds of c": _by_consistency(lambda consistent, asked: (consistent + 1) / (asked - consistent + 1)),
    "steadiest alone": _steadiest,
}
"""The ways of weighing judges; the third is ours, those after it were tried besides."""


def _chosen(both: BothOrders) -> int | None:
    """The choice of a judge that says the same in both orders; another abstains."""
    return int(both[0]) if both[0] is not None and both[0] == both[1] else None


def credit(pair: Pair, weights: Weights) -> float:
    """1 if the weighted vote is right, a half for a tie, else 0."""
    right, wrong = (fsum(weights[j] for j in weights if _chosen(pair.judged[j]) == text) for text in _sides(pair))
    return 0.5 if abs(right - wrong) < 1e-12 else float(right > wrong)


def _sides(pair: Pair) -> tuple[int, int]:
    """The better text, and the other."""
    return int(pair.better), 3 - int(pair.better)


def held_out(data: Path, judges: Sequence[str], weighing: Weighing) -> float:
    """Per cent right on the halves that were not learned from."""
    draw, found = random.Random(0), []
    for _ in range(SPLITS):
        order = draw.sample(pairs(data), len(pairs(data)))
        half = len(order) // 2
        for known, asked in ((order[:half], order[half:]), (order[half:], order[:half])):
            weights = weighing(known, judges)
            found.append(fmean(credit(pair, weights) for pair in asked))
    return 100 * fmean(found)


@cache
def figures(data: Path) -> dict[str, dict[str, float]]:
    """Per cent right on held-out halves, by panel and by way of weighing."""
    return {
        name: {way: held_out(data, judges, weighing) for way, weighing in WEIGHINGS.items()}
        for name, judges in panels(data).items()
    }


def table(data: Path) -> Iterator[str]:
    """The table of docs/recorded.md."""
    yield f"| panel | {' | '.join(WEIGHINGS)} |"
    yield "|---" * (len(WEIGHINGS) + 1) + "|"
    for name, found in figures(data).items():
        yield f"| {name} | {' | '.join(f'{value:.1f}' for value in found.values())} |"
