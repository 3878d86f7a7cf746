"""Flips between rounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import Flips, discordant_p, flips, flips_by_round

ROUNDS = st.lists(st.tuples(*[st.sampled_from([None, 0, 1, True, False])] * 2), max_size=30)


def test_counts() -> None:
    """Each kind of flip, and what is missing on one side."""
    before, after = [0, 0, 0, 1, 1, 0, None, 1], [1, 1, 1, 0, 1, 0, 1, None]
    assert Flips(3, 1, 1, 1, 2, *discordant_p(3, 1)) == flips(before, after)
    assert 6 == flips(before, after).n


@given(ROUNDS)
def test_back_again(rows: list[tuple[float | None, float | None]]) -> None:
    """Backwards, to-right and to-wrong change places."""
    before, after = [one for one, _ in rows], [other for _, other in rows]
    there, back = flips(before, after), flips(after, before)
    assert (there.to_right, there.to_wrong, there.p, there.mid_p) == (back.to_wrong, back.to_right, back.p, back.mid_p)
    assert (there.stayed_right, there.stayed_wrong, there.missing) == (back.stayed_right, back.stayed_wrong, back.missing)
    assert len(rows) == there.n + there.missing


def test_round_by_round() -> None:
    """One count less than rounds; nothing to count is no flip."""
    rounds: list[list[float | None]] = [[0, 1], [1, 1], [1, 0], [None, None]]
    found = flips_by_round(rounds)
    assert [(1, 0), (0, 1), (0, 0)] == [(step.to_right, step.to_wrong) for step in found]
    assert Flips(0, 0, 0, 0, 2, 1.0, 1.0) == found[-1]
