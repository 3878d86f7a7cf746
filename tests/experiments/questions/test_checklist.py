"""Checklists, and the built-in set of open tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import InputError
from contemplate.answers.wanted import wanted_kind
from contemplate.experiments.questions import Checklist, ChecklistGrader, Fact, Facts, grade, load_questions
from contemplate.experiments.rows import gradable
from contemplate.types import Answer

_CODES = Checklist(
    facts=(
        Fact(fact="404: not found", any=("404 not found", "404 missing")),
        Fact(fact="503: overloaded", any=("503 overload*",)),
    ),
    false=(Fact(fact="404 is an error of the server", any=("404 server error",)),),
)
_GOOD = {
    "http-codes": "301: permanently moved. 302: temporarily elsewhere. 404: page not found. 429: too many requests. 503: the"
    " service is unavailable for now.",
    "tcp-udp": "TCP is connection-oriented and reliable, and keeps data in order. UDP is connectionless. UDP gives no"
    " guarantee of delivery. UDP suits live video.",
    "git-rebase": "A merge joins two histories in a merge commit. A rebase moves your commits onto another base, so it rewrites"
    " history and leaves it linear. On a pushed branch that is dangerous.",
    "leap-years": "Years divisible by 4 are leap years, centuries are not, unless they are divisible by 400. 1900 was not one."
    " 2000 was a leap year. 2024 is a leap year.",
    "photosynthesis": "In the chloroplasts of leaves, sunlight turns water and carbon dioxide into sugar; oxygen is left over.",
    "seasons": "Earth's axis is tilted by 23.5 degrees, so each hemisphere leans towards the sun for half a year. It is a mistake"
    " that distance explains it: the southern hemisphere has the opposite season.",
    "vaccines": "A vaccine shows the immune system a harmless piece of a germ. It makes antibodies and keeps a memory. Protection"
    " fades over time.",
    "compound-interest": "Simple interest is paid on the principal only: 1,150 euros. Compound interest is also paid on interest"
    " already earned, so it is interest on interest: €1,157.63.",
    "ohms-law": "Ohm's law ties voltage, current and resistance: V = I × R. The larger the resistance, the current is inversely"
    " smaller. I = V / R = 5 / 220 = 0.0227 A.",
    "primary-key": "A primary key uniquely identifies a row, and a primary key is not null. A foreign key refers to a row of"
    " another table and keeps referential integrity. An index speeds look-ups up, but an index takes space.",
    "tides": "The moon's gravity raises one bulge facing the moon and one on the opposite side, and the Earth rotates beneath"
    " both. Spring tides come at new and full moon.",
    "sky-blue": "Air molecules scatter light, blue more than red. At sunset light takes a longer path through the air, and red is"
    " left.",
}
_BAD = {
    "http-codes": "404 is a server error.",
    "tcp-udp": "TCP is connectionless and TCP is faster.",
    "leap-years": "1900 was a leap year.",
    "photosynthesis": "Plants take in oxygen and release carbon dioxide.",
    "seasons": "There are seasons because the distance to the sun changes.",
    "sky-blue": "The sky reflects the blue ocean.",
    "compound-interest": "With compound interest you have 1,150 euros.",
}


def test_facts_and_errors_are_found_sentence_by_sentence() -> None:
    """The words of one way to say it stand in one sentence, in whatever order; a beginning counts where "*" says so."""
    found = _CODES.check("Not found is what **404** means. A 503: we are overloaded.")
    assert found == Facts(found=("404: not found", "503: overloaded"), of=2)


def test_words_of_two_sentences_are_no_fact() -> None:
    """Else every text that is long enough would hold every fact."""
    assert _CODES.check("404 is a code. Something was not found.").found == ()


def test_a_heading_belongs_to_what_stands_under_it() -> None:
    """Markdown puts the subject into a heading, or into a line that ends with a colon."""
    assert _CODES.check("### 404\nThe page is missing.\n\n**503**\n- The server is overloaded.").found == (
        "404: not found",
        "503: overloaded",
    )


@pytest.mark.parametrize(
    ("text", "errors"), [("404 is a server error.", 1), ("404 is not a server error.", 0), ("No: 404 is a client error.", 0)]
)
def test_a_denied_error_is_none(text: str, errors: int) -> None:
    """Who says what is wrong does not get it wrong."""
    assert len(_CODES.check(text).false) == errors


@given(st.text(max_size=300))
def test_checking_is_total(text: str) -> None:
    """Any text has so many facts and errors as there are, at most."""
    found = _CODES.check(text)
    assert len(found.found) <= found.of
    assert len(found.false) <= 1


async def test_the_score_is_the_share_of_facts_less_the_errors() -> None:
    """One of two facts and an error leave nothing."""
    questions = load_questions("builtin:open")
    question = questions.questions[0]
    grader = ChecklistGrader({str(question.id): _CODES})
    texts = ("404 means not found.", "404 means not found. 404 is a server error.", "404: not found. 503: overloaded.")
    answers = [Answer(kind="open", text=text, value=text, how="stated") for text in texts]
    scores = [(await grade(grader, question, answer)).score for answer in answers]
    assert scores == [0.5, 0.0, 1.0]


def test_the_built_in_tasks() -> None:
    """40 of them, all open ones by their words, 12 with a checklist by which they are graded; the others are not."""
    questions = load_questions("builtin:open")
    assert isinstance(questions.grader, ChecklistGrader)
    assert [question.id for question in questions if wanted_kind(question.text) != "open"] == []
    assert (len(questions), sum(gradable(question, questions.grader) for question in questions)) == (40, 12)


def test_a_checklist_is_written_and_read_back(tmp_path: Path) -> None:
    """It is part of the set, and of its digest."""
    questions = load_questions("builtin:open")
    questions.write(tmp_path / "open.jsonl")
    assert load_questions(tmp_path / "open.jsonl", gold=None).digest == questions.digest


@pytest.mark.parametrize("task", _GOOD)
def test_a_right_answer_holds_all_facts(task: str) -> None:
    """Each checklist can be satisfied, in plain words, and finds no error in a right answer."""
    grader = load_questions("builtin:open").grader
    assert isinstance(grader, ChecklistGrader)
    checklist = grader.lists[task]
    found = checklist.check(_GOOD[task])
    assert [fact.fact for fact in checklist.facts if fact.fact not in found.found] == []
    assert found.false == ()


@pytest.mark.parametrize("task", _BAD)
def test_a_wrong_answer_is_found_wrong(task: str) -> None:
    """The errors that people make are on the lists."""
    grader = load_questions("builtin:open").grader
    assert isinstance(grader, ChecklistGrader)
    assert grader.lists[task].check(_BAD[task]).false != ()


def test_a_wrong_checklist_is_refused(tmp_path: Path) -> None:
    """With the row and the field."""
    file = tmp_path / "tasks.jsonl"
    file.write_text('{"question": "Why?", "kind": "open", "checklist": {"facts": []}}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"tasks.jsonl:1: checklist: facts: "):
        load_questions(file, gold=None)
