"""A strategy that takes part, as one text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import ExperimentPlan, InputError
from contemplate.experiments import ArmSpec
from contemplate.experiments.plan import entrants

NAMES = st.from_regex(r"[a-z][a-z-]{0,10}", fullmatch=True)
KEYS = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
MODELS = st.from_regex(r"[a-z]{1,6}(/[a-z0-9.-]{1,8})?(:[0-9]{1,2}b)?", fullmatch=True)


@given(NAMES, st.dictionaries(KEYS, st.integers(0, 99), max_size=3), MODELS | st.none())
def test_what_is_written_is_read(name: str, settings: dict[str, int], model: str | None) -> None:
    """Name, parameters and model come back, in either order."""
    words = ":" + ",".join(f"{key}={value}" for key, value in settings.items()) if settings else ""
    behind = f"@{model}" if model else ""
    expected = ArmSpec(use=name, set=dict(settings), models=(model,) if model else ())

    assert ArmSpec.model_validate(f"{name}{words}{behind}") == expected
    assert ArmSpec.model_validate(f"{name}{behind}{words}") == expected


@given(st.lists(st.tuples(NAMES, st.dictionaries(KEYS, st.integers(0, 99), max_size=3)), min_size=1, max_size=4))
def test_commas_part_strategies_and_their_parameters(them: list[tuple[str, dict[str, int]]]) -> None:
    """A comma before `key=value` goes on with the parameters, any other begins the next strategy."""
    written = [name + (":" + ",".join(f"{key}={value}" for key, value in its.items()) if its else "") for name, its in them]

    assert entrants(",".join(written)) == written


@pytest.mark.parametrize("text", ["./a.yaml", "folder/my-recipe.yaml", "C:\\\\recipes\\\\a.yaml"])
def test_a_path_is_a_name(text: str) -> None:
    """Nothing in it sets anything."""
    assert ArmSpec.model_validate(text) == ArmSpec(use=text)


def test_a_plan_is_kept_as_before() -> None:
    """Where no strategy has models of its own, nothing is said of them."""
    plan = ExperimentPlan(strategies=("single",), questions=("q.jsonl",))

    assert plan.model_dump(mode="json")["strategies"] == [{"use": "single", "set": {}, "name": ""}]
    assert ExperimentPlan.model_validate(plan.model_dump(mode="json")) == plan


def test_the_same_twice_on_one_panel() -> None:
    """Of one label and one panel there is one."""
    with pytest.raises(InputError, match="two strategies are called 'single'"):
        ExperimentPlan.checked(strategies=["single@m", "single"], questions="q.jsonl", models="m")
