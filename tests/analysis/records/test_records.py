"""The form of recorded samples: read whole, or refused in one line; and votes over them by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from builders import ballots
from contemplate.analysis.records import (
    Record,
    Sample,
    Votes,
    best_by_score,
    learned,
    load_records,
    majority,
    oracle,
    read,
    single,
    stopped,
    weighted,
)
from contemplate.analysis.records.replay import leading
from contemplate.errors import InputError
from contemplate.voting import decide
from contemplate.voting.stopping import Beta, Predictive, Random

LINE = {
    "id": "a",
    "question": "What is 6 times 7?",
    "kind": "number",
    "gold": 42,
    "samples": [
        {"text": "Answer: 42", "member": "one", "weight": 1, "score": 0.5},
        {"text": "Answer: forty-two", "member": "two", "weight": 2.5, "score": -1},
        {"text": "Answer: 41", "member": "three", "weight": 4, "score": 2},
        {"text": "I don't know", "member": "four", "weight": 9, "score": 3},
    ],
}


def written(folder: Path, *lines: object, name: str = "samples.jsonl") -> Path:
    """A file of these lines."""
    path = folder / name
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["samples.jsonl", "samples.jsonl.gz"])
def test_a_file_is_read(tmp_path: Path, name: str) -> None:
    """Plain or compressed, empty lines skipped; answers are classed by meaning, and the gold answer among them."""
    records = load_records(written(tmp_path, LINE, "", {**LINE, "id": "b"}, name=name))
    votes = read(records[0])

    assert ["a", "b"] == [record.id for record in records]
    assert (0, 0, 1, None) == votes.classes
    assert frozenset({0}) == votes.right
    assert ("42", "41") == (votes.answers[0], votes.answers[1])
    assert ("one", "two", "three", "four") == votes.members


def test_the_example_in_the_docs_is_one(tmp_path: Path) -> None:
    """It loads, and its answer is right."""
    page = (Path(__file__).parents[3] / "docs" / "recorded.md").read_text(encoding="utf-8")
    example = page.partition("```jsonl\n")[2].partition("```")[0]

    assert 1.0 == single([read(record) for record in load_records(written(tmp_path, example))]).accuracy


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{**LINE, "kind": "nubmer"}], r":1: kind: Input should be 'number', 'choice'"),
        ([LINE, {**LINE, "id": "b", "samples": [{"txt": ""}]}], r":2: samples\.0\.text: Field required"),
        ([LINE, LINE], r":2: the id 'a' stands there twice"),
        ([{**LINE, "samples": []}], r":1: samples: Tuple should have at least 1 item"),
        ([{**LINE, "samples": [{"text": "", "weight": -1}]}], r":1: samples\.0\.weight: Input should be greater"),
        ([{**LINE, "question": " "}], r":1: the question is empty"),
        (["{"], r":1: Invalid JSON"),
        (["[1]"], r":1: Input should be an object"),
        ([], r"there are no records"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, lines: list[object], message: str) -> None:
    """With the line, the field, and what is wrong."""
    with pytest.raises(InputError, match=message) as caught:
        load_records(written(tmp_path, *lines))

    assert "\n" not in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    """Missing, a folder, cut short, no text."""
    whole = written(tmp_path, LINE, name="whole.gz").read_bytes()
    (tmp_path / "cut.gz").write_bytes(whole[:-9])
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "cut.gz", "binary", "."):
        with pytest.raises(InputError, match=r"can't be read|no UTF-8"):
            load_records(tmp_path / name)


def test_a_gold_answer_that_cannot_be_read() -> None:
    """It is said which record has it."""
    with pytest.raises(InputError, match="record 'a': the gold answer 'many'"):
        read(Record.model_validate({**LINE, "gold": "many"}))


def votes(*classes: int | None, scores: tuple[float, ...] = (), name: str = "q") -> Votes:
    """Samples of a question whose right answer is class 0."""
    return Votes(name, classes, frozenset({0}), members=tuple(map(str, range(len(classes)))), weights=scores, scores=scores)


def test_votes_by_hand() -> None:
    """Two of four right; a tie is worth its share, its best, or what comes first."""
    tie = [votes(1, 0, None, 1, 0)]

    assert 0.4 == single(tie).accuracy
    assert 1.0 == oracle(tie).accuracy
    assert 0.5 == majority(tie, 5, ties="fraction").accuracy
    assert 1.0 == majority(tie, 5, ties="any").accuracy
    assert 0.5 == pytest.approx(majority(tie, 5, orders=2000).accuracy, abs=0.05)
    assert 0.4 == pytest.approx(majority(tie, 1, orders=2000).accuracy, abs=0.05)
    assert 0.0 == majority([votes(None, None)], 2).accuracy
    assert () == leading((None,))


def test_orders_are_seeded() -> None:
    """The same seed, the same figure; another seed, another."""
    many = [votes(0, 1, 1, 0, 2, name=str(number)) for number in range(50)]

    assert majority(many, 3, orders=1) == majority(many, 3, orders=1)
    assert len({majority(many, 3, orders=1, seed=seed).accuracy for seed in range(5)}) > 1
    assert stopped(many, Random(), orders=3) == stopped(many, Random(), orders=3)


def test_stopping_pays_for_unreadable_replies() -> None:
    """Four equal answers settle the Beta rule; an unreadable one among them is a fifth sample."""
    agreed, broken = stopped([votes(*[0] * 10)], Beta(), orders=1), stopped([votes(None, *[0] * 4)], Beta(), orders=30)

    assert (1.0, 4.0) == (agreed.accuracy, agreed.samples)
    assert 4.0 < broken.samples <= 5.0
    assert stopped([votes(*[0] * 10)], Predictive()).samples <= 10


def test_scores_and_weights() -> None:
    """The best of the readable decides alone; the weighted vote adds up; a tie is shared."""
    one = votes(1, 0, 0, None, scores=(0.5, 0.2, 0.4, 9.0))

    assert 0.0 == best_by_score([one]).accuracy
    assert 1.0 == weighted([one]).accuracy
    assert 0.0 == weighted([one], lambda scores: [score**4 for score in scores]).accuracy
    assert 0.5 == weighted([votes(1, 0, scores=(1.0, 1.0))]).accuracy


def test_learned_weighs_members() -> None:
    """A member that is always with the others outweighs two that agree with nobody."""
    asked = [votes(0, 0, 0, 1 + n % 3, 4 + n % 2, name=str(n)) for n in range(30)]
    score, found = learned(asked)

    assert 1.0 == score.accuracy
    assert found.members[0].weight > found.members[3].weight


def test_what_is_missing_is_said() -> None:
    """A score, a member, a gold answer, samples, questions."""
    bare = Votes("q7", (0, 1), None, members=(None, None), weights=(None, None), scores=(None, 1.0))
    for call, message in (
        (lambda: best_by_score([bare]), "'q7' has a sample without a score"),
        (lambda: weighted([bare]), "'q7' has a sample without a weight"),
        (lambda: learned([bare]), "'q7' has a sample without a member"),
        (lambda: single([bare]), "'q7' has no gold answer"),
        (lambda: majority([bare], 3), "a question has 2"),
        (lambda: majority([bare], 0), "at least 1"),
        (lambda: majority([bare], 1, orders=0), "at least 1 order"),
        (lambda: single([]), "no questions"),
    ):
        with pytest.raises(InputError, match=message):
            call()


@pytest.mark.parametrize("pattern", [(0, 1, 1, None, 0), (2, 2, 1), (0,), (None, 3, 3, 1)])
def test_the_leading_answers_are_those_of_a_vote(pattern: tuple[int | None, ...]) -> None:
    """As `decide` says over ballots with numbers for answers."""
    samples = tuple(Sample(text="" if place is None else f"Answer: {place}") for place in pattern)
    found = read(Record(id="q", question="How many?", kind="number", samples=samples))
    votes = [None if place is None else str(place) for place in pattern]
    decision = decide(ballots(votes, kind="number"), ties="none")

    winners = {decision.winner} if decision.winner is not None else set(decision.ties)
    assert winners == {found.answers[place] for place in leading(found.classes)}
