"""Files of another form: which field is what; and answers that somebody else has read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contemplate.analysis.records import Record, load_records, read
from contemplate.errors import InputError

ROW = {
    "no": 7,
    "prompt": {"text": "What is 6 times 7?"},
    "target": 42,
    "outputs": [{"reply": "Answer: 42", "by": "a", "extra": 1}, {"reply": "Answer: 41", "by": "b"}],
}
MAPPING = {
    "id": "no",
    "question": "prompt.text",
    "gold": "target",
    "samples": "outputs",
    "samples.text": "reply",
    "samples.member": "by",
}


def written(folder: Path, *rows: object) -> Path:
    """A file of these rows."""
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_mapping_says_which_field_is_what(tmp_path: Path) -> None:
    """Nested places too; other fields are left unread, and the kind is the caller's."""
    (record,) = load_records(written(tmp_path, ROW), MAPPING, "number")

    assert ("7", "What is 6 times 7?", "number", "42") == (record.id, record.question, record.kind, record.gold)
    assert ["a", "b"] == [sample.member for sample in record.samples]
    assert frozenset({0}) == read(record).right


def test_bare_texts_are_samples(tmp_path: Path) -> None:
    """A list of texts, and the number of the line as the id where there is none."""
    (record,) = load_records(written(tmp_path, {"question": "6 * 7?", "samples": ["Answer: 42", "x"]}), {}, "number")

    assert ("1", "Answer: 42") == (record.id, record.samples[0].text)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"samples.txt": "reply"}, r"no field of records called 'samples.txt'; did you mean 'samples.text'"),
        ({**MAPPING, "samples.score": "zzz"}, r"fields: samples.score: no field called 'zzz'; known: no, prompt, target"),
        ({**MAPPING, "samples.member": "bye"}, r"rows.jsonl: fields: samples.member: no field called 'bye'; did you mean 'by'"),
        ({**MAPPING, "question": "prompt"}, r"rows.jsonl:1: question: Input should be a valid string"),
        ({**MAPPING, "samples": "output"}, r"rows.jsonl:1: samples: Field required"),
        (None, r"rows.jsonl:1: id: Field required"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_line(tmp_path: Path, mapping: dict[str, str] | None, message: str) -> None:
    """A name that records do not have, and a field that the file does not have."""
    with pytest.raises(InputError, match=message):
        load_records(written(tmp_path, ROW), mapping)


def test_fields_that_are_none_of_ours_are_refused(tmp_path: Path) -> None:
    """Without a mapping, with the line and the field."""
    row = {"id": 1, "question": "?", "samples": [{"text": "", "correct": True}]}
    with pytest.raises(InputError, match=r"rows.jsonl:1: samples.0.correct: no field of a record"):
        load_records(written(tmp_path, row))


def stored(*samples: dict[str, object], gold: str | None = None) -> Record:
    """A record of answers that were read already."""
    return Record.model_validate({"id": "q", "question": "?", "gold": gold, "samples": samples})


def test_stored_answers_are_compared_by_their_characters() -> None:
    """1/2 and 0.5 are two answers, null is none, a number is as good as its text; right is what is the gold answer."""
    votes = read(stored({"answer": "1/2"}, {"answer": 0.5}, {"answer": None}, {"answer": "0.5"}, gold="0.5"))

    assert (0, 1, None, 1) == votes.classes
    assert frozenset({1}) == votes.right


def test_what_was_found_right_goes_before_the_gold_answer() -> None:
    """Also where there is no gold answer; an abstention is never right."""
    flagged = ({"answer": "a", "right": True}, {"answer": "b", "right": False}, {"answer": None, "right": True})

    assert frozenset({0}) == read(stored(*flagged)).right
    assert frozenset({0}) == read(stored(*flagged, gold="b")).right
    assert read(stored({"answer": "a"})).right is None


def test_samples_are_stored_answers_or_replies() -> None:
    """Not both in one record."""
    with pytest.raises(ValueError, match="some have an 'answer' on record"):
        stored({"answer": "a"}, {"text": "Answer: a"})
