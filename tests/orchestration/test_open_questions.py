"""What a run of an open question is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from contemplate import Question, ScriptedBackend, solve
from contemplate.agents.card import load_card
from contemplate.errors import InputError
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.orchestrator import Orchestrator

_ASKED = "Should a small startup use PostgreSQL or MongoDB? Explain briefly."
_SHORT = """
summary: One answers.
open: in-full
parameters:
  seats: {default: 1}
steps:
  - {do: propose, seats: $seats}
  - {do: vote}
"""
_IN_FULL = """
summary: Two answer.
parameters:
  seats: {default: 2}
steps:
  - {do: propose, seats: $seats}
  - {do: vote}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two recipes, one of which is for open questions."""
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "short.yaml").write_text(_SHORT, encoding="utf-8")
    (tmp_path / "strategies" / "in-full.yaml").write_text(_IN_FULL, encoding="utf-8")
    return tmp_path


async def test_the_kind_is_told_by_the_words() -> None:
    """A whole reply is the answer to a question that asks for an explanation, and nobody asks whether replies say the same."""
    backend = ScriptedBackend(lambda request: f"PostgreSQL.\n\nIt is safer, says draw {request.draw}.")
    outcome = await solve(_ASKED, "self-consistency", backend=backend, parameters={"seats": 3}, ledger=":memory:")
    assert (outcome.question.kind, outcome.usage.calls) == ("open", 3)
    assert outcome.answer is not None
    assert outcome.answer.startswith("PostgreSQL.\n\nIt is safer")


async def test_the_kind_that_is_said_goes_before_it() -> None:
    """A short answer can be had to any question."""
    outcome = await solve(_ASKED, "single", answer="text", backend=ScriptedBackend(["Answer: PostgreSQL"]), ledger=":memory:")
    assert (outcome.question.kind, outcome.answer) == ("text", "PostgreSQL")


def test_a_recipe_names_the_one_for_open_questions(project: Path) -> None:
    """Its parameters are that one's then."""
    orchestrator = Orchestrator(project=project, ledger=":memory:")
    plans = [orchestrator.specify(Question(text=_ASKED, kind=kind), "short", RunOptions()) for kind in ("open", "text")]
    assert [(plan.strategy.name, plan.strategy.seats) for plan in plans] == [("in-full", 2), ("short", 1)]


def test_a_recipe_that_is_not_there_is_named(project: Path) -> None:
    """The word `open` is checked with the rest of the recipe where it is used."""
    (project / "strategies" / "in-full.yaml").unlink()
    with pytest.raises(InputError, match="in-full"):
        Orchestrator(project=project, ledger=":memory:").specify(Question(text=_ASKED, kind="open"), "short", RunOptions())


def test_a_card_has_words_of_its_own_for_open_questions() -> None:
    """A run keeps those that it needs, and nothing else of the card changes."""
    card = load_card("---\nsummary: Solves.\nopen: Answer in full. {answer_form}\n---\nSolve it. {answer_form}", "solver", "x.md")
    told = [card.for_kind(kind).instruction for kind in ("open", "number")]
    assert told == ["Answer in full. {answer_form}", "Solve it. {answer_form}"]
    assert card.for_kind("number").model_dump() == card.model_dump()
    assert "open" not in card.model_dump()


def test_a_wrong_placeholder_in_them_is_refused() -> None:
    """As one below the front matter is."""
    with pytest.raises(InputError, match=r"x.md:3.*unknown placeholder \{answer\}"):
        load_card("---\nsummary: Solves.\nopen: Answer in full. {answer}\n---\nSolve it.", "solver", "x.md")


@pytest.mark.parametrize("recipe", ["council", "mixture-of-agents"])
async def test_nobody_dissents_from_what_is_written_of_all_replies(recipe: str) -> None:
    """That each seat has words of its own is no disagreement, and nobody was asked whether they agree."""
    backend = ScriptedBackend(lambda request: f"Reply {request.draw} to {len(request.messages[-1].content)} characters.")
    outcome = await solve(_ASKED, recipe, backend=backend, ledger=":memory:")
    assert outcome.decision is not None
    assert (outcome.decision.dissent, outcome.confidence) == ((), 0.5)
