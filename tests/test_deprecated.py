"""Old names go on working for one release, and say what the new one is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Literal

import pytest

import contemplate
from contemplate import InputError, Orchestrator, ScriptedBackend, Step
from contemplate.deprecated import renamed
from contemplate.run import Run
from contemplate.steps import Panel


class Thing:
    """Has a new name, and one inside of another."""

    new = 1

    class Inner:
        """Holds one."""

        newer = 2

    inner = Inner()
    __getattr__ = renamed({"old": "new", "older": "inner.newer"})


@pytest.mark.parametrize(("old", "new", "value"), [("old", "new", 1), ("older", "inner.newer", 2)])
def test_an_old_name_is_the_new_one(old: str, new: str, value: int) -> None:
    """It warns once for each use."""
    with pytest.warns(DeprecationWarning, match=f"'Thing.{old}' is called 'Thing.{new}' now"):
        assert value == getattr(Thing(), old)


def test_other_names_are_not_there() -> None:
    """As in any class."""
    with pytest.raises(AttributeError, match="'Thing' object has no attribute 'nothing'"):
        _ = Thing().nothing


def test_a_panel_and_a_run_keep_their_old_names() -> None:
    """A third party's step may say `panel.moved`, `run.live`, `run.camps` and `run.decide`."""
    with pytest.warns(DeprecationWarning, match="with_positions"):
        assert Panel().moved(()) == Panel()  # type: ignore[attr-defined]
    run = Run(None)  # type: ignore[arg-type]
    for old, new in {"live": "answered", "camps": "answer_groups", "decide": "record_decision"}.items():
        with pytest.warns(DeprecationWarning, match=new):
            assert getattr(run, old) == getattr(run, new)


class Even(Step):
    """A step of somebody's, as it was written for the release before."""

    do: Literal["even"] = "even"

    def misfit(self, seats: int) -> tuple[str, str] | None:
        """Odd panels."""
        return ("do", "an even number of seats is needed") if seats % 2 else None

    async def __call__(self, run: Run, panel: Panel) -> Panel:  # noqa: ARG002 - as a step is called
        """Nothing."""
        return panel


def test_a_step_may_still_say_what_does_not_fit() -> None:
    """Under the old name of `problem_with`."""
    with pytest.warns(DeprecationWarning, match="problem_with"):
        assert Even().problem_with(3) == ("do", "an even number of seats is needed")


async def test_an_orchestrator_keeps_its_old_names() -> None:
    """What moved to its runner is found from it; a plan is a spec."""
    async with Orchestrator(["m"], backend=ScriptedBackend(["Answer: 4"]), ledger=":memory:") as orchestrator:
        with pytest.warns(DeprecationWarning, match="specify"):
            plan = orchestrator.plan("2 + 2?", "single", answer="number")  # type: ignore[attr-defined]
        with pytest.warns(DeprecationWarning, match="runner.execute"):
            outcome = await orchestrator.start(plan)  # type: ignore[attr-defined]
        with pytest.warns(DeprecationWarning, match="Orchestrator.run'"):
            record = await orchestrator.find(outcome.run)  # type: ignore[attr-defined]

    assert outcome.answer == "4"
    assert record.run == outcome.run


@pytest.mark.parametrize("name", ["recipes", "forms", "settling", "weighting", "statistics", "backends"])
def test_old_modules_are_found(name: str) -> None:
    """`from contemplate import recipes` finds the module where it is now."""
    with pytest.warns(DeprecationWarning, match=f"contemplate.{name} is contemplate."):
        assert getattr(contemplate, name).__name__.startswith("contemplate.")


async def test_compare_keeps_its_old_arguments() -> None:
    """An argument that is not known any more is not just refused."""
    with pytest.warns(DeprecationWarning, match="'anew' is called 'overwrite' now"), pytest.raises(InputError):
        await contemplate.compare({}, anew=True)  # type: ignore[call-arg]


@pytest.mark.parametrize("function", [contemplate.solve, contemplate.solve_sync, contemplate.stream, Orchestrator.solve])
def test_help_shows_the_arguments(function: Callable[..., object]) -> None:
    """Each with its name and default, and the old ones not at all."""
    parameters = inspect.signature(function).parameters

    assert {"question", "strategy", "answer", "choices", "schema", "parameters", "seed", "budget", "on_event"} <= set(parameters)
    assert parameters["seed"].default == 0
    assert not {"listen", "options"} & set(parameters)
