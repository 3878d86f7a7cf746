"""All pairs of strategies."""

from __future__ import annotations

import pytest

from contemplate.analysis.statistics import all_pairs, bootstrap_difference, holm, mcnemar, paired_difference, randomisation
from contemplate.seeds import rng


def table() -> dict[str, list[float]]:
    """Three strategies on sixty questions: two right or wrong, one with two samples a question."""
    source = rng(0, "pairs")
    rows = {name: [float(source.random() < rate) for _ in range(60)] for name, rate in (("a", 0.4), ("b", 0.8))}
    return {**rows, "c": [source.choice((0.0, 0.5, 1.0)) for _ in range(60)]}


def test_each_pair_once() -> None:
    """In the order given, with the parts that the functions give, and Holm over all."""
    rows = table()
    found = all_pairs(rows, seed=1, draws=1000)
    assert [("a", "b"), ("a", "c"), ("b", "c")] == [(pair.first, pair.second) for pair in found]
    assert ["mcnemar", "randomisation", "randomisation"] == [pair.test for pair in found]
    assert mcnemar(rows["a"], rows["b"]) == found[0].discordant
    assert mcnemar(rows["a"], rows["b"]).p == found[0].p
    assert found[1].discordant is None
    assert [paired_difference(rows[pair.first], rows[pair.second]) for pair in found] == [pair.difference for pair in found]
    assert holm([pair.p for pair in found]) == tuple(pair.p_holm for pair in found)


def test_groups_take_the_randomisation_test() -> None:
    """Right and wrong too; McNemar's counts are there all the same."""
    rows, groups = table(), [place // 5 for place in range(60)]
    (pair,) = all_pairs({"a": rows["a"], "b": rows["b"]}, seed=1, draws=1000, groups=groups)
    assert "randomisation" == pair.test
    assert (12, 12) == (pair.difference.clusters, pair.bootstrap.clusters)
    assert pair.discordant == mcnemar(rows["a"], rows["b"])
    assert randomisation(rows["a"], rows["b"], seed=1, groups=groups).exact
    assert randomisation(rows["a"], rows["b"], seed=1, groups=groups).p == pair.p


def test_a_pair_does_not_depend_on_the_others() -> None:
    """With more strategies, or in another order, a pair keeps all but its adjusted p-value."""
    rows = table()
    (alone,) = all_pairs({"c": rows["c"], "a": rows["a"]}, seed=1, draws=1000)
    among = next(pair for pair in all_pairs(rows, seed=1, draws=1000) if (pair.first, pair.second) == ("a", "c"))
    assert alone.p == among.p
    assert alone.difference.value == -among.difference.value
    assert (alone.bootstrap.interval.low, alone.bootstrap.interval.high) == pytest.approx(
        (-among.bootstrap.interval.high, -among.bootstrap.interval.low)
    )
    assert among.bootstrap == bootstrap_difference(rows["a"], rows["c"], seed=among.bootstrap.seed, draws=1000)


def test_ten_thousand_questions() -> None:
    """Every part is quick enough for large sets: none takes time quadratic in the questions."""
    source = rng(0, "many")
    rows = {name: [float(source.random() < 0.5) for _ in range(10_000)] for name in ("a", "b")}
    (pair,) = all_pairs(rows, seed=1, draws=1000)
    assert 10_000 == pair.difference.n
    assert pair.bootstrap.standard_error == pytest.approx(pair.difference.standard_error, rel=0.1)
