"""Deciding again gives the published figures of recorded replies, what a ledger's runs decided, and one line where it can't."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import records
from contemplate import Orchestrator, ScriptedBackend
from contemplate.analysis.records import Record, Votes, best_by_score, learned, majority, oracle, single, stopped, weighted
from contemplate.analysis.redecide import Row, configurations, redecide, stored_samples
from contemplate.errors import InputError
from contemplate.ledger import open_ledger
from contemplate.types import Question, Request
from contemplate.voting.stopping import Beta, Predictive, Window
from contemplate.voting.weights import softmax

STORED = {"samples.answer": "answer", "samples.right": "correct"}
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def figures(rows: Sequence[Row]) -> list[float]:
    """Accuracies, in per cent."""
    return [100 * row.accuracy for row in rows if row.accuracy is not None]


def near(*values: float, by: float = 0.1) -> object:
    """About these."""
    return pytest.approx(list(values), abs=by)


def votes(*classes: int | None, name: str = "q", gold: bool = True, **more: Any) -> Votes:
    """Samples of a question whose right answer, where one is known, is class 0."""
    nothing = (None,) * len(classes)
    return Votes(
        name, classes, frozenset({0}) if gold else None, (), *(more.get(x, nothing) for x in ("members", "weights", "scores"))
    )


# --- published figures: protocols of arXiv:2203.11171, 2305.11860, 2401.10480, over recorded replies ----


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


# --- the same as the functions of contemplate.analysis.records --------------------------------------------------

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


# --- by hand --------------------------------------------------------------------------------------------


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


# --- the runs of a ledger -------------------------------------------------------------------------------


def reply(request: Request) -> str:
    """Every third draw is wrong, every fifth says nothing."""
    return "I don't know." if request.draw % 5 == 4 else f"Answer: {41 if request.draw % 3 == 2 else 42}"


@pytest.fixture
async def ledger(tmp_path: Path) -> Path:
    """Runs of two questions: three and five samples of one, a debate of the other, and one without a gold answer."""
    path = tmp_path / "ledger.db"
    seven, eight = (Question(text=f"What is 6 times {n}?", kind="number", gold=str(6 * n), id=f"times-{n}") for n in (7, 8))
    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=path) as orchestrator:
        for seats in (3, 5):
            await orchestrator.solve(seven, "self-consistency", parameters={"seats": seats})
        await orchestrator.solve(eight, "multiagent-debate", parameters={"seats": 3})
    return path


async def sampled(path: Path, *runs: str, **more: Any) -> list[Votes]:
    """What the runs of a ledger sampled."""
    opened = await open_ledger(path)
    try:
        return await stored_samples(opened, runs, **more)
    finally:
        await opened.aclose()


async def run_ids(path: Path) -> list[str]:
    """The ids of the runs of a ledger, the oldest first."""
    opened = await open_ledger(path)
    try:
        return [record.run for record in reversed(await opened.runs())]
    finally:
        await opened.aclose()


async def test_runs_give_samples(ledger: Path) -> None:
    """First answers alone; a reply that two runs share counts once; the gold answer and the model are known."""
    seven, eight = await sampled(ledger)

    assert ("times-7", (0, 0, 1, 0, None), frozenset({0})) == (seven.id, seven.classes, seven.right)
    assert ("times-8", (0, 0, 1), frozenset()) == (eight.id, eight.classes, eight.right)
    assert {"m"} == {*seven.members, *eight.members}
    assert 0.5 == redecide([seven, eight]).rows[0].accuracy


async def test_runs_are_selected(ledger: Path) -> None:
    """By ids, by their beginnings, by strategy, or by questions, whose gold answers are taken."""
    three, _, debate = await run_ids(ledger)
    other = Question(text="What is 6 times 8?", kind="number", gold="42", id="other")

    assert [3] == [len(one.classes) for one in await sampled(ledger, three)]
    assert ["times-7", "times-8"] == [one.id for one in await sampled(ledger, three, debate[:-1])]
    assert ["times-7", "times-8"] == [one.id for one in await sampled(ledger, three[:4])]
    assert ["times-8"] == [one.id for one in await sampled(ledger, strategy="multiagent-debate")]
    assert [("other", frozenset({0}))] == [(one.id, one.right) for one in await sampled(ledger, questions=[other])]


async def test_runs_that_cannot_be_had(ledger: Path) -> None:
    """No such run or strategy, too short an id, no run of a question."""
    (first, *_) = await run_ids(ledger)
    for runs, more, message in (
        (("nothing",), {}, r"no run called 'nothing'; known"),
        ((first[:3],), {}, r"no run called"),
        (
            (),
            {"strategy": "multiagent"},
            r"no strategy with finished runs here called 'multiagent'; did you mean 'multiagent-debate'",
        ),
        ((), {"questions": [Question(text="Why?")]}, r"no finished run of these questions"),
    ):
        with pytest.raises(InputError, match=message):
            await sampled(ledger, *runs, **more)


async def test_gold_answers_that_differ(ledger: Path) -> None:
    """It is said which, and of what."""
    question = Question(text="What is 6 times 7?", kind="number", gold="43")
    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=ledger) as orchestrator:
        await orchestrator.solve(question, "single")
    with pytest.raises(InputError, match=r"the gold answer to 'What is 6 times 7\?' is '42' in one run and '43' in another"):
        await sampled(ledger)


async def test_stated_confidence_and_scores_are_weights(tmp_path: Path) -> None:
    """A seat's confidence is the weight of its sample, and what a verifier gave it its score."""

    def said(request: Request) -> str:
        text = request.messages[-1].content + request.messages[0].content
        if "core" in text and "Reply" in text:
            return "Score: 9" if "Answer: 41" in text else "Score: 2"
        return f"Answer: {41 + request.draw % 2}"

    path = tmp_path / "scored.db"
    question = Question(text="What is 6 times 7?", kind="number", gold="42")
    async with Orchestrator(["m"], backend=ScriptedBackend(said), ledger=path) as orchestrator:
        outcome = await orchestrator.solve(question, "best-of-n", parameters={"seats": 3})
    (found,) = await sampled(path)

    assert (0, 1, 0) == found.classes
    assert (9.0, 2.0, 9.0) == found.scores
    assert outcome.answer == found.answers[0]
    assert [0.0] == [row.accuracy for row in redecide([found], rule="best").rows]


async def test_answers_that_a_model_found_to_be_the_same_stay_so(tmp_path: Path) -> None:
    """As the run itself counted them."""

    def said(request: Request) -> str:
        if "Do they say the same" in request.messages[-1].content + request.messages[0].content:
            return "Verdict: same"
        return ("Answer: the big city", "Answer: a large town", "Answer: the big city")[request.draw % 3]

    path = tmp_path / "texts.db"
    async with Orchestrator(["m"], backend=ScriptedBackend(said), ledger=path) as orchestrator:
        outcome = await orchestrator.solve("Where?", "self-consistency", parameters={"seats": 3})
    (found,) = await sampled(path)

    assert outcome.decision is not None
    assert [3] == [row.votes for row in outcome.decision.tally]
    assert (0, 0, 0) == found.classes


async def test_who_compares_answers_gives_none(tmp_path: Path) -> None:
    """Though it is asked in the midst of the sampling, and has read nobody's turn."""

    def said(request: Request) -> str:
        if "Do they say the same" in request.messages[-1].content + request.messages[0].content:
            return "Verdict: different"
        return f"Answer: {('red', 'blue')[request.draw % 2]}"

    path = tmp_path / "texts.db"
    async with Orchestrator(["m"], backend=ScriptedBackend(said), ledger=path) as orchestrator:
        outcome = await orchestrator.solve("Which?", "adaptive-consistency", parameters={"seats": 6})
    (found,) = await sampled(path)

    assert "equivalence" in {turn.card for turn in outcome.trace.turns if turn.verb == "propose"}
    assert (0, 1, 0, 1, 0, 1) == found.classes


# --- bad input ------------------------------------------------------------------------------------------


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
