"""Tasks of reasoning-gym: seeded, readable, graded by their own scorers, and none that runs an answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

import pytest

from contemplate.answers import read
from contemplate.experiments.questions import grade, grader, load_questions, stream
from contemplate.experiments.questions.gym_library import REFUSED

Refusal = Callable[..., str]

installed = pytest.mark.skipif(find_spec("reasoning_gym") is None, reason="reasoning-gym is not installed")


@installed
@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("chain_sum", "number"),
        ("fraction_simplification", "number"),
        ("syllogism", "boolean"),
        ("palindrome_partitioning", "json"),
        ("caesar_cipher", "text"),
        ("base_conversion", "text"),
        ("propositional_logic", "text"),
    ],
)
async def test_task(task: str, kind: str) -> None:
    """The kind of the answers is found; what the scorer is asked about is what was generated; a stream is the same."""
    questions = load_questions(f"gym:{task}?size=12&seed=3")
    assert {kind} == {question.kind for question in questions}
    assert list(questions.entries) == list(stream(f"gym:{task}?size=12&seed=3"))
    assert list(questions)[:5] == list(load_questions(f"gym:{task}?size=5&seed=3"))
    own = grader(None, questions)
    assert f"gym:{task}" == own.name
    for question in questions:
        if question.gold is not None:
            assert (await grade(own, question, read(f"Answer: {question.gold}", question))).right
        wrong = read('Answer: "77123"', question)
        assert wrong is None or not (await grade(own, question, wrong)).right


@installed
def test_options_and_versions() -> None:
    """A task takes its own options; the version of the library is kept; seeds share no questions."""
    found = load_questions("gym:chain_sum?size=20&seed=0&min_terms=2&max_terms=2&min_digits=3&max_digits=3")
    assert {3} == {len(question.text.removesuffix(" =").split(": ")[1].split()) for question in found}
    assert ["reasoning-gym"] == list(found.versions)
    other = load_questions("gym:chain_sum?size=20&seed=1&min_terms=2&max_terms=2&min_digits=3&max_digits=3")
    assert set() == {question.text for question in found} & {question.text for question in other}


@installed
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("gym:chain_sun", "no task of reasoning-gym called 'chain_sun'; did you mean 'chain_sum'"),
        ("gym:countdown", "gym:countdown: this task is not used here: its scorer runs what a model wrote as Python code"),
        ("gym:word_ladder", "gym:word_ladder: this task is not used here: its questions are other ones in each process"),
        ("gym:chain_sum?max_term=3", "gym:chain_sum?max_term=3: unknown option 'max_term'; did you mean 'max_terms'? (known: "),
        ("gym:chain_sum?size=0", "gym:chain_sum?size=0: size: a whole number from 1 to 100,000 is wanted, not '0'"),
        (
            "gym:chain_sum?min_terms=9",
            "gym:chain_sum?min_terms=9: making the task: AssertionError: max_terms must be >= min_terms",
        ),
        ("gym:chain_sum?min_terms=few", "gym:chain_sum?min_terms=few: making the task: TypeError: "),
        ("gym:mini_sudoku", "gym:mini_sudoku: question 1: its right answer '"),
        (
            "gym:game_of_life_halting",
            "gym:game_of_life_halting: question 1: the scorer of this task takes nonsense for right",
        ),
    ],
)
def test_task_is_refused(refusal: Refusal, source: str, expected: str) -> None:
    """One line says which option, or why a task is not used."""
    line = refusal(source)
    assert expected == line[: len(expected)]


def test_library_is_missing(monkeypatch: pytest.MonkeyPatch, refusal: Refusal) -> None:
    """Without the library, the extra is named."""
    monkeypatch.setattr("contemplate.experiments.questions.gym_library.find_spec", lambda _: None)
    expected = "gym:chain_sum: its tasks need reasoning-gym: pip install 'contemplate-ai[experiments]'"
    assert expected == refusal("gym:chain_sum")


def test_library_is_imported_when_it_is_needed() -> None:
    """Reading other questions does not import it."""
    code = "import sys, contemplate.experiments.questions as q; q.load_questions('builtin:mixed')"
    code += "; print('reasoning_gym' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "False" == printed.stdout.strip()


AUDIT = """
import json, sys
import anyio
import contemplate.experiments.questions as q
from contemplate.answers import read
from contemplate.errors import InputError
from contemplate.experiments.questions.gym_library import library

MARK = "771771"
HOSTILE = [f"[{MARK}]", f"[[{MARK}]]", f"{MARK} + 1", f"({MARK})", f"{MARK}*x", f"['{MARK}']", f"_ {MARK}"]
compiled = []
sys.addaudithook(lambda name, args: compiled.append(str(args)) if name == "compile" and MARK in str(args) else None)

async def score(questions):
    own = q.grader(None, questions)
    for question in questions:
        for text in HOSTILE:
            await q.grade(own, question, read(f"Answer: {text}", question))

found = {}
for task in sorted(library("test").DATASETS):
    try:
        questions = q.load_questions(f"gym:{task}?size=24&seed=5")
    except InputError:
        continue
    compiled.clear()
    anyio.run(score, q.QuestionSet.gathered("few", list(questions.entries)[:3], grader=questions.grader))
    found[task] = [questions.digest, len(compiled)]
print(json.dumps(found))
"""


def audited(seed: str) -> dict[str, list[object]]:
    """For each task that can be used, the digest of its questions, and how many answers its scorer compiled."""
    environment = os.environ | {"PYTHONHASHSEED": seed}
    command = [sys.executable, "-W", "ignore", "-c", AUDIT]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(printed.stdout)  # type: ignore[no-any-return]


@installed
@pytest.mark.slow
def test_no_scorer_runs_an_answer_and_questions_are_the_same_elsewhere() -> None:
    """Of all tasks that the library has and that are not refused: a new version with another such task is found here."""
    one, other = audited("0"), audited("1")
    assert one == other
    assert {0} == {compiled for _, compiled in one.values()}
    assert len(one) > 60
    assert set() == set(REFUSED) & set(one)
