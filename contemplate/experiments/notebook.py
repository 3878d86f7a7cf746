"""A comparison as a notebook shows it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from contemplate.text.html import card, element, line, table
from contemplate.text.visible import clipped

if TYPE_CHECKING:
    from contemplate.analysis.statistics import Amounts
    from contemplate.experiments.comparison import Comparison, Standing

_ROWS = 40
"""The most strategies that are shown."""
_NONE = "-"


def comparison_words(comparison: Comparison) -> str:
    """How large a comparison is, in a few words."""
    strategies = len({one.strategy for one in comparison.standings})
    panels = len({one.panel for one in comparison.standings})
    questions = max((one.n for one in comparison.standings), default=0)
    counts = ((strategies, "strateg", "y", "ies"), (panels, "panel", "", "s"), (questions, "graded question", "", "s"))
    words = [f"{count:,} {stem}{one if count == 1 else many}" for count, stem, one, many in counts]
    return ", ".join([*words, *([f"{len(comparison.failures):,} failed runs"] if comparison.failures else [])])


def comparison_html(comparison: Comparison) -> str:
    """A comparison: each strategy with its accuracy and what a question takes, and what so many questions can show."""
    columns = ("strategy", "panel", "n", "accuracy", "interval", "calls", "tokens", "USD")
    counts = (
        (comparison.left_out, "questions left out, as a strategy failed on them"),
        (comparison.without_gold, "questions without a gold answer, which are not graded"),
        (comparison.retried, "runs had failed, and were done again"),
    )
    return card(
        line(element("b", "Comparison"), f": {comparison_words(comparison)}"),
        table(columns, map(_row, comparison.standings[:_ROWS]), more=len(comparison.standings) - _ROWS),
        line("calls, tokens, USD: mean of a question", dim=True),
        line(str(comparison.power) if comparison.power is not None else "", dim=True),
        *(line(f"{count:,} {words}", dim=True) for count, words in counts if count),
    )


def _row(one: Standing) -> tuple[str, ...]:
    interval = one.interval
    graded = bool(one.n) and not isnan(interval.low)
    return (
        clipped(one.strategy, 120),
        clipped(one.panel, 120),
        f"{one.n:,}",
        f"{one.accuracy.value:.1%}" if one.n else "no gold",
        f"[{100 * interval.low:.1f}, {100 * interval.high:.1f}]" if graded else _NONE,
        _mean(one.calls, ".1f"),
        _mean(one.tokens, ",.0f"),
        _mean(one.usd, ".4f"),
    )


def _mean(found: Amounts | None, form: str) -> str:
    return _NONE if found is None else format(found.mean, form)
