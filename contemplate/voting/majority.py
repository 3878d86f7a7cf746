"""Majority: more than half of the votes, abstentions left out."""

from __future__ import annotations

from contemplate.voting.rule import BallotForm, Count, Poll, first_choices, leaders, reach


class Majority:
    """An answer wins with more than half of the votes that were cast; otherwise none does.

    References:
        arXiv:2502.19130 compares this rule with other decision protocols of panels.
    """

    name = "majority"
    summary = "an answer wins with more than half of the votes, abstentions left out"
    reference = "arXiv:2502.19130"
    form: BallotForm = "choice"
    weighted = False
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        scores = first_choices(poll)
        first = leaders(scores)
        cast = reach(poll, first)
        if 2 * max(scores) > cast:
            return Count(scores, first)
        return Count(scores, first, f"no answer has more than half of the {cast} votes (the most is {max(scores)})")
