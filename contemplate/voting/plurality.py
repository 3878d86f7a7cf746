"""Plurality: the answer with the most votes wins."""

from __future__ import annotations

from contemplate.voting.rule import BallotForm, Count, Poll, first_choices, leaders


class Plurality:
    """The most votes win.

    References:
        arXiv:2203.11171 (self-consistency) chooses among sampled answers in this way.
    """

    name = "plurality"
    summary = "the answer with the most votes wins"
    reference = "arXiv:2203.11171"
    form: BallotForm = "choice"
    weighted = False
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        scores = first_choices(poll)
        return Count(scores, leaders(scores))
