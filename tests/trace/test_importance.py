"""Importance of agents: a discussion by hand, grades out of replies, and teams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents.parsing import read_grades
from contemplate.errors import InputError
from contemplate.trace.importance import Reader, best_team, importance, total


def test_by_hand() -> None:
    """Two of three readers hold the answer; what they graded highly mattered."""
    sources = ("a", "b", "c")
    first = {agent: Reader() for agent in sources}
    second = {"a": Reader(sources, (5, 3, 2)), "b": Reader(sources, (1, 1, 2)), "c": Reader(sources, (5, 5, 5))}

    found = importance([first, second], ["a", "b"])

    assert {"a": 0.5, "b": 0.5, "c": 0.0} == found[1]
    assert {"a": 0.375, "b": 0.275, "c": 0.35} == pytest.approx(found[0])
    assert {"a": 0.875, "b": 0.775, "c": 0.35} == pytest.approx(total(found))


@pytest.mark.parametrize("grades", [(), (0, 0), (5,), (1, 2, 3)])
def test_grades_that_cannot_be_used_are_equal_ones(grades: tuple[float, ...]) -> None:
    """None, all zero, too few or too many."""
    assert {"a": 0.5, "b": 0.5} == Reader(("a", "b"), grades).shares


@given(st.integers(1, 4), st.integers(1, 5), st.data())
def test_every_round_adds_up_to_one(rounds: int, agents: int, data: st.DataObject) -> None:
    """Importance is passed on, and neither made nor lost."""
    names = tuple(map(str, range(agents)))
    grades = st.tuples(*[st.integers(0, 5)] * agents)
    talk = [dict.fromkeys(names, Reader())]
    talk += [{name: Reader(names, data.draw(grades)) for name in names} for _ in range(rounds - 1)]

    for one in importance(talk, names[: data.draw(st.integers(1, agents))]):
        assert sum(one.values()) == pytest.approx(1)


def test_agents_drop_out() -> None:
    """A ranker keeps one of three for the last round; it alone passes importance back."""
    first = {agent: Reader() for agent in "abc"}
    found = importance([first, {"b": Reader(("a", "b", "c"), (4, 0, 4))}], ["b"])

    assert [{"a": 0.5, "b": 0.0, "c": 0.5}, {"b": 1.0}] == found


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Scores: [[3, 5, 4]]", (3, 5, 4)),
        ("[[1, 1, 1]] and now [[ 2,9 ,N/A ]]", (2, 5, 0)),
        ("[[3, 5]]", ()),
        ("[[3, 5, ...]]", (3, 5, 0)),
        ("no grades", ()),
        ("[[-3, 1.5, 2]]", (0, 0, 2)),
        ("[[" * 20_000, ()),
        ("[[" + "9" * 150_000 + ",1,1]]", ()),
    ],
)
def test_grades_are_read_from_the_last_brackets(reply: str, expected: tuple[int, ...]) -> None:
    """What is no whole number is 0, above 5 is 5, and another number of grades is none."""
    assert expected == read_grades(reply, 3)


def test_bad_discussions_are_refused() -> None:
    """A winner who was not there, and a source that had not spoken."""
    with pytest.raises(InputError, match="'z' did not speak in the last round"):
        importance([{"a": Reader()}], ["z"])
    with pytest.raises(InputError, match="'a' read 'q'"):
        importance([{"a": Reader()}, {"a": Reader(("q",))}], ["a"])
    assert [] == importance([], [])
    assert [{"a": 0.0}] == importance([{"a": Reader()}], [])


def test_the_best_team() -> None:
    """By mean importance over all questions, equals in their order; a team has somebody in it."""
    questions = [{"a": 1.0, "b": 0.5, "c": 0.2}, {"a": 0.1, "b": 0.6, "c": 0.9}]

    assert ("a", "b") == best_team(questions, 2)
    assert ("a",) == best_team([{"a": 1.0, "b": 1.0}], 1)
    with pytest.raises(InputError, match="at least 1"):
        best_team(questions, 0)
