"""Deciding again says what the functions of the records say; by hand; and one line where it can not be done."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.analysis.records import Record, Votes, best_by_score, learned, majority, oracle, single, stopped, weighted
from contemplate.analysis.redecide import configurations, redecide
from contemplate.errors import InputError
from contemplate.voting.stopping import Beta, Predictive, Window
from contemplate.voting.weights import softmax


def votes(*classes: int | None, name: str = "q", gold: bool = True, **more: Any) -> Votes:
    """Samples of a question whose right answer, where one is known, is class 0."""
    nothing = (None,) * len(classes)
    return Votes(
        name, classes, frozenset({0}) if gold else None, (), *(more.get(x, nothing) for x in ("members", "weights", "scores"))
    )


ANSWERS = st.lists(st.none() | st.integers(0, 3), min_size=3, max_size=7)


@settings(max_examples=30, deadline=None)
@given(asked=st.lists(ANSWERS, min_size=2, max_size=5), seed=st.integers(0, 5))
def test_rows_are_what_the_functions_say(asked: list[list[int | None]], seed: int) -> None:
    """One sample, votes, stop tests and any, over the same random orders."""
    questions = [votes(*classes, name=str(number)) for number, classes in enumerate(asked)]
    again = partial(redecide, questions, orders=5, seed=seed)
    tests = (Beta(), Predictive(), Window(size=2))
    expected = [single(questions), majority(questions, 3, orders=5, seed=seed)]
    expected += [stopped(questions, test, orders=5, seed=seed) for test in tests]
    rows = (*again(k=[1, 3]).rows, *again(stop=[Beta(), Predictive(), "window(2)"]).rows)

    assert [score.accuracy for score in expected] == pytest.approx([row.accuracy for row in rows])
    assert [score.error for score in expected] == pytest.approx([row.error for row in rows])
    assert [score.samples for score in expected] == pytest.approx([row.samples for row in rows])
    assert oracle(questions).accuracy == pytest.approx(rows[-1].any_right)
    assert all(row.low <= row.accuracy <= row.high for row in rows if None not in {row.low, row.high, row.accuracy})
    for ties in ("fraction", "any"):
        assert majority(questions, 3, orders=5, seed=seed, ties=ties).accuracy == pytest.approx(
            again(k=3, ties=ties).rows[0].accuracy
        )


def test_weights_are_what_the_functions_say() -> None:
    """The best by score, the softmax-weighted and the recorded weights' vote, and the learned one."""
    scores = [(0.5, -2.0, 3.0, 1.0), (1.0, 1.5, 0.2, 0.1), (2.0, 2.5, 1.0, 0.3)]
    classes = [(0, 1, 1, 0), (0, 0, 2, 1), (1, 0, 0, None)]
    questions = [
        votes(*drawn, name=str(number), scores=given, weights=tuple(map(abs, given)), members=tuple("abcd"))
        for number, (drawn, given) in enumerate(zip(classes, scores, strict=True))
    ]
    rows = redecide(questions, rule="best,weighted", weights="softmax(0.5),weight,learned", orders=0, ties="fraction").rows
    found = {(row.rule, row.weights): row.accuracy for row in rows}

    assert best_by_score(questions).accuracy == found["best", "softmax(0.5)"]
    assert weighted(questions, lambda given: softmax(given, 0.5)).accuracy == found["weighted", "softmax(0.5)"]
    assert weighted(questions).accuracy == found["weighted", "weight"]
    assert learned(questions)[0].accuracy == found["weighted", "learned"]


def test_a_tie_comes_to_what_was_asked_for() -> None:
    """The first drawn, a share, a draw by the seed, the best of them, or no answer."""
    tie = [votes(1, 0, None, 1, 0)]
    found = {ties: redecide(tie, ties=ties, orders=0).rows[0] for ties in ("first-seen", "fraction", "any", "none")}

    assert {"first-seen": 0.0, "fraction": 0.5, "any": 1.0, "none": 0.0} == {t: row.accuracy for t, row in found.items()}
    assert [0.0, 0.0, 0.0, 1.0] == [row.abstentions for row in found.values()]
    assert redecide(tie, ties="random", orders=500).rows[0].accuracy == pytest.approx(0.5, abs=0.08)
    assert redecide(tie, ties="random") == redecide(tie, ties="random")


def test_a_rule_that_refuses_abstains() -> None:
    """Two of five are no majority; nothing readable is no answer under any rule."""
    asked = [votes(0, 0, 1, 2, 3), votes(None, None, name="silent")]
    rows = redecide(asked, rule=["plurality", "majority", "supermajority(0.4)"], orders=3).rows

    assert [0.5, 1.0, 0.5] == [row.abstentions for row in rows]
    assert [0.5, 0.0, 0.5] == [row.accuracy for row in rows]


def test_agreement_without_gold_answers() -> None:
    """How many stand behind the answer, whether all do, and whether it is that of all samples; accuracy is not made up."""
    asked = [votes(0, 0, 0, None, gold=False), votes(1, 1, 1, 1, name="r", gold=False)]
    found = redecide(asked)
    (row,) = found.rows

    assert found.gold is False
    assert (0.875, 0.5, 1.0) == (row.agreement, row.unanimous, row.as_all)
    assert [None] * 6 == [row.accuracy, row.low, row.high, row.error, row.order_error, row.any_right]
    assert redecide([votes(0, 0, 0, None), votes(1, 1, 1, 1, name="r")], gold=False).rows == found.rows


def test_orders_add_an_uncertainty_of_their_own() -> None:
    """Shown where orders matter, and none where nothing is left to chance."""
    many = [votes(0, 1, 1, 0, 2, name=str(number)) for number in range(20)]
    one, three, all_of = redecide(many, k="1,3,all", ties="fraction").rows

    assert one.order_error is None
    assert (three.order_error or 0) > 0
    assert all_of.order_error == 0
    assert redecide(many, k=3).rows != redecide(many, k=3, seed=1).rows
    assert redecide(many, k=3, orders=0).rows[0].order_error is None


def test_every_combination_has_a_row() -> None:
    """Rules by heads stand once, whatever votes weigh; words may stand in one text, and a way only once."""
    found = configurations("plurality, best,weighted", ["beta(0.9)", "full"], "weight,score", [1, "all"])

    assert [("plurality", None), ("best", "weight"), ("best", "score"), ("weighted", "weight"), ("weighted", "score")] == list(
        dict.fromkeys((configuration.rule, configuration.weights) for configuration in found)
    )
    assert ["beta(0.9)", "full"] == list(dict.fromkeys(configuration.stop_written for configuration in found))
    assert 5 * 2 * 2 == len(found)
    assert 1 == len(configurations("plurality,plurality"))
    assert [("best", "score"), ("weighted", "weight"), ("borda", "equal")] == [
        (configuration.rule, configuration.weights) for configuration in configurations("best,weighted,borda")
    ]
    assert "predictive(0.95, alpha 2)" == configurations(stop=Predictive(alpha=2))[0].stop_written


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rule": "plurailty"}, r"no voting rule called 'plurailty'; did you mean 'plurality'.*allowed: .*best"),
        ({"rule": "plurality(0.5)"}, r"'plurality' takes no threshold"),
        ({"rule": "best(2)"}, r"'best' takes no figure"),
        ({"rule": "supermajority()"}, r"no number between its brackets"),
        ({"stop": "bata"}, r"no stop test called 'bata'; did you mean 'beta'\? \(allowed: beta, dirichlet"),
        ({"stop": "beta(2)"}, r"stop test 'beta\(2\)': threshold: Input should be less than or equal to 1"),
        ({"stop": "full(3)"}, r"stop test 'full\(3\)': it takes no figure"),
        ({"weights": "score"}, r"votes have no weight under plurality; they have under weighted"),
        ({"rule": "weighted", "weights": "scores"}, r"no kind of weights called 'scores'; did you mean 'score'"),
        ({"rule": "weighted", "weights": "weight(2)"}, r"only softmax has a figure"),
        ({"rule": "weighted", "weights": "softmax(0)"}, r"must be above 0"),
        ({"rule": "best", "weights": "equal"}, r"weights can't be equal"),
        ({"rule": "best"}, r"question 'q': sample 1 has no score"),
        ({"rule": "weighted"}, r"question 'q': sample 1 has no weight"),
        ({"rule": "weighted", "weights": "learned"}, r"a sample without a member"),
        ({"k": 3}, r"k is 3, and question 'q' has 2 samples, the fewest of all"),
        ({"k": [0]}, r"k is a number of samples, at least 1, or 'all'; '0' is neither"),
        ({"k": "many"}, r"'many' is neither"),
        ({"ties": "frist-seen"}, r"no way to break ties called 'frist-seen'; did you mean 'first-seen'"),
        ({"orders": -1}, r"number of orders is -1"),
        ({"orders": 10**6}, r"number of orders is 1000000"),
        ({"kind": "number"}, r"are for files"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(options: dict[str, Any], message: str) -> None:
    """With the words that are allowed, or the question and the sample."""
    with pytest.raises(InputError, match=message) as caught:
        redecide([votes(0, 1)], **options)

    assert "\n" not in str(caught.value)


def test_scores_below_nothing_weigh_no_votes() -> None:
    """But the best of them may decide, and softmax takes them."""
    asked = [votes(0, 1, scores=(-1.0, -2.0))]
    with pytest.raises(InputError, match="question 'q': sample 1 has the score -1, and no vote weighs less than 0; softmax"):
        redecide(asked, rule="weighted", weights="score")

    assert [1.0, 1.0] == [row.accuracy for row in redecide(asked, rule="best,weighted", weights="softmax").rows]


def test_gold_answers_of_all_or_of_none() -> None:
    """Questions are never left out in silence."""
    with pytest.raises(InputError, match="1 of 2 questions have no gold answer, the first is 'r'"):
        redecide([votes(0), votes(0, name="r", gold=False)])
    with pytest.raises(InputError, match="no questions"):
        redecide([])


def test_a_file_is_named(tmp_path: Path) -> None:
    """In every message that is about what stands in it."""
    path = tmp_path / "samples.jsonl"
    line = {"id": 1, "question": "?", "kind": "number", "gold": "1", "samples": [{"text": "Answer: 1"}]}
    path.write_text(json.dumps(line))
    for options, message in (
        ({"k": 2}, ": k is 2, and question '1' has 1 sample,"),
        ({"rule": "best"}, ": question '1': sample 1"),
    ):
        with pytest.raises(InputError, match=str(path) + message):
            redecide(path, **options)  # type: ignore[arg-type]
    path.write_text(json.dumps({**line, "gold": "many"}))
    with pytest.raises(InputError, match=rf"{path}: record '1': the gold answer 'many'"):
        redecide(path)

    assert 1.0 == redecide([Record.model_validate(line)]).rows[0].accuracy
