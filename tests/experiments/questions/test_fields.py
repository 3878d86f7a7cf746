"""Mappings: which field of a row is what, and where the answer stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from contemplate.errors import InputError
from contemplate.experiments.questions import Fields, load_questions
from contemplate.types import Question

Write = Callable[[str, str | bytes], Path]
Refusal = Callable[..., str]


@pytest.mark.parametrize(
    ("row", "mapping", "expected"),
    [
        (
            {"problem": "1 + 1?", "answer": "One and one.\n#### 2"},
            {"question": "problem", "gold": "answer", "gold_from": "hashes"},
            Question(text="1 + 1?", kind="number", gold="2"),
        ),
        (
            {"question": "1 + 1?", "solution": r"So \boxed{1}, no, \boxed{2}."},
            {"gold": "solution", "gold_from": "boxed"},
            Question(text="1 + 1?", kind="number", gold="2"),
        ),
        (
            {"question": "1 + 1?", "solution": "First.\nThen.\n2\n"},
            {"gold": "solution", "gold_from": "last-line"},
            Question(text="1 + 1?", kind="number", gold="2"),
        ),
        (
            {"story": "A pen and a pen.", "ask": "How many?", "answers": {"all": [2, "two"]}},
            {"question": ["story", "ask"], "gold": "answers.all.0"},
            Question(text="A pen and a pen.\n\nHow many?", kind="number", gold="2"),
        ),
        (
            {"question": "Which?", "options": ["one", "two"], "label": 1},
            {"choices": "options", "gold": "label", "gold_from": "index"},
            Question(text="Which?", kind="choice", choices=("one", "two"), gold="B"),
        ),
        (
            {"question": "Which?", "options": "one|two", "label": "1"},
            {"choices": "options", "gold": "label", "gold_from": "index-1"},
            Question(text="Which?", kind="choice", choices=("one", "two"), gold="A"),
        ),
        (
            {"question": "Which?", "options": ["A) one", "B) two"], "label": "B"},
            {"choices": "options", "choices_from": "labelled", "gold": "label"},
            Question(text="Which?", kind="choice", choices=("one", "two"), gold="B"),
        ),
        (
            {"question": "Which?", "options": {"A": "one", "B": 2}, "label": "B"},
            {"choices": "options", "gold": "label"},
            Question(text="Which?", kind="choice", choices=("one", "2"), gold="B"),
        ),
        (
            {"question": "Which?", "one": "yes", "two": "maybe", "three": "", "label": "B"},
            {"choices": ["one", "two", "three"], "gold": "label"},
            Question(text="Which?", kind="choice", choices=("yes", "maybe"), gold="B"),
        ),
        (
            {"question": "True?", "gold": True},
            {"gold": "gold"},
            Question(text="True?", kind="boolean", gold="true"),
        ),
        (
            {"question": "Which numbers?", "gold": [1, 2]},
            {"gold": "gold"},
            Question(text="Which numbers?", kind="set", gold="[1,2]"),
        ),
    ],
)
def test_mapping(file: Write, row: dict[str, object], mapping: dict[str, object], expected: Question) -> None:
    """A row of any shape becomes the question that is meant."""
    path = file("a.jsonl", json.dumps(row))
    assert (expected.model_copy(update={"id": "1"}),) == load_questions(path, mapping, kind=expected.kind).questions


def test_what_is_not_mapped_is_not_read(file: Write) -> None:
    """With a mapping, other fields may be there; without the names of id and group they are no id and no group."""
    path = file("a.jsonl", '{"question": "a", "gold": "b", "id": "x", "group": "y", "more": [1]}')
    found = load_questions(path, Fields(gold="gold"))
    assert (["1"], {}) == ([question.id for question in found], found.groups)


def test_id_and_group_and_kind_from_a_row(file: Write) -> None:
    """They may be numbers, and stand in nested fields."""
    path = file("a.jsonl", '{"q": "1 + 1?", "a": 2, "meta": {"n": 17, "topic": "sums"}, "sort": "number"}')
    found = load_questions(path, {"question": "q", "gold": "a", "id": "meta.n", "group": "meta.topic", "kind": "sort"})
    assert ((Question(text="1 + 1?", kind="number", gold="2", id="17"),), {"17": "sums"}) == (found.questions, found.groups)


@pytest.mark.parametrize(
    ("row", "mapping", "expected"),
    [
        ({"q": "a", "a": "b"}, {"question": "q", "gold": "answer"},
         "a.jsonl:1: gold: there is no field 'answer' (there are: q, a)"),
        ({"problem": "a", "answer": "b"}, {"gold": "answer"},
         "a.jsonl:1: question: there is no field 'question' (there are: problem, answer)"),
        ({"question": "a", "answer": "b"}, {"question": "question"},
         "a.jsonl:1: gold: the mapping does not say which field it is"),
        ({"question": "a", "answer": "b"}, {"gold": "answer", "group": "topic"},
         "a.jsonl: mapping: group: none of the 1 rows read has a field 'topic' (there are: question, answer)"),
        ({"question": "a", "answer": "b"}, {"gold": "answer.text"},
         "a.jsonl:1: gold: there is no field 'answer.text'; did you mean 'answer'? (there are: question, answer)"),
        ({"question": "a", "answer": "b"}, {"gold": "answer", "gold_from": "hashes"},
         "a.jsonl:1: gold: there is no '####' with an answer behind it"),
        ({"question": "a", "answer": "b"}, {"gold": "answer", "gold_from": "boxed"},
         r"a.jsonl:1: gold: there is no \boxed{} in it"),
        ({"question": "a", "answer": 2, "o": ["x", "y"]}, {"gold": "answer", "gold_from": "index", "choices": "o"},
         "a.jsonl:1: gold: '2' is not the place of an option, from 0 to 1"),
        ({"question": "a", "answer": "A", "o": ["B) x", "A) y"]}, {"gold": "answer", "choices": "o", "choices_from": "labelled"},
         "a.jsonl:1: choices: 'B) x' should begin with its letter, as 'A)'"),
        ({"question": "a", "answer": "A", "o": {"B": "x"}}, {"gold": "answer", "choices": "o"},
         "a.jsonl:1: choices: an object has the keys A, B, ... in this order, not list ['B']"),
    ],
)  # fmt: skip
def test_mapping_that_does_not_fit(
    file: Write, refusal: Refusal, row: dict[str, object], mapping: dict[str, object], expected: str
) -> None:
    """What the mapping looks for and the row has not is named, with what there is."""
    assert expected == refusal(file("a.jsonl", json.dumps(row)), mapping)


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"answer": "a"}, "mapping: unknown word 'answer' (known: question, gold, gold_from, kind, "),
        ({"golds": "a"}, "mapping: unknown word 'golds'; did you mean 'gold'? (known: "),
        ({"gold": 5}, "mapping: gold: input should be a valid string, not 5"),
        ({"gold": "a", "gold_from": "end"}, "mapping: gold_from: input should be 'whole', 'hashes', 'boxed', "),
    ],
)
def test_mapping_that_is_none(mapping: dict[str, object], expected: str) -> None:
    """A mapping to what questions do not have is refused, with what they have."""
    with pytest.raises(InputError) as caught:
        Fields.of(mapping)
    assert str(caught.value).startswith(expected)


def test_worked_solution_is_no_gold_answer(file: Write, refusal: Refusal) -> None:
    """A text in which the wrong number would be read is refused, and the way out is named."""
    line = refusal(file("a.jsonl", '{"question": "a", "gold": "It is 5.\\n#### 7"}'), kind="number")
    assert "a.jsonl:1: gold: a number is wanted, and this looks like a worked solution: 'It is 5. #### 7'" in line
    assert "`gold_from` says where" in line


def test_field_that_is_empty_in_all_rows_is_there(file: Write) -> None:
    """A column of a CSV file in which nothing stands is still a column."""
    found = load_questions(file("a.csv", "question,gold,topic\na,b,\nc,d,\n"), {"gold": "gold", "group": "topic"})
    assert {} == found.groups
