"""Deciding again gives the published figures of recorded replies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

import records
from contemplate.analysis.redecide import RedecisionRow, redecide

STORED = {"samples.answer": "answer", "samples.right": "correct"}


BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def figures(rows: Sequence[RedecisionRow]) -> list[float]:
    """Accuracies, in per cent."""
    return [100 * row.accuracy for row in rows if row.accuracy is not None]


def near(*values: float, by: float = 0.1) -> object:
    """About these."""
    return pytest.approx(list(values), abs=by)


def test_dates(data: Path) -> None:
    """Ten GPT-3.5 chains: one sample, votes of 3, 5 and 10, any; adaptive-consistency and early stopping."""
    again = partial(redecide, data / "date_cot10" / "records.jsonl.gz", fields=STORED)
    curve, tests = again(k="1,3,5,10").rows, again(stop="beta(0.95),window(5)").rows

    assert figures(curve) == near(62.4, 68.4, 70.9, 72.5, by=0.3)
    assert figures(curve[:1]) == near(62.4)
    assert figures(again(ties="fraction").rows) == near(72.49, by=0.005)
    assert 100 * (curve[-1].any_right or 0) == pytest.approx(82.9, abs=0.05)
    assert figures(tests) == near(72.5, 72.1, by=0.3)
    assert [row.samples for row in tests] == near(6.34, 7.68, by=0.05)


def test_twelve_models(data: Path) -> None:
    """One reply of each: votes of 3 to 12 over random draws, any; the stop tests."""
    again = partial(redecide, data / "gsm8k_models" / "records.jsonl.gz", fields=STORED)
    curve, tests = again(k="1,3,5,10,12").rows, again(stop="beta,window").rows

    assert figures(curve) == near(87.1, 92.4, 94.7, 96.1, 96.4, by=0.3)
    assert 100 * (curve[-1].any_right or 0) == pytest.approx(98.8, abs=0.05)
    assert figures(tests) == near(96.3, 96.3, by=0.05)
    assert [row.samples for row in tests] == near(5.53, 7.15, by=0.05)


def test_rewards(data: Path) -> None:
    """Eight chains as they stand: their vote, the best by a reward model; one chain, and any."""
    again = partial(redecide, data / "math_rm8" / "records.jsonl.gz", fields={**STORED, "samples.score": "reward"})
    rows = again(rule="plurality,best", orders=0).rows

    assert figures(rows) == near(93.0, 94.0, by=1e-9)
    assert figures(again(k=1).rows) == near(91.0, by=1e-9)
    assert rows[0].any_right == 0.96


@pytest.fixture(scope="module")
def converted(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that tests/benchmarks/records.py writes."""
    folder = tmp_path_factory.mktemp("records")
    records.write(data, folder)
    return folder


@pytest.mark.parametrize(
    ("which", "questions", "one", "before", "after", "any_right"),
    [("debate", 1666, 38.3, 41.7, 45.0, 55.2), ("debate-several", 1256, 47.2, 51.5, 55.6, 66.4)],
)
def test_debates(converted: Path, which: str, questions: int, one: float, before: float, after: float, any_right: float) -> None:
    """What one agent answers at first, the vote before and after talking, any; compared as strings."""
    first = redecide(converted / f"{which}-first.jsonl", k="1,all", orders=1, ties="fraction")
    vote = redecide(converted / f"{which}-first.jsonl", orders=0).rows
    last = redecide(converted / f"{which}-last.jsonl", orders=0).rows

    assert questions == first.questions
    assert figures((first.rows[0], *vote, *last)) == near(one, before, after, by=0.05)
    assert 100 * (vote[0].any_right or 0) == pytest.approx(any_right, abs=0.05)


def test_game_of_24(converted: Path) -> None:
    """A hundred chains: one, their vote over strings, any."""
    one, vote = redecide(converted / "game24-chains.jsonl", k="1,all", orders=1, ties="fraction").rows
    stands = redecide(converted / "game24-chains.jsonl", orders=0).rows

    assert figures([one, vote, *stands]) == near(4.03, 8.33, 8.0, by=0.005)
    assert vote.any_right == pytest.approx(0.49)
