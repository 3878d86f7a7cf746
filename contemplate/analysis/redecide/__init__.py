"""Other rules, stop tests, weights and numbers of samples over replies that are there already: no call is made.

`redecide` decides recorded samples again and gives a row for each way; `stored_samples` finds the samples of a ledger's runs.
"""

from __future__ import annotations

from contemplate.analysis.redecide.configurations import TIES, WEIGHTS, Configuration, TieValue, configurations
from contemplate.analysis.redecide.rows import Redecision, Row
from contemplate.analysis.redecide.stored import stored_samples
from contemplate.analysis.redecide.table import redecide

__all__ = ["TIES", "WEIGHTS", "Configuration", "Redecision", "Row", "TieValue", "configurations", "redecide", "stored_samples"]
