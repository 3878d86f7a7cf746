"""Debates, searches, teams and judges on record give the published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import dylan_record
import game24
import judge_panels
import recorded_figures as figures


@pytest.mark.parametrize(
    ("subset", "questions", "one", "before", "after", "any_right"),
    [
        ("all", 1666, 38.3, 41.7, 45.0, 55.2),
        ("3-4 agents", 1256, 47.2, 51.5, 55.6, 66.4),
        ("second turn", 659, None, 21.2, 29.0, None),
    ],
)
def test_debates(
    data: Path,
    subset: str,
    questions: int,
    one: float | None,
    before: float,
    after: float,
    any_right: float | None,
) -> None:
    """First answers, their vote, the final vote, any; compared as strings, as the published figures were."""
    found = figures.debate_subsets(data, "strings")[subset]

    assert questions == found["questions"]
    assert found["before"] == pytest.approx(before, abs=0.1)
    assert found["after"] == pytest.approx(after, abs=0.1)
    assert one is None or found["one"] == pytest.approx(one, abs=0.1)
    assert any_right is None or found["any"] == pytest.approx(any_right, abs=0.1)


def test_who_changed_in_debate(data: Path) -> None:
    """Of 659 questions with a second turn 112 were mended and 61 spoiled."""
    found = figures.debate_subsets(data, "strings")["second turn"]

    assert (112, 61) == (found["mended"], found["spoiled"])
    assert found["p"] == pytest.approx(0.00013, abs=0.000005)


def test_debates_by_meaning(data: Path) -> None:
    """Our equality calls more of the recorded answers right, before and after, and leaves less of the gain to the talk."""
    strings, meaning = (figures.debate_subsets(data, source)["3-4 agents"] for source in ("strings", "answers"))

    assert meaning["before"] > strings["before"] + 2
    assert meaning["after"] > strings["after"] + 1
    assert 0 < meaning["after"] - meaning["before"] < strings["after"] - strings["before"]


def test_game_of_24(data: Path) -> None:
    """Chains, votes over expressions and the search, by an exact check that agrees with all 10,500 recorded verdicts."""
    found = figures.game24_figures(data)

    assert found["disagreements"] == 0
    assert found["chain"] == pytest.approx(4.03)
    assert [8, 49, 62, 69] == [found[key] for key in ("vote", "any of 100", "first state", "any of 5")]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("(10-4)*(5-1)", False),
        ("(5*(10-6))+4", True),
        ("5 × (10 − 6) + 4", True),
        ("4+4+5+6+5", False),
        ("24", False),
        ("(10-6)*5+4)", False),
        ("1/0", False),
        ("__import__('os')", False),
        ("9**9**9", False),
        ("(" * 5000, False),
        ("", False),
    ],
)
def test_expressions_are_checked_and_never_run(text: str, right: bool) -> None:
    """The four numbers once each, exactly 24; everything else is wrong."""
    assert right == game24.solves(text, "4 5 6 10")


@pytest.mark.slow
def test_importance_of_agents(data: Path) -> None:
    """Of 2,789 discussions: importance comes out of the grades as recorded, under some order of each reader's sources."""
    found = dylan_record.figures(data)

    assert 2789 == found["questions"]
    assert "70.67" == found["team right, %"]
    assert 592 == found["of these, importance as recorded under some order of the sources"]
    assert "conceptual_physics 10" == found["of these, under none, by subject"]
    assert found["best team of two, ours"] == found["best team of two, recorded"]


def test_judges_are_swayed_by_the_order(data: Path) -> None:
    """From 3 % of the pairs (GPT-4) to 57 % (Falcon)."""
    found = figures.flips(data)

    assert 12 == len(found)
    assert 3 == pytest.approx(found["GPT-4/Swap"])
    assert 57 == pytest.approx(found["Falcon/Swap"])


def test_judges_weighed_by_consistency(data: Path) -> None:
    """On held-out halves above equal and learned weights where one judge is steadier, and not below where none is."""
    found = judge_panels.figures(data)

    for name, panel in found.items():
        gain = 0 if "not GPT-4" in name else 3
        assert panel["consistency"] >= panel["equal"] + gain
        assert panel["consistency"] >= panel["learned"] + gain
    assert found["the ten that are not GPT-4"]["steadiest alone"] < found["the ten that are not GPT-4"]["consistency"] - 5


def test_page_has_the_figures_of_judges(data: Path) -> None:
    """The table of docs/recorded.md is what the command prints."""
    page = (Path(__file__).parents[3] / "docs" / "recorded.md").read_text(encoding="utf-8")

    assert "\n".join(judge_panels.table(data)) in page
