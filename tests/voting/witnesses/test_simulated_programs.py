"""Simulated panels that try programs: where these err in their own ways they bring much, and failing ones cost little.

A small version of the second benchmark whose table is in docs/evidence.md.
"""

from __future__ import annotations

from statistics import mean

import pytest

from contemplate.voting.witnesses import NOTHING
from simulated_panels import CALLS
from simulated_programs import PROGRAM, SORTS_OF_PROGRAMS, Begin, Programs, decided, play

pytestmark = pytest.mark.slow

OWN = Programs("errors of their own", own_errors=True)
FAILING = Programs("fail always", fail=True)


@pytest.mark.parametrize(
    ("programs", "price", "least"),
    [(OWN, 1, 3), (OWN, 2, 2), (FAILING, 1, -2)],
    ids=["own errors", "own errors at twice the tokens", "failing"],
)
def test_what_programs_bring(programs: Programs, price: float, least: float) -> None:
    """In points against self-consistency with as many calls, or as many tokens."""
    played = [play(Begin(programs, 0.6, seed, price), 100, learned=False) for seed in range(8)]

    assert mean(one.gain for one in played) > least


def test_worse_programs_cost_less_where_they_take_more_tokens() -> None:
    """Fewer of them are asked for than every second answer."""
    worse = Programs("worse", 0.15)
    gains = [
        mean(play(Begin(worse, 0.45, seed, 2, every_second), 100, learned=False).gain for seed in range(8))
        for every_second in (False, True)
    ]

    assert gains[0] > gains[1]


@pytest.mark.parametrize("programs", [OWN, FAILING], ids=["own errors", "failing"])
@pytest.mark.parametrize("every_second", [False, True])
def test_a_panel_keeps_to_its_calls(programs: Programs, *, every_second: bool) -> None:
    """Repairs counted; and where a program takes twice the tokens fewer are asked for."""
    panels = [Begin(programs, 0.45, 1, 2, every_second).panel(number) for number in range(50)]
    for panel in panels:
        decided(panel, NOTHING)
    assert all(panel.calls <= CALLS for panel in panels)
    for panel in panels:
        written = sum(who == PROGRAM for who, _ in panel.said)
        chains = len(panel.said) - written
        assert written <= chains
        assert every_second or 2 * (written - 1) <= chains


@pytest.mark.parametrize("programs", SORTS_OF_PROGRAMS, ids=lambda programs: programs.name)
def test_a_question_is_drawn_from_its_seed(programs: Programs) -> None:
    """What programs say of it, too."""
    begin = Begin(programs, 0.6, 1)
    assert begin.panel(1) == begin.panel(1)
    assert begin.panel(1).chains != begin.panel(2).chains
