"""Our generated questions about long documents: seeded, right, planted among distractors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contemplate.errors import InputError
from contemplate.experiments.questions import load_questions
from contemplate.types import Question


def held(question: Question) -> int:
    """What the stores hold together that the question names, read from the document."""
    (document,) = question.documents
    article = re.search(r"how many ([a-z ]+?) do(?:es)? the", question.text)
    stores = re.findall(r"[A-Z][a-z]+", question.text.partition(" do")[2])
    assert article is not None
    return sum(int(re.findall(rf"the {store} store holds (\d+) {article[1]}", document.text, re.I)[0]) for store in stores)


@pytest.mark.parametrize("facts", [1, 2, 3])
@pytest.mark.parametrize("tokens", [500, 2000, 24000])
def test_the_gold_answer_stands_in_the_document(tokens: int, facts: int) -> None:
    """Once for each fact; and the document is as long as it was asked for."""
    for question in load_questions(f"builtin:needles?tokens={tokens}&facts={facts}&size=5"):
        assert question.gold == str(held(question))
        assert abs(len(question.documents[0].text) - 4 * tokens) < 400 + 0.1 * tokens
        assert question.documents[0].text.count("has been withdrawn as wrong") == facts
        assert str(question.gold) not in question.text


def test_the_first_of_many_are_the_few() -> None:
    """A question depends on its number alone, and other seeds give others."""
    few, many = load_questions("builtin:needles?size=3"), load_questions("builtin:needles?size=6")

    assert few.questions == many.questions[:3]
    assert few.questions[0] != load_questions("builtin:needles?size=1&seed=1").questions[0]


def test_a_set_with_documents_is_written_and_read(tmp_path: Path) -> None:
    """With the same digest, which the documents are part of."""
    made = load_questions("builtin:needles?tokens=500&size=2")
    made.write(tmp_path / "q.jsonl")

    assert made.questions == load_questions(tmp_path / "q.jsonl").questions
    assert made.digest == load_questions(tmp_path / "q.jsonl").digest
    assert made.digest != load_questions("builtin:needles?tokens=600&size=2").digest


def test_documents_of_rows(tmp_path: Path) -> None:
    """A text is one document; what is no document is refused with its row."""
    file = tmp_path / "q.jsonl"
    file.write_text('{"question": "Why?", "gold": "so", "documents": "All of it."}\n')
    (question,) = load_questions(file)
    assert ("document", "All of it.") == (question.documents[0].name, question.documents[0].text)

    file.write_text('{"question": "Why?", "gold": "so", "documents": [{"text": 3}]}\n')
    with pytest.raises(InputError, match=r"q\.jsonl:1: documents: 1\.name: field required"):
        load_questions(file)


@pytest.mark.parametrize("wrong", ["tokens=100", "facts=4", "size=0", "depth=3"])
def test_what_is_out_of_range_is_refused(wrong: str) -> None:
    """In one line that names the option."""
    with pytest.raises(InputError, match=wrong.partition("=")[0]):
        load_questions(f"builtin:needles?{wrong}")
