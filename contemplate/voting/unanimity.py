"""Unanimity: every vote, abstentions left out."""

from __future__ import annotations

from contemplate.voting.rule import BallotForm, Count, Poll, first_choices, leaders, reach


class Unanimity:
    """An answer wins if all votes that were cast are for it. A quorum says how many may abstain.

    References:
        arXiv:2502.19130 compares this rule with other decision protocols of panels.
    """

    name = "unanimity"
    summary = "an answer wins if all votes are for it, abstentions left out"
    reference = "arXiv:2502.19130"
    form: BallotForm = "choice"
    weighted = False
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        scores = first_choices(poll)
        first, named = leaders(scores), sum(1 for score in scores if score)
        agreed = len(first) == 1 and scores[first[0]] == reach(poll, first)
        refusal = None if agreed else f"the {len(poll.votes)} votes are for {named} different answers"
        return Count(scores, first, refusal)
