"""Statistics for comparing strategies on the same questions. Pure: numbers in, frozen values out, the standard library alone.

Scores are one for each question, in one order for all strategies. Several samples of a question become one score through
`question_means`; they are never taken for new questions. Questions that belong together carry the same group.
"""

from __future__ import annotations

from contemplate.analysis.statistics.amounts import Amounts, amounts, quantile
from contemplate.analysis.statistics.bootstrap import Bootstrap, bootstrap_difference, bootstrap_mean
from contemplate.analysis.statistics.calibration import Bin, Brier, Calibration, calibration, calibration_error_interval
from contemplate.analysis.statistics.checks import Interval
from contemplate.analysis.statistics.constant import constant_interval, is_constant, with_room
from contemplate.analysis.statistics.equal_cost import AtCost, CostPoint, accuracy_at_cost, mixed_scores, pareto_front
from contemplate.analysis.statistics.flips import Flips, flips, flips_by_round
from contemplate.analysis.statistics.holm import holm
from contemplate.analysis.statistics.length_controlled import LengthControlled, length_controlled
from contemplate.analysis.statistics.means import Mean, Spread, mean, question_means, spread
from contemplate.analysis.statistics.paired import Difference, McNemar, discordant_p, mcnemar, paired_difference
from contemplate.analysis.statistics.pairs import Pair, all_pairs
from contemplate.analysis.statistics.power import (
    Detectable,
    PairVariance,
    detectable_difference,
    observed_variance,
    pair_variance,
    power_of,
    questions_needed,
    right_or_wrong_variance,
)
from contemplate.analysis.statistics.proportions import Proportion, mean_pass_at_k, pass_at_k, wilson
from contemplate.analysis.statistics.randomisation import Randomisation, randomisation

__all__ = [
    "Amounts",
    "AtCost",
    "Bin",
    "Bootstrap",
    "Brier",
    "Calibration",
    "CostPoint",
    "Detectable",
    "Difference",
    "Flips",
    "Interval",
    "LengthControlled",
    "McNemar",
    "Mean",
    "Pair",
    "PairVariance",
    "Proportion",
    "Randomisation",
    "Spread",
    "accuracy_at_cost",
    "all_pairs",
    "amounts",
    "bootstrap_difference",
    "bootstrap_mean",
    "calibration",
    "calibration_error_interval",
    "constant_interval",
    "detectable_difference",
    "discordant_p",
    "flips",
    "flips_by_round",
    "holm",
    "is_constant",
    "length_controlled",
    "mcnemar",
    "mean",
    "mean_pass_at_k",
    "mixed_scores",
    "observed_variance",
    "pair_variance",
    "paired_difference",
    "pareto_front",
    "pass_at_k",
    "power_of",
    "quantile",
    "question_means",
    "questions_needed",
    "randomisation",
    "right_or_wrong_variance",
    "spread",
    "wilson",
    "with_room",
]
