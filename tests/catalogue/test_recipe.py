"""Recipes and strategies: the same thing, written down or built."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from contemplate import Agreement, Critique, InputError, Judge, Propose, Repeat, Revise, Stable, Step, Strategy, Synthesize, Vote
from contemplate.catalogue import Catalogue, builtin
from contemplate.catalogue.recipe import Recipe, dump, load, settings_of
from contemplate.errors import RecipeError, UnknownNameError

DEBATE = """\
summary: x
parameters:
  rounds: 2
  seats: {default: 3, summary: how many}
steps:
  - {do: propose, seats: $seats}
  - do: repeat
    rounds: $rounds
    until: agreement
    steps:
      - {do: revise, sees: peers, topology: ring}
  - {do: vote, rule: majority}
"""


def test_a_recipe_is_a_strategy() -> None:
    """What the YAML says is what the classes hold."""
    strategy = load(DEBATE, settings={"rounds": 4})

    assert strategy.steps == (
        Propose(seats=3),
        Repeat(rounds=4, until="agreement", steps=[Revise(topology="ring")]),
        Vote(rule="majority"),
    )


leaves = st.one_of(
    st.builds(Revise, topology=st.sampled_from(["complete", "ring", "bus"]), history=st.sampled_from(["full", "last"])),
    st.builds(Critique, of=st.sampled_from(["each", "distinct"]), critics=st.integers(1, 3)),
    st.builds(Vote, rule=st.sampled_from(["plurality", "unanimity"]), ties=st.sampled_from(["random", "none"])),
    st.builds(Judge, when=st.sampled_from(["tie", "always"])),
    st.builds(Synthesize),
    st.builds(Propose, seats=st.integers(1, 4), agent=st.sampled_from(["proposer", ("affirmative", "negative")])),
)
stops = st.one_of(st.none(), st.builds(Agreement, share=st.sampled_from([0.5, 1.0])), st.builds(Stable))


def repeats(inner: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    """A `repeat` round some steps."""
    return st.builds(Repeat, times=st.integers(0, 3), until=stops, steps=st.lists(inner, min_size=1, max_size=3))


@given(st.lists(st.recursive(leaves, repeats, max_leaves=6), max_size=4))
def test_strategies_survive_the_trip_through_yaml(steps: list[Step]) -> None:
    """Written down and read back, a strategy is the same but for its digest."""
    try:
        strategy = Strategy(summary="s: 'x' - # no", steps=[Propose(seats=4), *steps])
    except InputError:
        reject()

    assert load(dump(strategy)).model_copy(update={"digest": ""}) == strategy


@pytest.mark.parametrize("name", Catalogue().names("strategies"))
def test_shipped_recipes_hold_together(name: str) -> None:
    """Each loads with its defaults, says what it does, and finds its cards."""
    catalogue = Catalogue()
    recipe = catalogue.recipe(name)

    assert recipe.summary
    assert set(catalogue.cards(recipe.strategy())) == set(recipe.strategy().cards)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "steps:\n  - {do: prpose}\n",
            "r.yaml:2: steps.1: unknown verb 'prpose'; did you mean 'propose'? (allowed: propose, critique,",
        ),
        (
            "steps:\n  - {do: propose, seets: 3}\n",
            "r.yaml:2: steps.1.seets: unknown word 'seets'; did you mean 'seats'? (allowed: do, agent, seats",
        ),
        (
            "steps:\n  - {do: propose}\n  - do: vote\n    rule: plurlity\n",
            "r.yaml:4: steps.2.rule: unknown rule 'plurlity'; did you mean 'plurality'? (allowed: plurality,",
        ),
        ("steps:\n  - do: propose\n    seats: many\n", "r.yaml:3: steps.1.seats: expected a whole number, not 'many'"),
        ("steps:\n  - {seats: 3}\n", "r.yaml:2: steps.1: 'do' is missing"),
        ("steps:\n  - {do: vote}\n", "r.yaml:2: steps.1.do: 'vote' needs answers, and no 'propose' comes before it"),
        ("quorum: 4\nsteps:\n  - {do: propose, seats: 3}\n", "a quorum of 4 can't be reached by 3 seats"),
        ("step:\n  - {do: propose}\n", "r.yaml:1: unknown word 'step'; did you mean 'steps'?"),
        ("summary: x\n", "'steps' is missing"),
        ("steps: []\n", "r.yaml:1: steps"),
        ("- 1\n", "r.yaml:1: expected 'key: value' lines"),
        ("steps:\n  - {do: propose, seats: $n}\n", "r.yaml:2: unknown parameter '$n' (allowed: none: there are no parameters)"),
        (
            "steps:\n  - do: propose\n  - do: repeat\n    times: 1\n    steps:\n      - do: revise\n        topology: circle\n",
            "r.yaml:7: steps.2.steps.1.topology: unknown topology 'circle' (allowed: complete, ring",
        ),
        (
            "steps:\n  - do: propose\n  - do: repeat\n    times: 1\n    until: agrement\n    steps: [{do: revise}]\n",
            "r.yaml:5: steps.2.until",
        ),
        ("steps:\n  - do: propose\n  - {do: repeat, steps: [{do: revise}]}\n", "give either 'times' (passes) or 'rounds'"),
        ("parameters:\n  Seats: 3\nsteps:\n  - {do: propose}\n", "r.yaml:2: a parameter's name is of the form my_name"),
        (
            "parameters:\n  n: {defalt: 3}\nsteps:\n  - {do: propose}\n",
            "r.yaml:2: parameters.n: unknown word 'defalt'; did you mean 'default'?",
        ),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    """One line: the file, the line, the path inside, and the words allowed."""
    with pytest.raises(RecipeError) as caught:
        Recipe(text, "r", "r.yaml")

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("{do: revise, sees: critiques}", "steps.2.sees: 'sees: critiques' needs critiques, and no step before it gives any"),
        ("{do: judge}", "steps.2.when: 'when: tie' needs a decision, and no step before it gives any"),
        ("{do: select, by: score}", "steps.2.by: 'by: score' needs scores, and no step before it gives any"),
        ("{do: score, by: mean}", "steps.2.by: 'by: mean' needs logprobs, and no step before it gives any"),
        ("{do: vote, ties: judge}", "steps.2.ties: 'ties: judge' leaves ties to a step 'judge', and none comes after it"),
        ("{do: vote, voters: score}", "steps.2: the rule 'plurality' goes by heads, so 'voters: score' means nothing"),
        ("{do: revise, topology: layers(7)}", "steps.2.topology: topology layers(7) needs more than 3 seats"),
        ("{do: revise, topology: random(7)}", "steps.2.topology: topology random(7) needs more than 3 seats"),
        ("{do: revise, topology: [[1, 7]]}", "steps.2.topology: topology edge [1, 7] must join two different seats of 1 to 3"),
        ("{do: repeat, times: 0, until: agreement, steps: [{do: revise}]}", "steps.2.times: with 0 passes 'until' is never read"),
        ("{do: repeat, times: 1, until: stable, steps: [{do: revise}]}", "'stable' can never fire: it compares two passes"),
        (
            "{do: repeat, times: 9, until: stable, steps: [{do: critique}]}",
            "needs a step inside the 'repeat' that changes answers",
        ),
        ("{do: repeat, times: 9, until: accepted, steps: [{do: revise}]}", "'accepted' needs a 'verify' with 'shows: reply'"),
        (
            "{do: repeat, times: 2, until: {test: accepted, passes: 5}, steps: [{do: verify, shows: reply}]}",
            "steps.2.until: the stop test 'accepted' can never fire: there are 2 verifications at most, and it takes 5 in a row",
        ),
        (
            "{do: repeat, times: 2, until: judge, steps: [{do: revise}]}",
            "the stop test 'judge' hears two sides, and the panel has 3",
        ),
        ("{do: propose, seats: 3, until: {test: settled, rule: beta}}", "steps.2.until: the stop test 'beta' (threshold 0.95)"),
        ("{do: propose, until: {test: settled, rule: betta}}", "unknown stop rule 'betta'; did you mean 'beta'? (allowed: beta,"),
        ("{do: propose, seats: 3, seats: 4}", "'seats' stands twice"),
        ("{do: dylan, seets: 4}", "steps.2.seets: unknown word 'seets'; did you mean 'seats'? (allowed: do, seats, rounds"),
        ("{do: repeat, times: 1, steps: *all}", "this contains itself, through an alias"),
    ],
)
def test_what_cannot_work(step: str, says: str) -> None:
    """A step that lacks what it needs, a stop test that can't fire, a topology too small: known before anything is called."""
    with pytest.raises(RecipeError) as caught:
        Recipe(f"steps: &all\n  - {{do: propose, seats: 3}}\n  - {step}\n", "r", "r.yaml")

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "r.yaml:" in str(caught.value)


def test_unknown_parameters_and_bad_values() -> None:
    """A parameter that is not there, and one that does not fit, are told apart."""
    recipe = Recipe(DEBATE, "debate", "debate.yaml")

    with pytest.raises(UnknownNameError, match="no parameter of debate called 'ronds'; did you mean 'rounds'"):
        recipe.strategy({"ronds": 3})
    with pytest.raises(RecipeError, match=r"debate.yaml:8: steps.2.rounds: .*greater than or equal to 1.*with rounds=0"):
        recipe.strategy({"rounds": 0})


@pytest.mark.parametrize(("text", "expected"), [("rounds=3", {"rounds": 3}), ("x=a=b", {"x": "a=b"}), ("f=false", {"f": False})])
def test_settings(text: str, expected: dict[str, object]) -> None:
    """NAME=VALUE, the value as YAML reads it; the same twice is the same."""
    assert settings_of([text]) == settings_of([text, text]) == expected


def test_settings_need_a_name_and_a_value() -> None:
    """Anything else is one line."""
    with pytest.raises(InputError, match="--set rounds: expected NAME=VALUE"):
        settings_of(["rounds"])


def test_a_projects_own_files_come_first(tmp_path: Path) -> None:
    """A card of a project replaces the built-in one of that name; nothing else is looked at."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "proposer.md").write_text("---\nsummary: mine\n---\nGo.", encoding="utf-8")

    assert Catalogue(tmp_path).card("proposer").summary == "mine"
    assert Catalogue().card("proposer").summary != "mine"
    assert Catalogue(tmp_path).names("agents") == Catalogue().names("agents")


def test_unknown_names_come_with_the_nearest() -> None:
    """A slip of the finger is pointed out."""
    with pytest.raises(UnknownNameError, match="no strategy called 'multiagent-debat'; did you mean 'multiagent-debate'"):
        Catalogue().recipe("multiagent-debat")


@pytest.mark.parametrize("name", ["../outside", "agents/../../outside", "{tmp_path}/outside"])
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    """A recipe reaches no file beside those of its folders, though one is there."""
    (tmp_path / "project" / "agents").mkdir(parents=True)
    (tmp_path / "outside.md").write_text("---\nsummary: x\n---\nGo.", encoding="utf-8")
    (tmp_path / "outside.yaml").write_text("summary: x\nsteps:\n  - {do: propose}\n", encoding="utf-8")
    catalogue = Catalogue(tmp_path / "project")
    for look_up in (catalogue.card, catalogue.recipe):
        with pytest.raises(UnknownNameError):
            look_up(name.format(tmp_path=tmp_path))


@pytest.mark.parametrize("name", ["Bad.md", "con.md", "two words.md", "9.md"])
def test_names_work_on_every_system(tmp_path: Path, name: str) -> None:
    """What Windows can't hold, or a command line splits, is refused."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / name).write_text("---\nsummary: x\n---\nGo.", encoding="utf-8")

    with pytest.raises(InputError, match="rename it"):
        Catalogue(tmp_path).names("agents")


def test_no_python_in_the_data_folders() -> None:
    """`agents` and `strategies` are data."""
    assert [file for kind in ("agents", "strategies") for file in builtin(kind).rglob("*.py")] == []  # type: ignore[arg-type]
