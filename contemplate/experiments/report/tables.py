"""The tables of a comparison, each with one line that says of what it is and how it was computed."""

from __future__ import annotations

from contemplate.analysis.statistics import Calibration, calibration_error_interval, wilson
from contemplate.experiments.comparison import Comparison, Standing
from contemplate.experiments.disagreements import called
from contemplate.experiments.report.table import NONE, Table, amounts, figure, percent, points, probability, span
from contemplate.experiments.report.versus import Versus, baseline_of
from contemplate.experiments.rows import MEASURES


def standings(comparison: Comparison) -> Table:
    """Accuracy of each strategy, with what it abstained from and what failed."""
    rows = [
        (
            *_who(comparison, rank, one),
            f"{one.n:,}",
            percent(one.accuracy.value) if one.n else "no gold",
            span(one.interval),
            percent(one.abstained.value),
            f"{one.failed:,}",
            percent(one.first),
        )
        for rank, one in enumerate(comparison.standings, 1)
    ]
    columns = ("n", "accuracy", "interval", "abstained", "failed", "first vote")
    return _of_strategies(comparison, "Accuracy", columns, rows, _how_accurate(comparison))


def _how_accurate(comparison: Comparison) -> str:
    one = comparison.standings[0]
    if not one.n:
        return "n = 0 questions with a gold answer: nothing can be called right; abstained: share of runs; failed: runs"
    asked = "each asked once" if one.repeats == 1 else f"each asked {one.repeats} times and scored with the mean"
    level = f"{100 * one.interval.level:.4g}%"
    if one.interval != one.accuracy.interval:
        how = f"Wilson's {level} interval"
    else:
        grouped = f", clustered in {one.accuracy.clusters:,} groups" if one.accuracy.clusters < one.n else ""
        how = f"{level} interval by Student's t over questions{grouped}"
    of = " that have a gold answer" if comparison.without_gold else ""
    failures = "questions on which one failed count for none" if comparison.left_out else "failures count as wrong"
    return (
        f"n = {one.n:,} questions{of}, {asked}; accuracy: share right in percent, with {how}; abstentions count as wrong, "
        f"{failures}; abstained: share of runs; failed: runs; first vote: accuracy if runs had ended with the vote over their "
        "first, independent answers"
    )


def costs(comparison: Comparison) -> Table:
    """The table of what each strategy takes for a question."""
    known = {
        name: measure
        for name, measure in MEASURES.items()
        if not measure.complete or any(one.taken(name) for one in comparison.standings)
    }
    rows = [
        (*_who(comparison, rank, one), *(amounts(one.taken(name), one.calls.n) for name in known))
        for rank, one in enumerate(comparison.standings, 1)
    ]
    runs = comparison.standings[0].calls.n
    how = f"n = {runs:,} runs each; median (mean, 95th percentile) of a run, calls and tokens taken from the ledger included"
    note = "; ".join((how, *(measure.note for measure in known.values() if measure.note)))
    return _of_strategies(comparison, "What a question takes", tuple(one.heading for one in known.values()), rows, note)


def agreement(comparison: Comparison) -> Table:
    """The table of what can be said where nobody knows what is right; of questions with a gold answer it tells nothing new."""
    rows = []
    for rank, one in enumerate(comparison.standings, 1):
        if (found := one.agreement) is not None and comparison.without_gold:
            split = (percent(found.dissent / found.n), f"{found.voted:,}", f"{found.changed:,}" if found.voted else NONE)
            rows.append((*_who(comparison, rank, one), f"{found.n:,}", percent(found.share), *split))
    note = (
        "n: runs in which several seats had an answer and one won, of all questions; agree: share of these seats that were for "
        "it, on average; dissent: share of runs in which one was for another; voted: runs with a first, independent vote; flips: "
        "those that came to another answer than it. To agree is not to be right"
    )
    return _of_strategies(comparison, "Agreement", ("n", "agree", "dissent", "voted", "flips"), rows, note)


_VERSUS = ("difference", "interval", "bootstrap", "b", "c", "p", "Holm p", "test")


def pairs(comparison: Comparison) -> Table:
    """Every pair of strategies."""
    found = [Versus.of(pair) for pair in comparison.pairs]
    rows = tuple((one.first, one.second, *_versus(one)) for one in found)
    return Table("Differences", ("first", "second", *_VERSUS), rows, _how_compared(comparison), words=2)


def _versus(found: Versus) -> tuple[str, ...]:
    b, c = (NONE, NONE) if found.only is None else (f"{found.only[0]:,}", f"{found.only[1]:,}")
    intervals = (span(found.interval, signed=True), span(found.bootstrap, signed=True))
    shown = (points(found.difference), *intervals, b, c)
    return (*shown, probability(found.p), probability(found.p_holm), found.test)


def _how_compared(comparison: Comparison) -> str:
    if not comparison.pairs:
        return "n = 0 pairs: there is one strategy"
    one = comparison.pairs[0]
    boot = one.bootstrap
    return (
        f"n = {boot.n:,} questions; first less second in percentage points, with its {100 * boot.interval.level:.4g}% interval "
        f"by Student's t and the paired bootstrap's ({boot.method}, {boot.draws:,} draws); b, c: questions that only the first, "
        f"only the second got right; p: exact and two-sided; Holm p: adjusted for all {len(comparison.pairs)} pairs"
        f"{_of_constant(comparison)}"
    )


def _of_constant(comparison: Comparison) -> str:
    """What the intervals are where the first less the second is the same on all questions."""
    if all(pair.difference.standard_error > 0 for pair in comparison.pairs):
        return ""
    return "; where it is the same on all questions, both intervals allow for those that Wilson's of 0 of n may have missed"


def equal_calls(comparison: Comparison) -> Table:
    """Each strategy against self-consistency with the same number of calls."""
    rows = []
    for rank, one in enumerate(comparison.standings, 1):
        baseline = baseline_of(comparison, one)
        found = baseline and Versus.between(comparison, one, baseline)
        if baseline and found:
            calls = (figure(one.calls.mean), figure(baseline.calls.mean))
            rows.append((str(rank), called(comparison, one), called(comparison, baseline), *calls, *_versus(found)))
    columns = ("#", "strategy", "baseline", "its calls", "baseline's", *_VERSUS)
    note = f"calls: mean a question; {_how_compared(comparison).replace('first less second', 'strategy less baseline')}"
    return Table("Against self-consistency at the same number of calls", columns, tuple(rows), note, words=3)


def equal_cost(comparison: Comparison) -> Table:
    """Each strategy against as many independent samples as cost the same."""
    rows = []
    ranks = {one.name: rank for rank, one in enumerate(comparison.standings, 1)}
    for found in comparison.equal_cost:
        one, gap = comparison.standing(found.strategy, found.panel), found.difference
        cost = (found.unit if found.unit == "tokens" else "USD", figure(found.cost), figure(found.samples))
        shown = (points(gap.value), span(gap.interval, signed=True)) if gap else (NONE, NONE)
        rows.append((*_who(comparison, ranks[one.name], one), *cost, percent(one.accuracy.value), percent(found.vote), *shown))
    if not rows:
        return Table("At the same cost", ("strategy",), (), "n = 0: there is no vote of several samples to compare with")
    largest = max(len(one.curve) for one in comparison.standings)
    note = (
        f"n = {comparison.standings[0].n:,} questions; samples: of a self-consistency that costs as much as the strategy; the "
        f"vote's accuracy, from the {largest} samples of the largest that was run; where they don't suffice there is none, as "
        "nothing is extrapolated: give it more seats; difference: strategy less vote in percentage points, with the "
        "interval by Student's t over questions"
    )
    columns = ("unit", "cost", "samples", "accuracy", "the vote's", "difference", "interval")
    return _of_strategies(comparison, "Against self-consistency at the same cost", columns, rows, note)


def flips(comparison: Comparison) -> Table:
    """The table of what the talk changed, in decisions and in seats' answers."""
    rows = []
    for rank, one in enumerate(comparison.standings, 1):
        if one.flips is None and len(one.rounds) < 2:  # noqa: PLR2004 - from one round to another
            continue
        by_round = ", ".join(percent(share) for share in one.rounds)
        found = one.flips
        counts: tuple[str, ...] = (NONE,) * 6
        if found:
            kept = (found.n, found.to_right, found.to_wrong, found.stayed_right, found.stayed_wrong)
            counts = (*(f"{count:,}" for count in kept), probability(found.p))
        rows.append((*_who(comparison, rank, one), *counts, by_round))
    columns = ("n", "to right", "to wrong", "stayed right", "stayed wrong", "p", "seats right by round")
    note = (
        "n: runs with a first vote and a decision, both right or wrong (no answer is wrong); to right, to wrong: decisions that "
        "the talk turned; p: McNemar's exact test; seats right by round: share of their readable answers"
    )
    return _of_strategies(comparison, "Flips", columns, rows, note)


def turned(comparison: Comparison) -> Table:
    """The table of what seats made of their answers when they answered again, round by round."""
    rows = []
    for rank, one in enumerate(comparison.standings, 1):
        for number, found in enumerate(one.turned, 2):
            kinds = (found.to_right, found.to_wrong, found.stayed_right, found.stayed_wrong, found.lost_right, found.lost_wrong)
            if any(kinds):
                rows.append((*_who(comparison, rank, one), *(f"{count:,}" for count in (number, sum(kinds), *kinds))))
    columns = ("round", "n", "to right", "to wrong", "stayed right", "stayed wrong", "lost: was right", "lost: was wrong")
    note = (
        "n: replies of seats that had answered before, all runs together; lost: no answer could be read from the new one; who "
        "had no answer before was wrong; seats of one run are not independent, so there is no test"
    )
    return _of_strategies(comparison, "Seats that answered again", columns, rows, note)


def verdicts(comparison: Comparison) -> Table:
    """The table of how well critics and verifiers tell right answers from wrong ones."""
    rows = []
    for rank, one in enumerate(comparison.standings, 1):
        for verb, found in one.verdicts.items():
            wrong, right = found.faulted_wrong + found.passed_wrong, found.faulted_right + found.passed_right
            rows.append(
                (
                    *_who(comparison, rank, one),
                    verb,
                    f"{wrong + right + found.none:,}",
                    _share(found.faulted_wrong, wrong),
                    _share(found.faulted_right, right),
                    f"{found.none:,}",
                )
            )
    columns = ("step", "n", "of wrong answers", "of right answers", "no verdict")
    note = (
        "n: verdicts that were asked for on single answers, all runs together; of wrong, of right answers: the share that was "
        "found flawed or rejected, with Wilson's 95% interval, as if verdicts were independent; whoever can tell finds fault "
        "with many wrong and few right ones; no verdict: failed, cut off, or unclear"
    )
    return _of_strategies(comparison, "What critics and verifiers find fault with", columns, rows, note)


def _share(part: int, whole: int) -> str:
    if not whole:
        return NONE
    found = wilson(part, whole)
    return f"{percent(found.value)} {span(found.interval)} ({part:,} of {whole:,})"


def calibration(comparison: Comparison) -> Table:
    """The table of how far each strategy's confidence can be believed."""
    rows = [
        (*_who(comparison, rank, one), *_believed(one.calibration))
        for rank, one in enumerate(comparison.standings, 1)
        if one.calibration
    ]
    columns = ("n", "accuracy", "confidence", "ECE", "by chance", "Brier", "reliability", "resolution", "uncertainty")
    note = (
        "n: runs with an answer that was graded right or wrong; confidence: their mean; ECE over 10 bins of equal width, with "
        "the least and the most that Wilson's 95% intervals of the bins' accuracies allow; "
        "by chance: the ECE that a perfect confidence would get with these bins; Brier = reliability - resolution + uncertainty"
    )
    return _of_strategies(comparison, "Confidence and accuracy", columns, rows, note)


def _believed(found: Calibration) -> tuple[str, ...]:
    right = sum(row.accuracy.successes for row in found.bins) / found.n
    said = sum(row.confidence * row.n for row in found.bins) / found.n
    brier = found.brier
    errors = (found.ece, found.ece_by_chance, brier.score, brier.reliability, brier.resolution, brier.uncertainty)
    ece, *others = (f"{error:.4f}" for error in errors)
    allowed = calibration_error_interval(found)
    return (f"{found.n:,}", percent(right), percent(said), f"{ece} [{allowed.low:.4f}, {allowed.high:.4f}]", *others)


def failures(comparison: Comparison, most: int = 50) -> Table:
    """The runs that failed, the first `most` of them."""
    listed = comparison.failures[:most]
    rows = tuple((one.set, one.question, one.strategy, one.panel, str(one.repeat), one.run, one.why) for one in listed)
    total = len(comparison.failures)
    how = f"these are the first {len(listed)}; the others are in the table of rows" if total > len(listed) else "all are listed"
    note = f"n = {total:,} runs that failed, of {sum(one.calls.n for one in comparison.standings):,}; {how}"
    columns = ("set", "question", "strategy", "panel", "repeat", "run", "why")
    runs = tuple(("",) * 5 + (one.run, "") for one in listed)
    return Table("Failures", columns, rows, note, len(columns), runs)


def _who(comparison: Comparison, rank: int, one: Standing) -> tuple[str, ...]:
    return (str(rank), one.strategy, one.panel) if several_panels(comparison) else (str(rank), one.strategy)


def several_panels(comparison: Comparison) -> bool:
    """Whether strategies ran on more than one panel."""
    return len({one.panel for one in comparison.standings}) > 1


def _of_strategies(comparison: Comparison, title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], note: str) -> Table:
    who = ("#", "strategy", "panel") if several_panels(comparison) else ("#", "strategy")
    alone = "" if several_panels(comparison) else f" (panel: {comparison.standings[0].panel})"
    return Table(f"{title}{alone}", (*who, *columns), tuple(rows), note, words=len(who))
