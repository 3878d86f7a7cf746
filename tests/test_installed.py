"""Verbs, rules and strategies of other packages: a small package is put on the path, as an installer would."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contemplate import InputError, Propose, ScriptedBackend, Strategy, Vote, solve_sync
from contemplate.catalogue import Catalogue
from contemplate.catalogue.recipe import dump, load
from contemplate.errors import RecipeError, UnknownNameError
from contemplate.installed import installed, installed_names
from contemplate.steps import verb
from contemplate.types import Answer, Ballot
from contemplate.voting import decide, find_rule, rule_names

CODE = '''
from fractions import Fraction
from typing import ClassVar, Literal

from contemplate import Propose, Step, Strategy, Vote
from contemplate.voting import Count


class Last:
    """The answer that was named last wins."""

    name = "last"
    summary = "the answer that was named last wins"
    reference = "nobody"
    form = "choice"
    weighted = False
    default_threshold = None

    def count(self, poll):
        scores = tuple(Fraction(option + 1) for option in range(poll.options))
        return Count(scores, (poll.options - 1,))


class Hold(Step):
    """Leaves the panel as it is; its fields are called as those of other steps are."""

    needs_positions: ClassVar[bool] = False

    do: Literal["hold"] = "hold"
    seats: int = 9
    logprobs: int = 5
    voters: str = "learned"
    until: str = "noon"

    async def __call__(self, run, panel):
        return panel


strategy = Strategy(summary="Three, and the last wins.", steps=[Propose(seats=3), Vote(rule="last")])
recipe = "parameters: {seats: 2}\\nsteps: [{do: propose, seats: $seats}, {do: vote}]"
nothing = 42
'''
ENTRY_POINTS = """
[contemplate.steps]
hold = house_guest:Hold
no-step = house_guest:nothing

[contemplate.rules]
last = house_guest:Last
no-rule = house_guest:nothing
plurality = house_guest:Last
broken = house_guest_that_is_not_there:Rule

[contemplate.strategies]
last-of-three = house_guest:strategy
some = house_guest:recipe
no-strategy = house_guest:nothing
single = house_guest:recipe
"""


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package that brings some of each."""
    info = tmp_path / "house_guest-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-guest\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    (tmp_path / "house_guest.py").write_text(CODE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield
    sys.modules.pop("house_guest", None)


def test_names_are_found_without_an_import() -> None:
    """All of a group, sorted."""
    assert {"last", "no-rule", "broken"} <= set(installed_names("contemplate.rules"))
    assert "house_guest" not in sys.modules


def test_what_nobody_declares_is_none() -> None:
    """No error: whoever asked knows what else there is."""
    assert installed("contemplate.rules", "of-nobody") is None


def test_an_installed_rule_counts() -> None:
    """It may be given as a class; all that rules share is done for it."""
    ballots = [
        Ballot(seat=value, turn=value, answer=Answer(kind="choice", text=value, value=value, how="stated")) for value in "AAB"
    ]

    decision = decide(ballots, rule="last")

    assert (decision.rule, decision.winner, decision.dissent) == ("last", "B", ("A",))
    assert decision.margin == pytest.approx(1 / 3)


def test_ours_goes_before_one_of_the_same_name() -> None:
    """So an installed package can't change what a recipe of ours does."""
    assert find_rule("plurality").form == "choice"
    assert find_rule("plurality").summary != find_rule("last").summary
    assert rule_names().count("plurality") == 1


def test_a_recipe_may_use_an_installed_rule() -> None:
    """In a run, from a recipe's text."""
    strategy = load("steps: [{do: propose, seats: 3}, {do: vote, rule: last}]")

    outcome = solve_sync(
        "2 + 2?", strategy, backend=ScriptedBackend(["Answer: 4", "Answer: 4", "Answer: 5"]), answer="number", ledger=":memory:"
    )

    assert outcome.answer == "5"


def test_an_unknown_rule_names_the_installed_ones_too() -> None:
    """With the words allowed, as ever."""
    with pytest.raises(RecipeError, match=r"unknown rule 'lsat'; did you mean 'last'\? \(allowed: plurality, .*last.*, best\)"):
        load("steps: [{do: propose}, {do: vote, rule: lsat}]")


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda: find_rule("no-rule"), "the voting rule 'no-rule' of an installed package is no `contemplate.voting.Rule`"),
        (lambda: find_rule("broken"), "house_guest_that_is_not_there"),
        (lambda: Vote(rule="no-rule", voters="confidence"), "the voting rule 'no-rule'"),
        (lambda: verb("no-step"), "the verb 'no-step' of an installed package is no class of `contemplate.Step`"),
        (lambda: Catalogue().recipe("no-strategy"), "the strategy 'no-strategy' of an installed package is neither"),
    ],
)
def test_what_is_not_what_it_should_be(ask: Callable[[], object], problem: str) -> None:
    """One line that names it."""
    with pytest.raises(InputError, match=problem):
        ask()


def test_an_unknown_rule_is_unknown() -> None:
    """As one that was never heard of."""
    with pytest.raises(UnknownNameError, match="no voting rule called 'lats'; did you mean 'last'"):
        find_rule("lats")


def test_an_installed_strategy_is_in_the_catalogue() -> None:
    """By its name, with a recipe that says what it does."""
    recipe = Catalogue().recipe("last-of-three")

    assert {"last-of-three", "some"} <= set(Catalogue().names("strategies"))
    assert (recipe.name, recipe.summary) == ("last-of-three", "Three, and the last wins.")
    assert recipe.strategy().steps == (Propose(seats=3), Vote(rule="last"))


def test_an_installed_strategy_may_have_parameters() -> None:
    """Where it is the text of a recipe."""
    assert Catalogue().recipe("some").strategy({"seats": 7}).seats == 7


def test_ours_goes_before_a_strategy_of_the_same_name() -> None:
    """As with rules."""
    assert not Catalogue().recipe("single").parameters


def test_an_unknown_strategy_names_the_installed_ones_too() -> None:
    """The nearest names, whoever brings them."""
    with pytest.raises(UnknownNameError, match="did you mean 'last-of-three'"):
        Catalogue().recipe("last-of-thre")


def test_a_verb_whose_fields_are_called_as_ours_asks_for_nothing() -> None:
    """What a step asks for it says by what `Step` declares, not by how its fields happen to be called."""
    strategy = load("steps: [{do: propose, seats: 3}, {do: hold, seats: 5, until: dusk}, {do: vote}]")

    assert (strategy.seats, strategy.logprobs, strategy.learns) == (3, 0, False)
    assert load(dump(strategy)) == strategy.model_copy(update={"digest": load(dump(strategy)).digest})


def test_an_unknown_verb_names_the_installed_ones_too() -> None:
    """With the words allowed."""
    with pytest.raises(RecipeError, match="hold"):
        load("steps: [{do: propose}, {do: holt}]")


def test_a_strategy_in_python_takes_an_installed_rule() -> None:
    """Checked when it is built."""
    assert Strategy(steps=[Propose(seats=3), Vote(rule="last")]).quorum == 1


def test_a_package_that_comes_meanwhile_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found before is gone through again where a folder of the path has changed."""
    monkeypatch.syspath_prepend(tmp_path)
    assert "late" not in installed_names("contemplate.rules")
    declared = tmp_path / "late-1.dist-info"
    declared.mkdir()
    (declared / "METADATA").write_text("Name: late\nVersion: 1\n")
    (declared / "entry_points.txt").write_text("[contemplate.rules]\nlate = late:rule\n")

    assert "late" in installed_names("contemplate.rules")
    with pytest.raises(InputError, match="'late'"):
        installed("contemplate.rules", "late")
