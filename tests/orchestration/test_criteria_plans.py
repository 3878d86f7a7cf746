"""What a plan makes of criteria, and of words that came later: specs are stored and read alike."""

from __future__ import annotations

import json

import pytest

from contemplate import InputError, Orchestrator, Propose, Question, Rank, ScriptedBackend, Strategy, Vote
from contemplate.catalogue import Catalogue
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec

ASKED = Question(text="What is 2 + 2?", kind="number")


def plan(strategy: Strategy | str, **options: object) -> RunSpec:
    """The spec of a run."""
    orchestrator = Orchestrator(["m"], backend=ScriptedBackend("x"), ledger=":memory:")
    return orchestrator.specify(ASKED, strategy, RunOptions(**options))  # type: ignore[arg-type]


def stored(spec: RunSpec) -> RunSpec:
    """The spec as a ledger gives it back."""
    return RunSpec.stored("run", json.loads(spec.model_dump_json()))


@pytest.mark.parametrize("name", Catalogue().names("strategies"))
def test_any_recipe_takes_criteria(name: str) -> None:
    """It ends with the step then, and never without; both are read back as they were."""
    plain, scored = plan(name), plan(name, criteria="correct:3,short:1")

    assert not any(step.do == "assess" for step in plain.strategy.leaves())
    assert [step.do for step in scored.strategy.leaves()].count("assess") == 1
    assert scored.strategy.leaves()[-1].do == "assess"
    assert {"assessor", "criteria-proposer"} == scored.cards.keys() - plain.cards.keys()
    assert [stored(spec).model_dump_json() for spec in (plain, scored)] == [spec.model_dump_json() for spec in (plain, scored)]


def test_a_rank_of_before_held_the_seats_own_replies() -> None:
    """A stored step without the word is read so, and written so; what excludes them says it."""
    steps = {own: plan(Strategy(steps=[Propose(), Rank(own=own), Vote(rule="borda")])) for own in ("include", "exclude")}  # type: ignore[arg-type]
    rows = {own: json.loads(spec.model_dump_json())["strategy"]["steps"][1] for own, spec in steps.items()}

    assert rows == {"include": {"do": "rank"}, "exclude": {"do": "rank", "own": "exclude"}}
    assert {own: stored(spec).strategy.steps[1].own for own, spec in steps.items()} == {  # type: ignore[attr-defined]
        "include": "include",
        "exclude": "exclude",
    }


@pytest.mark.parametrize("given", ["correct", [3], 7, "a:1,a:2"])
def test_bad_criteria_are_refused_before_anything_is_called(given: object) -> None:
    """In one line."""
    with pytest.raises(InputError, match="criteri") as caught:
        plan("single", criteria=given)
    assert "\n" not in str(caught.value)
