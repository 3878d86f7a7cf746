"""Other rules, stop tests, weights and numbers of samples over replies that are there already: no call is made.

`redecide` decides recorded samples again, with a row for each configuration; `stored_samples` finds those of a ledger's runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contemplate.analysis.redecide.configurations import TIES, WEIGHTS, Configuration, TieValue, configurations
from contemplate.analysis.redecide.rows import Redecision, RedecisionRow
from contemplate.analysis.redecide.stored import stored_samples
from contemplate.analysis.redecide.table import redecide
from contemplate.deprecated import renamed_names

__all__ = [
    "TIES",
    "WEIGHTS",
    "Configuration",
    "Redecision",
    "RedecisionRow",
    "TieValue",
    "configurations",
    "redecide",
    "stored_samples",
]

if not TYPE_CHECKING:
    __getattr__ = renamed_names(__name__, {"Row": "RedecisionRow"})
