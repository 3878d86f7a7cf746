"""Weighted plurality: the answer with the most weight wins."""

from __future__ import annotations

from contemplate.voting.rule import BallotForm, Count, Poll, first_choices, leaders


class Weighted:
    """The largest sum of the ballots' weights wins; where nothing has weight, nobody does.

    References:
        arXiv:2309.13007 (ReConcile) weighs votes by recalibrated confidence; arXiv:2110.14168 by a verifier's score.
    """

    name = "weighted"
    summary = "the answer with the largest sum of ballot weights wins"
    reference = "arXiv:2309.13007"
    form: BallotForm = "choice"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        scores = first_choices(poll, weighted=True)
        return Count(scores, leaders(scores))
