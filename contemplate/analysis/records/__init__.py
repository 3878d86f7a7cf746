"""Recorded samples, decided again with no calls: read, counted and stopped as a run would.

`load_records` reads a JSON Lines file of questions with their recorded replies, `read` what each reply answers, once. Everything
else works on these classes of answers: votes over the first k samples of random orders, any stop test, the best or the weighted
vote by a verifier's score, and weights learned without right answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contemplate.analysis.records.counting import Ties
from contemplate.analysis.records.reading import Votes, classed, read
from contemplate.analysis.records.records import Record, Sample, load_records
from contemplate.analysis.records.replay import Score, best_by_score, learned, majority, oracle, single, stopped, weighted
from contemplate.deprecated import renamed_names

__all__ = [
    "Record", "Sample", "Score", "Ties", "Votes",
    "best_by_score", "classed", "learned", "load_records", "majority", "oracle", "read", "single", "stopped", "weighted",
]  # fmt: skip

if not TYPE_CHECKING:
    __getattr__ = renamed_names(__name__, {"load": "load_records"})
