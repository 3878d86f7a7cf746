"""Other rules, stop tests, weights and numbers of samples over replies that are there already: no call is made.

`redecide` decides recorded samples again and gives a row for each way; `stored_samples` finds the samples of a ledger's runs.
"""

from __future__ import annotations

from contemplate.redeciding.rows import Redecision, Row
from contemplate.redeciding.runs import stored_samples
from contemplate.redeciding.table import redecide
from contemplate.redeciding.ways import TIES, WEIGHTS, TieRule, Way, ways

__all__ = ["TIES", "WEIGHTS", "Redecision", "Row", "TieRule", "Way", "redecide", "stored_samples", "ways"]
