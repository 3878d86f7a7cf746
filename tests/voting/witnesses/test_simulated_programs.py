"""Simulated panels that try programs: where these err in their own ways they bring much, and failing ones cost little.

A small version of the second benchmark whose table is in docs/evidence.md.
"""

from __future__ import annotations

from statistics import mean

import pytest

from simulated_panels import CALLS
from simulated_programs import SORTS_OF_PROGRAMS, Programs, panel_of, play

pytestmark = pytest.mark.slow

OWN = Programs("errors of their own", own_errors=True)
FAILING = Programs("fail always", fail=True)


@pytest.mark.parametrize(("programs", "least"), [(OWN, 3), (FAILING, -2)], ids=str)
def test_what_programs_bring(programs: Programs, least: float) -> None:
    """In points against self-consistency with as many calls."""
    gains = [play(programs, 0.6, seed, 100, learned=False) for seed in range(8)]

    assert mean(one.gain for one in gains) > least
    assert all(one.calls <= CALLS for one in gains)


@pytest.mark.parametrize("programs", SORTS_OF_PROGRAMS, ids=lambda programs: programs.name)
def test_a_question_is_drawn_from_its_seed(programs: Programs) -> None:
    """What programs say of it, too."""
    assert panel_of(programs, 0.6, "1")[1] == panel_of(programs, 0.6, "1")[1]
