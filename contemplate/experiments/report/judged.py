"""What a judge says of the answers to open questions: tables and lines."""

from __future__ import annotations

from collections.abc import Iterator

from contemplate.analysis.statistics import Interval, LengthControlled
from contemplate.experiments.comparison import Comparison
from contemplate.experiments.pairwise.preference import Pairwise, PositionBias, Preference
from contemplate.experiments.report.table import NONE, Table, figure, percent, span

_EVEN = 0.5

_MOST = 6
"""So many pairs are told in words."""

_FEW = 0.1
"""Where a strategy's answers are the shorter, or the longer ones, in fewer questions than that, equal length is out of sight."""


def preferences(comparison: Comparison) -> Table:
    """Who is preferred in each pair, as it is and at equal length."""
    found = comparison.pairwise
    rows = [] if found is None else [(*_names(comparison, one), *_preferred(one)) for one in found.preferences]
    columns = ("n", "wins", "losses", "ties", "unread", "win rate", "interval", "at equal length", "interval ")
    note = "" if found is None else _how_preferred(comparison, found)
    return Table("Preferred by the judge", ("strategy", "against", *columns), tuple(rows), note, words=2)


def _preferred(one: Preference) -> tuple[str, ...]:
    counts = tuple(f"{count:,}" for count in (one.n, one.wins, one.losses, one.ties, one.unread))
    intervals = (one.interval, one.controlled and one.controlled.interval)
    rate, controlled = percent(one.win_rate), percent(one.controlled.value if one.controlled else None)
    shown, shown_controlled = (span(interval) if interval else NONE for interval in intervals)
    return (*counts, rate, shown, controlled, shown_controlled)


def _how_preferred(comparison: Comparison, found: Pairwise) -> str:
    one = next((one for one in found.preferences if one.controlled and one.interval), None)
    if one is None or one.controlled is None or one.interval is None:
        return "n = 0 questions with a judgement"
    level = f"{100 * one.interval.level:.4g}%"
    repeats = comparison.standings[0].repeats
    grouped = one.controlled.clusters < one.controlled.n
    how = "Wilson's" if repeats == 1 and not grouped else "Student's t"
    asked = "" if repeats == 1 else f", each asked {repeats} times and scored with the mean"
    return (
        f"n = open questions with a judgement{asked}; {found.judge} as {found.card} saw each pair of answers without names and "
        "in both orders; wins: for the strategy; ties: the choice changed with the order, or neither was better; unread: no "
        f"choice, and no judgement; win rate: ties half, {level} interval ({how}); at equal length: by a logistic regression on "
        f"the difference of lengths, bootstrap of {one.controlled.draws:,} draws"
    )


def lengths_and_order(comparison: Comparison) -> Table:
    """What else may have decided: lengths, the order, and answers that are missing or the same."""
    found = comparison.pairwise
    rows = [] if found is None else [(*_names(comparison, one), *_behind(one)) for one in found.preferences]
    columns = (
        "length",
        "other's",
        "longer",
        "shorter",
        "judged",
        "order changed it",
        "took A",
        "took B",
        "same text",
        "no answer",
    )
    note = (
        "length: mean characters where both have an answer; longer, shorter: questions on which the strategy's answer is; n = "
        "judged: pairs read in both orders; order changed it: the share in which the other order brought another choice; took "
        "A, took B: those in which the answer shown first, or second, was chosen both times; same text: ties without a call; no "
        "answer: an abstention or a failed run, which loses without a call against an answer"
    )
    return Table("Lengths, and what the order does", ("strategy", "against", *columns), tuple(rows), note, words=2)


def _behind(one: Preference) -> tuple[str, ...]:
    lengths = (NONE, NONE) if one.lengths is None else tuple(map(figure, one.lengths))
    by_length = (NONE, NONE) if one.controlled is None else (f"{one.controlled.longer:,}", f"{one.controlled.shorter:,}")
    order = one.order
    changed = (percent(order.changed / order.n) if order.n else NONE, f"{order.took_a:,}", f"{order.took_b:,}")
    return (*lengths, *by_length, f"{order.n:,}", *changed, f"{one.same_text:,}", f"{one.no_answer:,}")


def own_panels(comparison: Comparison) -> Table:
    """How answers of panels with the judge's model stand beside those of the others."""
    found = comparison.pairwise
    rows = [
        (one.panel, "yes" if one.has_judge else "no", f"{one.n:,}", percent(one.win_rate))
        for one in (found.panels if found else ())
    ]
    note = (
        "n: judgements of answers of the panel against those of other panels, all strategies together; win rate: ties half. "
        "Better answers and a judge that prefers its own (arXiv:2404.13076) look alike here: a judge on no panel tells them apart"
    )
    return Table("Panels with the judge's model", ("panel", "has the judge", "n", "win rate"), tuple(rows), note, words=2)


def judged(comparison: Comparison) -> Iterator[str]:
    """The findings of the judging, a line each."""
    found = comparison.pairwise
    if found is None:
        return
    for one in found.preferences[:_MOST]:
        yield _finding(comparison, one)
    if more := len(found.preferences[_MOST:]):
        yield f"{more:,} more pairs of strategies were judged; they stand in the table."
    if found.on_panels:
        yield _own(found)
    if order := _biased(found.order):
        yield order
    if unread := sum(one.unread for one in found.preferences):
        yield f"{unread:,} pairs of answers have no judgement, as the judge's choice can't be read; they count for neither."


def _finding(comparison: Comparison, one: Preference) -> str:
    first, second = _names(comparison, one)
    if one.win_rate is None or one.interval is None or one.controlled is None:
        return f"{first} against {second}: no judgement."
    plain, controlled = _side(one.interval), _side(one.controlled.interval)
    if plain and plain == controlled:
        said = f"{first} is preferred to {second}" if plain > 0 else f"{second} is preferred to {first}"
    else:
        said = f"{first} against {second}: no preference shown{' at equal length' if plain else ''}"
    shown = (
        f"wins {percent(one.win_rate)} {span(one.interval)}, at equal length {percent(one.controlled.value)} "
        f"{span(one.controlled.interval)}"
    )
    return f"{said} ({first} {shown}){_far(one.controlled)}."


def _side(interval: Interval) -> int:
    """1 where all of the interval is above a half, -1 where it is below, else 0."""
    return (interval.low > _EVEN) - (interval.high < _EVEN)


def _far(controlled: LengthControlled) -> str:
    if controlled.longer == controlled.shorter or min(controlled.longer, controlled.shorter) >= _FEW * controlled.n:
        return ""
    return "; one of them is nearly always the longer, so that the rate at equal length is an extrapolation"


def _own(found: Pairwise) -> str:
    where = f"on {'the panel' if len(found.on_panels) == 1 else 'the panels'} {', '.join(found.on_panels)}"
    said = f"The judge {found.judge} is itself {where}: judges tend to prefer answers of their own model (arXiv:2404.13076)"
    if not found.panels:
        return f"{said}; no answers of different panels were compared, so nothing here shows how far."
    shares = [f"{percent(one.win_rate)} of {one.panel}{' (its own)' if one.has_judge else ''}" for one in found.panels]
    return f"{said}. It prefers to those of other panels the answers {', '.join(shares)}."


def _biased(order: PositionBias) -> str:
    if not order.changed:
        return ""
    place = "favours neither place"
    if order.took_a != order.took_b:
        place = f"favours the answer shown {'first' if order.took_a > order.took_b else 'second'}"
    return (
        f"In {percent(order.changed / order.n)} of {order.n:,} pairs the judge's choice changed with the order, which counts as "
        f"a tie; it {place} ({order.took_a:,} to {order.took_b:,})."
    )


def _names(comparison: Comparison, one: Preference) -> tuple[str, str]:
    """Both strategies, with their panels where there are several."""
    if len({standing.panel for standing in comparison.standings}) == 1:
        return one.first, one.second
    return f"{one.first} · {one.first_panel}", f"{one.second} · {one.second_panel}"
