"""Votes, stop tests and weights over recorded replies give the published figures.

Where nothing is drawn at random and the rule is the same, to 0.1 points; where the published figure is an average over random
orders, to what such an average scatters.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import recorded_figures as figures
from contemplate.analysis.records import Votes, best_by_score, learned, majority, oracle, single, stopped
from contemplate.voting.stopping import Beta, Predictive, Window

EXACT = 0.1
DRAWN = 0.3


def percent(share: float, tolerance: float = EXACT) -> object:
    """About this many per cent."""
    return pytest.approx(share, abs=tolerance)


def test_dates_from_the_texts(data: Path) -> None:
    """The published vote of ten, a tie worth the share of it that is right, read from the raw texts."""
    questions = figures.dates(data)

    assert 369 == len(questions)
    assert percent(72.49, 0.005) == 100 * majority(questions, 10, orders=1, ties="fraction").accuracy
    assert percent(62.4, 0.2) == 100 * single(questions).accuracy
    assert percent(82.9, DRAWN) == 100 * oracle(questions).accuracy


def test_dates_from_the_stored_answers(data: Path) -> None:
    """One sample, votes of 3, 5 and 10, any."""
    questions = figures.as_stored(data, "date_cot10")

    assert percent(62.4) == 100 * single(questions).accuracy
    assert percent(68.4, DRAWN) == 100 * majority(questions, 3).accuracy
    assert percent(70.9, DRAWN) == 100 * majority(questions, 5).accuracy
    assert percent(72.49, 0.005) == 100 * majority(questions, 10, orders=1, ties="fraction").accuracy
    assert percent(82.9) == 100 * oracle(questions).accuracy


def test_unreadable_replies_are_no_answer(data: Path) -> None:
    """Counted as if they agreed, they would cost two points."""
    questions = figures.as_stored(data, "date_cot10")
    voting = [Votes(one.id, tuple(-1 if place is None else place for place in one.classes), one.right) for one in questions]

    assert percent(70.3) == 100 * majority(voting, 10, orders=1, ties="fraction").accuracy


@pytest.mark.parametrize("stored", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_twelve_models(data: Path, stored: bool) -> None:
    """One model, votes of 3 to 12, any: from the stored answers, and from the texts, where a misread reply has no vote."""
    questions = figures.as_stored(data, "gsm8k_models") if stored else figures.gsm8k(data)

    assert 1319 == len(questions)
    assert percent(87.1) == 100 * single(questions).accuracy
    for k, right in ((3, 92.4 if stored else 92.7), (5, 94.7), (10, 96.1)):
        assert percent(right, DRAWN) == 100 * majority(questions, k).accuracy
    assert percent(96.4, 0.15) == 100 * majority(questions, 12).accuracy
    assert percent(98.8) == 100 * oracle(questions).accuracy


@pytest.mark.parametrize(
    ("name", "beta", "window"), [("date_cot10", (72.5, 6.34), (72.1, 7.68)), ("gsm8k_models", (96.3, 5.53), (96.3, 7.15))]
)
@pytest.mark.parametrize("stored", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_stopping(data: Path, name: str, beta: tuple[float, float], window: tuple[float, float], stored: bool) -> None:
    """Adaptive-consistency and early stopping: accuracy, and how many samples they take."""
    questions = (
        figures.as_stored(data, name) if stored else {"date_cot10": figures.dates, "gsm8k_models": figures.gsm8k}[name](data)
    )

    for test, (accuracy, taken) in ((Beta(), beta), (Window(), window)):
        score = stopped(questions, test)
        assert percent(accuracy, DRAWN) == 100 * score.accuracy
        assert taken == pytest.approx(score.samples, abs=0.06)


@pytest.mark.parametrize("name", ["dates", "gsm8k"])
def test_predictive_saves_a_fifth_of_the_beta_rule(data: Path, name: str) -> None:
    """18 % fewer samples at least, over 20 orders, at an accuracy within 0.3 points of the Beta rule's and the full vote's."""
    questions = getattr(figures, name)(data)
    ours, beta = stopped(questions, Predictive()), stopped(questions, Beta())
    full = majority(questions, len(questions[0].classes))

    assert 20 == ours.orders
    assert ours.samples <= 0.82 * beta.samples
    assert abs(ours.accuracy - beta.accuracy) <= 0.003
    assert abs(ours.accuracy - full.accuracy) <= 0.003


def test_learned_weights_beat_plurality_and_the_best_model(data: Path) -> None:
    """Without looking at a right answer: above the count of twelve models, and above the best of them."""
    questions = figures.gsm8k(data)
    score, found = learned(questions)

    assert score.accuracy > majority(questions, 12, orders=1, ties="fraction").accuracy
    assert score.accuracy > max(figures.members(questions).values())
    assert percent(96.9, 0.15) == 100 * score.accuracy
    assert [1.0] * 12 == [one.voice for one in found.members]


def test_rewards(data: Path) -> None:
    """One chain, the vote of eight as they stand, the best by the reward model, any."""
    stored, texts = figures.as_stored(data, "math_rm8"), figures.maths(data)

    assert 91.0 == pytest.approx(100 * single(stored).accuracy)
    assert 94.0 == pytest.approx(100 * best_by_score(stored).accuracy)
    assert 96.0 == pytest.approx(100 * oracle(stored).accuracy)
    assert 93.0 == pytest.approx(100 * figures.in_stored_order(stored).accuracy)
    assert 93.0 == pytest.approx(100 * figures.in_stored_order(texts).accuracy)


def test_the_one_chain_that_the_record_calls_wrong(data: Path) -> None:
    r"""To us 10000 is the gold answer 10{,}000; the record says not, and its reward is the highest of the eight."""
    stored, texts = figures.as_stored(data, "math_rm8"), figures.maths(data)
    differing = [
        (ours.id, sample)
        for ours, theirs in zip(texts, stored, strict=True)
        for sample, (one, other) in enumerate(zip(ours.classes, theirs.classes, strict=True))
        if (one in ours.right) != (other in theirs.right)
    ]

    assert [("72", 7)] == differing
    assert 95.0 == pytest.approx(100 * best_by_score(texts).accuracy)
