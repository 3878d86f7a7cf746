"""Question files: every form gives the same questions, and what is wrong is said with file, row and field."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.experiments.questions import QuestionSet, load_questions, stream
from contemplate.experiments.questions.rows import MAX_ROW
from contemplate.types import Question

Write = Callable[[str, str | bytes], Path]
Refusal = Callable[..., str]

ROWS = [{"question": f"What is {n} + 1?", "gold": str(n + 1), "kind": "number", "group": "plus"} for n in range(1, 4)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
CSV = "question,gold,kind,group\n" + "".join(",".join(row.values()) + "\n" for row in ROWS)

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip)
texts = st.builds(lambda word, rest: f"{word}\n{rest}", words, words)


@st.composite
def question_sets(draw: st.DrawFn) -> QuestionSet:
    """Some questions of several kinds, with ids and groups."""
    ids = draw(st.lists(words, min_size=1, max_size=8, unique=True))
    questions = []
    for name in ids:
        kind = draw(st.sampled_from(["number", "choice", "json", "boolean"]))
        gold = {"number": str(draw(st.integers())), "choice": draw(st.sampled_from("AB")), "boolean": "yes", "json": '{"a": [1]}'}
        more: dict[str, object] = {"choices": ("one", "two")} if kind == "choice" else {}
        if kind == "json":
            more = {"json_schema": {"type": "object", "required": ["a"]}}
        questions.append(Question(text=draw(texts), kind=kind, gold=gold[kind], id=name, **more))  # type: ignore[arg-type]
    return QuestionSet.of(questions, {name: draw(words) for name in draw(st.sets(st.sampled_from(ids)))})


@given(question_sets(), st.sampled_from(["set.jsonl", "set.jsonl.gz"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_round_trip(tmp_path: Path, questions: QuestionSet, name: str) -> None:
    """A set that was written is read back the same, and streams the same."""
    path = tmp_path / name
    questions.write(path)
    back = load_questions(path)
    assert list(questions.entries) == list(back.entries) == list(stream(path))
    assert questions.digest == back.digest


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", LINES),
        ("a.ndjson", "\n" + LINES.replace("\n", "\r\n\r\n")),
        ("a.jsonl", b"\xef\xbb\xbf" + LINES.rstrip().encode()),
        ("a.jsonl.gz", gzip.compress(LINES.encode(), mtime=0)),
        ("a.json", json.dumps(ROWS, indent=1)),
        ("a.json", LINES),
        ("a.csv", CSV),
        ("a.csv", CSV.replace("\n", "\r\n")),
        ("a.tsv", CSV.replace(",", "\t")),
    ],
)
def test_forms(file: Write, name: str, content: str | bytes) -> None:
    """JSON Lines, a JSON list, CSV and TSV, packed or not, hold the same set."""
    expected = QuestionSet.of(
        [Question(text=row["question"], kind="number", gold=row["gold"]) for row in ROWS], {str(n): "plus" for n in (1, 2, 3)}
    )
    found = load_questions(file(name, content))
    assert list(expected.entries) == list(found.entries)
    assert expected.digest == found.digest


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.jsonl", LINES + '{"question": "?", "kind": "number"}', "a.jsonl:4: gold: there is no field 'gold'"),
        ("a.jsonl", '{"question": "?", "gold": ""}', "a.jsonl:1: gold: it is empty"),
        ("a.jsonl", '{"question": "?", "gold": null}', "a.jsonl:1: gold: it is empty"),
        ("a.jsonl", '{"question": " ", "gold": "1"}', "a.jsonl:1: the question is empty"),
        ("a.jsonl", '{"question": 5, "gold": "1"}', "a.jsonl:1: question: a text is wanted, not int 5"),
        ("a.jsonl", '{"gold": "1"}', "a.jsonl:1: question: there is no field 'question' (there are: gold)"),
        ("a.jsonl", '\n{"id": 1, "question": "a", "gold": "1"}\n\n{"id": "1", "question": "b", "gold": "1"}',
         "a.jsonl:4: id: '1' stands there twice; it was first at "),
        ("a.jsonl", '{"id": [1], "question": "a", "gold": "1"}',
         "a.jsonl:1: id: a text or a whole number is wanted, not list [1]"),
        ("a.jsonl", '{"question": "a", "gold": "1", "grup": "x"}', "a.jsonl:1: unknown field 'grup'; did you mean 'group'?"),
        ("a.jsonl", '{"question": "a", "gold": "1", "gold_from": "x"}', "a.jsonl:1: unknown field 'gold_from'"),
        ("a.jsonl", '{"question": "a", "gold": "1", "kind": "nmber"}',
         "a.jsonl:1: kind: unknown kind of answer 'nmber'; did you mean 'number'?"),
        ("a.jsonl", '{"question": "a", "gold": "many", "kind": "number"}', "a.jsonl:1: gold: 'many' can't be read as number"),
        ("a.jsonl", '{"question": "a", "gold": [[1]], "kind": "number"}',
         "a.jsonl:1: gold: one answer of kind 'number' is wanted, not list [1]"),
        ("a.jsonl", '{"question": "a", "gold": "A", "kind": "choice"}',
         "a.jsonl:1: a question of kind 'choice' needs 2 to 26 choices, and has 0"),
        ("a.jsonl", '{"question": "a", "gold": "1", "kind": "choice", "choices": ["x", "y"]}',
         "a.jsonl:1: gold: '1' can't be read as choice; if it is the place of an option, say `gold_from: index`"),
        ("a.jsonl", '{"question": "a", "gold": "A", "kind": "choice", "choices": 7}',
         "a.jsonl:1: choices: a list is wanted, not int 7"),
        ("a.jsonl", '{"question": "a", "gold": "1", "json_schema": "{"}', "a.jsonl:1: json_schema: it is not JSON"),
        ("a.jsonl", LINES + "{", "a.jsonl:4: it is not JSON: expecting property name"),
        ("a.jsonl", '["question"]', "a.jsonl:1: a question is an object with fields"),
        ("a.jsonl", '{"question": "a", "question": "b"}', "a.jsonl:1: it is not JSON: the field 'question' stands there twice"),
        ("a.jsonl", '{"question": "a", "gold": NaN}', "a.jsonl:1: it is not JSON: NaN is no JSON value"),
        ("a.jsonl", "[" * 100_000, "a.jsonl:1: it is nested too deep"),
        ("a.jsonl", LINES.encode() + b'{"question": "\xff"}', "a.jsonl:4: it is no UTF-8 text: invalid start byte at byte 15"),
        ("a.jsonl", LINES.encode("utf-16"), "a.jsonl:1: it is no UTF-8 text"),
        ("a.jsonl", '{"question": "\\u0000", "gold": "1"}', "a.jsonl:1: the question holds a NUL character"),
        ("a.jsonl", "", "a.jsonl: there are no questions in it"),
        ("a.csv", "question,gold\n", "a.csv: there are no questions in it"),
        ("a.csv", "question,gold\na,1\nb\n", "a.csv:3: there are 1 cells, and 2 columns: question, gold"),
        ("a.csv", "question,gold,gold\na,1,1\n", "a.csv:1: the column 'gold' stands there twice"),
        ("a.csv", 'question,gold\n"a\nb",1\n"c', "a.csv:4: it is not CSV"),
        ("a.json", '{"a": [', "a.json:1: it is not JSON"),
        ("a.json", "5", "a.json:1: a .json file is a list of questions"),
        ("a.json", '[\n{"question": "a", "gold": "1"}\n{"question": "b"}]', "a.json:3: it is not JSON: a ',' or the end"),
        ("a.json", '[{"question": "a", "gold": "1"}]\n!', "a.json:2: there is more behind the end of the list"),
        ("a.json", '[\n{"question": "a", "gold": "1"},\n{"question": "b", "gold": ""}]', "a.json:3: gold: it is empty"),
        ("a.json", b'[\n{"question": "\xff"}]', "a.json:2: it is no UTF-8 text"),
        ("a.txt", LINES, "a.txt: questions are read from .jsonl, .ndjson, .csv, .tsv, .json"),
        ("a.jsonl.gz", gzip.compress(LINES.encode(), mtime=0)[:-12], "a.jsonl.gz: it can't be read: "),
        ("a.jsonl", '{"question": "' + "a" * MAX_ROW + '"}', f"a.jsonl:1: the row is longer than {MAX_ROW:,} bytes"),
        ("a.jsonl", json.dumps({"question": "a" * 200_001, "gold": "1"}), "a.jsonl:1: the question is 200,001 characters long"),
        ("a.jsonl", json.dumps({"question": "a", "gold": "1", "id": "i" * 201}), "a.jsonl:1: id: it is 201 characters long"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(file: Write, refusal: Refusal, name: str, content: str | bytes, expected: str) -> None:
    """One line names the file, the row and the field."""
    line = refusal(file(name, content))
    assert expected == line[: len(expected)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("nowhere.jsonl", "nowhere.jsonl: there is no such file; other sources begin with builtin:, gym:, hf:, inspect:"),
        (".", ".: it is a folder; questions are read from a file (a data set on disk is hf:.)"),
        ("builtin:mixt", "no built-in question set called 'mixt'; did you mean 'mixed'?"),
        ("builtin:mixed?size=3", "builtin:mixed?size=3: unknown option 'size' (known: none)"),
        ("builtin:", "'builtin:': a name is missing behind the colon"),
    ],
)
def test_source_is_refused(refusal: Refusal, source: str, expected: str) -> None:
    """A source that is none is named."""
    assert expected == refusal(source)


def test_options_of_no_use_are_refused(refusal: Refusal, file: Write) -> None:
    """A mapping or a kind for questions that are made in our own form, and a limit of none."""
    assert "a mapping is of no use here" in refusal("builtin:mixed", {"question": "q"})
    assert "'number' is of no use here" in refusal("builtin:mixed", kind="number")
    path = file("a.jsonl", LINES)
    assert "a limit of 0 questions leaves none; the least is 1" == refusal(path, limit=0)
    assert "-1 questions can't be skipped; the least is 0" == refusal(path, skip=-1)


def test_nothing_is_left_after_what_is_skipped(refusal: Refusal, file: Write) -> None:
    """How many questions there are is told."""
    path = file("a.jsonl", LINES)
    there = len(load_questions(path))
    assert f"{path.name}: it has {there} questions, so that none is left after {there}" == refusal(path, skip=there)
    assert len(load_questions(path, skip=there - 1, limit=9)) == 1


def test_gold_may_be_missing_where_none_is_needed(file: Write) -> None:
    """For a grader that needs none, a question has no gold answer."""
    path = file("a.jsonl", '{"question": "a"}')
    assert [None] == [question.gold for question in load_questions(path, gold=False)]
    with pytest.raises(InputError, match="'1': gold: it is missing"):
        load_questions(path, gold=False).need_gold()


def test_errors_of_a_stream_come_when_it_is_their_turn(file: Write) -> None:
    """What stands before a broken row is given."""
    questions = stream(file("a.jsonl", LINES + "{"))
    assert ["1", "2", "3"] == [next(questions).question.id for _ in range(3)]
    with pytest.raises(InputError, match=r"a\.jsonl:4"):
        next(questions)


def test_stream_holds_ids_only(file: Write) -> None:
    """600 questions of 10,000 characters go by in a small part of the memory that they take."""
    row = json.dumps({"question": "a" * 10_000, "gold": "1"})
    path = file("a.jsonl", f"{row}\n" * 600)
    tracemalloc.start()
    count = sum(1 for _ in stream(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 600 == count
    assert peak < 2_000_000


@given(st.binary(max_size=200), st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.tsv", "a.jsonl.gz"]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, name: str) -> None:
    """Whatever stands in a file, it is a set of questions or one line on why not."""
    path = tmp_path / name
    path.write_bytes(content)
    problem = ""
    try:
        problem = "" if len(load_questions(path)) else "empty"
    except InputError as error:
        problem = str(error)
    assert problem.startswith(str(path)) or not problem
    assert "\n" not in problem
