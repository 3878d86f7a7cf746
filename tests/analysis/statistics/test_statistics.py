"""The package as a whole: what it needs, and what it says of bad input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from math import inf, nan

import pytest

from contemplate.analysis import statistics as s
from contemplate.errors import InputError

HUGE = 10**400


def test_needs_the_standard_library_alone() -> None:
    """Importing the package brings nothing but itself and what comes with Python."""
    code = (
        "import sys; before = set(sys.modules); import contemplate.analysis.statistics;"
        "print({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "{'contemplate'}" == done.stdout.strip()


def test_exported_names() -> None:
    """Every public name is there, in order."""
    assert sorted(s.__all__) == s.__all__
    assert [] == [name for name in s.__all__ if not hasattr(s, name)]


BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: s.mean([]), "scores: there are none"),
    (lambda: s.mean([1, nan]), "scores: number 2 is nan, which is no finite number"),
    (lambda: s.mean([1, None]), "scores: number 2 is None, which is no finite number"),  # type: ignore[list-item]
    (lambda: s.mean(["1"]), "scores: number 1 is '1', which is no finite number"),  # type: ignore[list-item]
    (lambda: s.amounts([HUGE]), f"amounts: number 1 is {HUGE}, which is no finite number"),
    (lambda: s.mean([1, 0], level=95), "the confidence level is 95, but must be above 0 and below 1"),
    (lambda: s.mean([1, 0], groups=["a"]), "groups: 1 for 2 questions; each question needs one"),
    (
        lambda: s.mean([1, 0], groups="aa"),
        "groups: all questions are in one group, and nothing tells how groups differ; leave the groups out",
    ),
    (lambda: s.question_means([[1], []]), "samples of question 2: there are none"),
    (lambda: s.question_means([]), "samples: there are none"),
    (lambda: s.spread([[1, 0]]), "a spread takes at least two questions, and two samples of at least one of them"),
    (lambda: s.spread([[1], [0]]), "a spread takes at least two questions, and two samples of at least one of them"),
    (lambda: s.spread([[1, 0], [0, 0]]).standard_error(0), "the number of repeats is 0, but must be at least 1"),
    (lambda: s.wilson(0, 0), "a proportion of 0 questions has no value"),
    (lambda: s.wilson(3, 2), "3 of 2 is no proportion"),
    (lambda: s.wilson(nan, 2), "nan of 2 is no proportion"),
    (lambda: s.pass_at_k(5, 6, 1), "6 right of 5 samples can't be"),
    (lambda: s.pass_at_k(5, 2, 6), "pass@6 needs at least 6 samples of each question, and k at least 1; there are 5"),
    (lambda: s.pass_at_k(5, 2, 0), "pass@0 needs at least 1 samples of each question, and k at least 1; there are 5"),
    (lambda: s.mean_pass_at_k([], 1), "samples: there are none"),
    (lambda: s.mean_pass_at_k([[1, 0.5]], 1), "samples of question 1: number 2 is 0.5, but must be right (1) or wrong (0)"),
    (lambda: s.discordant_p(-1, 2), "discordant counts are -1 and 2, but can't be below 0"),
    (lambda: s.mcnemar([1], [1, 0]), "two strategies: 1 on one side and 2 on the other; both must be of the same questions"),
    (lambda: s.mcnemar([1, 0.5], [1, 0]), "the first strategy: number 2 is 0.5, but must be right (1) or wrong (0)"),
    (lambda: s.paired_difference([1], [inf]), "the second strategy: number 1 is inf, which is no finite number"),
    (lambda: s.bootstrap_mean([1, 0], seed=1, draws=10), "the number of draws is 10, but must be at least 1000"),
    (lambda: s.randomisation([1], [0], seed=1, draws=10), "the number of draws is 10, but must be at least 1000"),
    (
        lambda: s.bootstrap_mean([1, 0], seed=1, method="studentised"),  # type: ignore[arg-type]
        "no bootstrap method called 'studentised'; known: percentile, bca",
    ),
    (lambda: s.holm([]), "p-values: there are none"),
    (lambda: s.holm([0.1, 1.1]), "p-values: number 2 is 1.1, but must be in [0, 1]"),
    (lambda: s.all_pairs({"a": [1]}, seed=1), "a comparison takes at least two strategies"),
    (
        lambda: s.all_pairs({"a": [1, 0], "b": [1]}, seed=1),
        "the strategies 'a' and 'b': 2 on one side and 1 on the other; both must be of the same questions",
    ),
    (lambda: s.all_pairs({"a": [1], "b": [nan]}, seed=1), "the strategy 'b': number 1 is nan, which is no finite number"),
    (lambda: s.calibration([0.5], [1, 0]), "confidences and right-or-wrong: 1 on one side and 2 on the other"),
    (lambda: s.calibration([1.5], [1]), "confidences: number 1 is 1.5, but must be in [0, 1]"),
    (lambda: s.calibration([0.5], [0.5]), "right-or-wrong: number 1 is 0.5, but must be right (1) or wrong (0)"),
    (lambda: s.calibration([0.5], [1], bins=0), "0 bins; take from 1 to 1,000"),
    (lambda: s.calibration([0.5], [1], binning="size"), "no binning called 'size'; known: width, mass"),  # type: ignore[arg-type]
    (lambda: s.quantile([1], 1.5), "the quantile is 1.5, but must be in [0, 1]"),
    (lambda: s.amounts([1, -1]), "amounts: number 2 is -1, but must be at least 0"),
    (lambda: s.flips([1], []), "before and after a round: 1 on one side and 0 on the other"),
    (lambda: s.flips([1], [2]), "after: number 1 is 2.0, but must be right (1) or wrong (0)"),
    (lambda: s.flips_by_round([[1]]), "flips take at least two rounds"),
    (lambda: s.CostPoint("a", -1, 0.5), "the cost of 'a' is -1, but must be at least 0"),
    (lambda: s.CostPoint("a", 1, nan), "the accuracy of 'a': number 1 is nan, which is no finite number"),
    (lambda: s.accuracy_at_cost([], 1), "accuracy at a cost takes at least one setting of the strategy"),
    (lambda: s.accuracy_at_cost([], -1), "the cost is -1, but must be at least 0"),
    (lambda: s.mixed_scores([1], [1], 2), "the weight is 2, but must be in [0, 1]"),
    (lambda: s.mixed_scores([1], [1, 0], 0.5), "two settings: 1 on one side and 2 on the other"),
    (lambda: s.PairVariance(between=-1), "the variance between is -1, but must be at least 0"),
    (lambda: s.right_or_wrong_variance(3, 4, 5), "3 and 4 discordant of 5 questions can't be"),
    (lambda: s.observed_variance([1], [0]), "a variance takes at least two questions"),
    (lambda: s.detectable_difference(0), "the number of questions is 0, but must be at least 1"),
    (lambda: s.detectable_difference(9, power=1), "the power is 1, but must be above 0 and below 1"),
    (lambda: s.detectable_difference(9, power=0.01), "a power of 0.01 is no more than chance at the level 0.95"),
    (lambda: s.questions_needed(0), "the difference is 0, but must be at least 1e-09"),
    (lambda: s.power_of(9, -1), "the difference is -1, but must be at least 0"),
]


@pytest.mark.parametrize(("wrong", "said"), BAD)
def test_bad_input_is_one_clear_line(wrong: Callable[[], object], said: str) -> None:
    """The error is of the project's tree, and says what is wrong, and where."""
    with pytest.raises(InputError) as caught:
        wrong()
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
