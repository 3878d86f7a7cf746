"""What a notebook shows of a comparison."""

from __future__ import annotations

from contemplate.experiments import Comparison
from contemplate.text.visible import clipped, visible
from shown import harmless


def test_a_comparison(comparison: Comparison, hostile: str) -> None:
    """A row for each strategy; one whose name would be a script is named and does nothing."""
    words = harmless(comparison._repr_html_()).words

    assert words.startswith(f"Comparison: {len({one.strategy for one in comparison.standings})} strategies, 1 panel, 30 graded")
    assert visible(clipped(hostile, 120)) in words
    assert "\u202e" not in words
    for one in comparison.standings:
        assert f"{one.accuracy.value:.1%}[{100 * one.interval.low:.1f}, {100 * one.interval.high:.1f}]" in words
        assert f"{one.calls.mean:.1f}" in words
    assert str(comparison.power) in words


def test_plain(comparison: Comparison) -> None:
    """One line on how large it is."""
    assert repr(comparison) == f"<Comparison: {len(comparison.standings)} strategies, 1 panel, 30 graded questions>"
