"""Several answers that are accepted, and cells as spreadsheets and people write them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import InputError, Question, ScriptedBackend, solve_sync
from contemplate.experiments.questions import load_questions

SEVERAL: list[tuple[str, object, tuple[str, ...]]] = [
    ("text", ["Paris", "City of Paris"], ("Paris", "City of Paris")),
    ("number", [42, "42.0", 43], ("42", "42.0", "43")),
    ("number", [0.5, "1/2"], ("0.5", "1/2")),
    ("choice", ["A", "C"], ("A", "C")),
    ("date", ["2024-05-01", "1 May 2024"], ("2024-05-01", "1 May 2024")),
    ("boolean", [True], ("true",)),
    ("math", ["x+1", "x+1", "1+x"], ("x+1", "1+x")),
    ("text", ["Paris", "", None], ("Paris",)),
]


def one(folder: Path, row: dict[str, Any], mapping: dict[str, object] | None = None) -> Question:
    """The question of a file with one row."""
    path = folder / "q.jsonl"
    path.write_text(json.dumps(row))
    return load_questions(path, mapping).questions[0]


@pytest.mark.parametrize(("kind", "gold", "accepted"), SEVERAL)
def test_a_list_is_what_is_accepted(tmp_path: Path, kind: str, gold: object, accepted: tuple[str, ...]) -> None:
    """Each of them as text, in its order, once."""
    row = {"question": "q?", "kind": kind, "gold": gold, **({"choices": ["x", "y", "z"]} if kind == "choice" else {})}

    assert one(tmp_path, row).golds == accepted


@pytest.mark.parametrize("said", ["Paris", "city of paris"])
def test_each_is_right(said: str) -> None:
    """Whichever the panel says."""
    question = Question(text="The capital?", gold="Paris", accepted=("City of Paris",))
    right = solve_sync(question, "single", backend=ScriptedBackend(lambda _: f"Answer: {said}"), ledger=":memory:")
    wrong = solve_sync(question, "single", backend=ScriptedBackend(lambda _: "Answer: Rome"), ledger=":memory:")

    assert (right.is_right(), wrong.is_right()) == (True, False)


def test_a_list_inside_of_a_row(tmp_path: Path) -> None:
    """As public sets keep it: a dotted name leads to the list."""
    row = {"question": "The capital?", "answers": {"text": ["Paris", "Paris, France"], "start": [1, 2]}}

    assert one(tmp_path, row, {"gold": "answers.text"}).golds == ("Paris", "Paris, France")


@pytest.mark.parametrize("kind", ["set", "json"])
def test_a_list_that_is_the_answer(tmp_path: Path, kind: str) -> None:
    """Where an answer has several items, a list is one answer."""
    assert one(tmp_path, {"question": "q?", "kind": kind, "gold": [1, 2]}).golds == ("[1,2]",)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ([], "the list of accepted answers is empty"),
        (["", None], "the list of accepted answers is empty"),
        (["42", "many"], "'many' can't be read as number"),
        ([["42"]], "one answer of kind 'number' is wanted"),
        (["42", "Work:\n42"], "looks like a worked solution"),
    ],
)
def test_each_must_be_readable(tmp_path: Path, gold: object, message: str) -> None:
    """One that can't be read is named."""
    with pytest.raises(InputError, match=message):
        one(tmp_path, {"question": "q?", "kind": "number", "gold": gold})


def test_stored_as_before() -> None:
    """A question with one gold answer is stored as it always was."""
    assert list(Question(text="q", gold="1").model_dump()) == ["text", "kind", "choices", "json_schema", "gold", "id"]


@given(st.lists(st.text("abcxyz", min_size=1, max_size=5), min_size=1, max_size=4))
def test_written_and_read_again(tmp_path_factory: pytest.TempPathFactory, golds: list[str]) -> None:
    """A set with accepted answers comes back with the same digest."""
    folder = tmp_path_factory.mktemp("set")
    (folder / "a.jsonl").write_text(json.dumps({"question": "q?", "gold": golds}))
    found = load_questions(folder / "a.jsonl")
    found.write(folder / "b.jsonl")

    assert load_questions(folder / "b.jsonl").digest == found.digest


def table(folder: Path, text: str) -> Path:
    """A file of cells."""
    path = folder / "q.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("length", [131_073, 199_000])
def test_a_long_cell(tmp_path: Path, length: int) -> None:
    """As long as a question may be."""
    path = tmp_path / "q.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["question", "gold"], ["w " * (length // 2), "42"]])

    assert len(load_questions(path).questions[0].text) >= length - 1


@pytest.mark.parametrize(
    "text",
    [
        "question, kind, gold\nq?, number, 42\n",
        'question, kind, gold\n"q?", "number", "42"\n',
        "question ,kind ,gold\nq?,number ,42 \n",
        "question,  kind,  gold\nq?,  number,  42\n",
    ],
)
def test_spaces_about_the_cells(tmp_path: Path, text: str) -> None:
    """They stand there for people."""
    question = load_questions(table(tmp_path, text)).questions[0]

    assert (question.text, question.kind, (question.gold or "").strip()) == ("q?", "number", "42")


def test_a_comma_within_quotes_behind_a_space(tmp_path: Path) -> None:
    """Quotes count, also where a space stands before them."""
    assert load_questions(table(tmp_path, 'question, gold\n"a, b?", "c, d"\n')).questions[0].gold == "c, d"


def test_spaces_within_quotes_are_kept(tmp_path: Path) -> None:
    """What is quoted stands as it is."""
    assert load_questions(table(tmp_path, 'question,gold\n"  indented?",x\n')).questions[0].text == "  indented?"
