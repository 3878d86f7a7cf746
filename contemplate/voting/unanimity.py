"""Unanimity: every vote, abstentions left out."""

from __future__ import annotations

from contemplate.voting.rule import BallotForm, Count, Poll, first_choices, leaders


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
        named = sum(1 for score in scores if score)
        refusal = None if named == 1 else f"the {len(poll.votes)} votes are for {named} different answers"
        return Count(scores, leaders(scores), refusal)
