"""Whose vote weighs more on a panel, and whose less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.voting.witnesses import NOTHING, Knowledge, Lead, Member
from contemplate.voting.witnesses.panel import HEAVIEST, Panel

chances = st.floats(0.001, 0.999)


def known(lead: float, error: float, accuracy: float = 0.5) -> Knowledge:
    """Two members, of whom one leads by so much."""
    members = {name: Member(accuracy=accuracy, error=0.3) for name in "ab"}
    return Knowledge(accuracy=accuracy, members=members, leads={"a": {"b": Lead(lead=lead, error=error)}})


def test_a_sure_lead_over_the_panel_counts() -> None:
    """Half of that over the other, as the panel is both; less two standard errors."""
    panel = Panel(["a", "b"], known(0.2, 0.02))

    assert panel.taken_accuracy("a") == pytest.approx(0.58)
    assert panel.taken_accuracy("b") == pytest.approx(0.42)
    assert panel.weight("a") > 1 > panel.weight("b")


@pytest.mark.parametrize("name", ["a", "b", "stranger"])
def test_who_is_not_told_apart_weighs_as_all(name: str) -> None:
    """Within two standard errors, or not known."""
    assert Panel(["a", "b"], known(0.2, 0.1)).weight(name) == 1
    assert Panel([], known(0.2, 0.02)).weight(name) == 1
    assert Panel(["a", "b"], NOTHING).weight(name) == 1


@given(lead=st.floats(-1, 1), error=st.floats(0, 1), accuracy=chances)
def test_weights_have_bounds(lead: float, error: float, accuracy: float) -> None:
    """And who leads never weighs less than who is led."""
    panel = Panel(["a", "b"], known(lead, error, accuracy))

    assert 0 <= min(panel.weight("a"), panel.weight("b")) <= max(panel.weight("a"), panel.weight("b")) <= HEAVIEST
    assert (panel.weight("a") - panel.weight("b")) * lead >= 0
