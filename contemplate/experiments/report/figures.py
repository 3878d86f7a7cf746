"""The figures of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isnan
from typing import TYPE_CHECKING

from contemplate.analysis.statistics import Calibration, CostPoint, Interval, pareto_front
from contemplate.experiments.comparison import Comparison, Standing
from contemplate.experiments.curve import ORDERS
from contemplate.experiments.report.canvas import COLOURS, FAINT, INK, MARKERS, Drawing, logarithmic, shares, whole_numbers
from contemplate.experiments.report.table import clean
from contemplate.experiments.report.versus import numbered, votes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FEW = 2
"""A line takes as many points."""

_WIDE = 6.4
"""Inches across, of a figure with a legend below."""


def accuracy_by_cost(comparison: Comparison) -> tuple[Drawing, ...]:
    """Accuracy against each kind of cost that is known of all strategies, with intervals and the Pareto front."""
    who = numbered(comparison)
    if not comparison.standings[0].n:
        return ()
    kinds: list[tuple[str, str, list[float]]] = [
        ("calls", "calls a question", [one.calls.mean for _, one in who]),
        ("tokens", "tokens a question", [one.tokens.mean for _, one in who]),
    ]
    prices = [one.usd.mean for _, one in who if one.usd]
    if len(prices) == len(who) and any(prices):  # what is free for all has no axis
        kinds.append(("usd", "US dollars a question", prices))
    one = comparison.standings[0]
    note = (
        f"n = {one.n:,} questions; accuracy with its {100 * one.interval.level:.4g}% interval against the mean cost of a run, "
        "what came from the ledger included; dashed: the Pareto front, which nothing beats in both"
    )
    size = (_WIDE, 3.4 + 0.22 * ((len(who) + 1) // 2))
    return tuple(
        Drawing(f"accuracy-{kind}", f"Accuracy against {label}", note, size, partial(_costs, who, label, costs))
        for kind, label, costs in kinds
    )


def _costs(who: Sequence[tuple[str, Standing]], label: str, costs: Sequence[float], figure: Figure) -> None:
    axes = figure.subplots()
    points = [CostPoint(name, cost, one.accuracy.value) for (name, one), cost in zip(who, costs, strict=True)]
    front = pareto_front(points)
    corners = [(point.cost, point.accuracy) for point in front]
    axes.plot(*zip(*corners, strict=True), color=FAINT, linestyle="--", linewidth=1.2, drawstyle="steps-post", zorder=1)
    here: dict[tuple[str, str], list[int]] = {}
    for index, (point, (name, one)) in enumerate(zip(points, who, strict=True)):
        _with_interval(axes, point.cost, point.accuracy, one.interval, index, name)
        here.setdefault((f"{point.cost:.2g}", f"{point.accuracy:.2f}"), []).append(index)
    for indices in here.values():
        said, at = ", ".join(str(index + 1) for index in indices), points[indices[0]]
        axes.annotate(said, (at.cost, at.accuracy), (6, 5), textcoords="offset points", fontsize=9)
    if min(costs) > 0 and max(costs) / min(costs) > 10:  # noqa: PLR2004 - the cheaper ones would stand in one place
        logarithmic(axes)
    axes.set_xlabel(label)
    _accuracies(axes, [one for _, one in who])
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)


def votes_by_samples(comparison: Comparison) -> tuple[Drawing, ...]:
    """The plurality of k samples at every k, a line for each panel; and the votes that were run."""
    panels: dict[str, list[tuple[int, Standing]]] = {}
    for k, one in votes(comparison):
        panels.setdefault(one.panel, []).append((k, one))
    lines = {panel: points for panel, points in panels.items() if len(points[-1][1].curve) >= _FEW}
    if not lines:
        return ()
    one = comparison.standings[0]
    note = (
        f"n = {one.n:,} questions; line and band: the plurality of k samples of the largest vote, averaged over {ORDERS} random "
        f"orders of them, with its {100 * one.interval.level:.4g}% interval over questions; points: votes that were run, of the "
        "first k samples"
    )
    return (Drawing("votes", "Accuracy of a vote of k samples", note, (_WIDE, 3.6), partial(_votes, lines)),)


def _votes(lines: dict[str, list[tuple[int, Standing]]], figure: Figure) -> None:
    axes = figure.subplots()
    ends = []
    for index, (panel, points) in enumerate(lines.items()):
        curve = points[-1][1].curve
        ks, lows, highs = range(1, len(curve) + 1), [at.interval.low for at in curve], [at.interval.high for at in curve]
        axes.fill_between(ks, lows, highs, color=_colour(index), alpha=0.15, linewidth=0)
        axes.plot(ks, [at.value for at in curve], color=_colour(index), linewidth=1.4, label=clean(f"on {panel}", 36))
        run = [(k, one.accuracy.value) for k, one in points]
        axes.plot(*zip(*run, strict=True), color=_colour(index), marker=_marker(index), linestyle="none", markersize=6)
        ends += [*lows, *highs, *(value for _, value in run)]
    axes.set_xlabel("k, samples a question")
    whole_numbers(axes)
    shares(axes, "accuracy", [end for end in ends if not isnan(end)])
    if len(lines) > 1:
        figure.legend(loc="outside lower center", ncols=2, fontsize=9)


def talk(comparison: Comparison) -> tuple[Drawing, ...]:
    """The figures of what the talk changed: decisions that it turned, and how many seats were right from round to round."""
    who = numbered(comparison)
    turned = [(f"{name}\nn = {one.flips.n:,}", one.flips.to_right, one.flips.to_wrong) for name, one in who if one.flips]
    spoken = [(index, name, one.rounds) for index, (name, one) in enumerate(who) if len(one.rounds) >= _FEW]
    made = []
    if turned:
        note = "n: runs with a first vote, over the answers that agents gave on their own, and a decision, both right or wrong"
        size = (_WIDE, 1.2 + 0.55 * len(turned))
        made.append(Drawing("flips", "Decisions that the talk turned", note, size, partial(_flips, turned)))
    if spoken:
        note = (
            f"n = {comparison.standings[0].calls.n:,} runs; the share of seats' readable answers that is right, all runs together"
        )
        size = (_WIDE, 3.0 + 0.22 * ((len(spoken) + 1) // 2))
        made.append(Drawing("rounds", "Seats that are right, by round", note, size, partial(_rounds, spoken)))
    return tuple(made)


def _flips(turned: Sequence[tuple[str, int, int]], figure: Figure) -> None:
    axes = figure.subplots()
    most = max(max(right, wrong) for _, right, wrong in turned) or 1
    for index, (_, right, wrong) in enumerate(turned):
        axes.barh(index, right, color=COLOURS[0], height=0.6, label="wrong to right" if index == 0 else "")
        axes.barh(
            index, -wrong, color=COLOURS[1], height=0.6, hatch="///", edgecolor="white", label="" if index else "right to wrong"
        )
        axes.text(right + 0.02 * most, index, f"{right:,}", va="center", fontsize=9)
        axes.text(-wrong - 0.02 * most, index, f"{wrong:,}", va="center", ha="right", fontsize=9)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_xlim(-1.15 * most, 1.15 * most)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):,.6g}")
    whole_numbers(axes)
    axes.set_yticks(range(len(turned)), [name for name, _, _ in turned])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("runs")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)


def _rounds(spoken: Sequence[tuple[int, str, Sequence[float]]], figure: Figure) -> None:
    axes = figure.subplots()
    for index, name, found in spoken:
        numbers = range(1, len(found) + 1)
        axes.plot(numbers, found, color=_colour(index), marker=_marker(index), linewidth=1.4, label=name)
    axes.set_xlabel("round")
    whole_numbers(axes)
    shares(axes, "seats that are right", [share for _, _, found in spoken for share in found])
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)


def reliability(comparison: Comparison) -> tuple[Drawing, ...]:
    """Accuracy against confidence, a small diagram for each strategy."""
    found = [(name, one.calibration) for name, one in numbered(comparison) if one.calibration]
    if not found:
        return ()
    note = (
        f"n = {max(one.n for _, one in found):,} answers at most; ten bins of equal width, each a point at its mean confidence "
        "with Wilson's 95% interval; its area grows with its answers; dashed: a confidence that tells the truth"
    )
    down = -(-len(found) // 3)
    return (Drawing("reliability", "Reliability", note, (_WIDE + 0.8, 0.5 + 2.3 * down), partial(_reliability, found, down)),)


def _reliability(found: Sequence[tuple[str, Calibration]], down: int, figure: Figure) -> None:
    across = min(len(found), 3)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for index, axes in enumerate(grid.flat):
        if index >= len(found):
            axes.set_visible(False)
            continue
        name, one = found[index]
        axes.plot((0, 1), (0, 1), color=FAINT, linestyle="--", linewidth=1)
        for row in one.bins:
            low, high = row.accuracy.interval.low, row.accuracy.interval.high
            axes.plot((row.confidence, row.confidence), (low, high), color=COLOURS[0], linewidth=1)
            axes.scatter(row.confidence, row.accuracy.value, s=12 + 90 * row.n / one.n, color=COLOURS[0], zorder=3)
        axes.set_title(clean(name, 30), fontsize=8.5)
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
        axes.set_aspect("equal")
    figure.supxlabel("confidence", fontsize=10)
    figure.supylabel("accuracy", fontsize=10)


def _with_interval(axes: Axes, x: float, y: float, interval: Interval, index: int, name: str) -> None:
    """A point with its interval."""
    if not isnan(interval.low):
        axes.plot((x, x), (interval.low, interval.high), color=_colour(index), linewidth=1.4, alpha=0.8)
    axes.plot(x, y, marker=_marker(index), color=_colour(index), linestyle="none", markersize=7, label=name, zorder=3)


def _accuracies(axes: Axes, who: Sequence[Standing]) -> None:
    """The vertical axis for the accuracies of all of `who`, with their intervals."""
    ends = [end for one in who for end in (one.accuracy.value, one.interval.low, one.interval.high)]
    shares(axes, "accuracy", [end for end in ends if not isnan(end)])


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def _marker(index: int) -> str:
    return MARKERS[index % len(MARKERS)]
