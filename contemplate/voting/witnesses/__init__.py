"""Witnesses: what samples and verdicts say about the right answer, as far as it was learned what their word is worth.

A question has one hidden truth, and every piece of evidence is a noisy view of it: *samples* of members, and *verdicts* of
critics on answers. `learn` estimates from many questions, with or without right answers, how noisy each view is; `posterior` says
how likely each answer to one question is; `best_next` which call would tell most.
"""

from __future__ import annotations

from contemplate.voting.witnesses.decision import believe
from contemplate.voting.witnesses.evidence import Counts, Evidence, Lesson, Verdicts, alternatives
from contemplate.voting.witnesses.knowledge import NOTHING, Critic, Knowledge, Lead, Member, witness_name
from contemplate.voting.witnesses.learning import learn
from contemplate.voting.witnesses.panel import known_lead, known_worth
from contemplate.voting.witnesses.policy import Offer, best_next
from contemplate.voting.witnesses.posterior import posterior

__all__ = [
    "NOTHING", "Counts", "Critic", "Evidence", "Knowledge", "Lead", "Lesson", "Member", "Offer", "Verdicts", "alternatives",
    "believe", "best_next", "known_lead", "known_worth", "learn", "posterior", "witness_name",
]  # fmt: skip
