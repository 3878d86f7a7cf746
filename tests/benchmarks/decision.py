"""Processor time of one decision of the policy: which of many calls to make next.

30 critics who could be asked about three answers each, and 10 members: 40 witnesses, 100 offers. Processor time and not the
clock, the median of many decisions.

    python tests/benchmarks/decision.py
"""

from __future__ import annotations

import time
from statistics import median

from contemplate.voting.witnesses import Critic, Evidence, Knowledge, Lead, Member, Offer, best_next

CRITICS, MEMBERS, ANSWERS = 30, 10, 3
TARGET = 0.002


def decision_time(times: int = 200) -> float:
    """Seconds of processor time a decision."""
    critics = {f"critic-{number}": Critic(sensitivity=0.8, specificity=0.7, correlation=0.3) for number in range(CRITICS)}
    members = {f"member-{number}": Member(accuracy=0.6, error=0.02) for number in range(MEMBERS)}
    evidence = Evidence(answers=ANSWERS, samples={name: (1, 0, 0) if name < "member-5" else (0, 1, 1) for name in members})
    leads = {name: {other: Lead(lead=0.1, error=0.02) for other in members if name < other} for name in members}
    knowledge = Knowledge(critics=critics, members=members, leads=leads)
    offers = [
        *(Offer(kind="sample", witness=name) for name in members),
        *(Offer(kind="verdict", witness=name, about=about) for name in critics for about in range(ANSWERS)),
    ]
    taken = []
    for _ in range(times):
        began = time.process_time()
        best_next(evidence, knowledge, offers)
        taken.append(time.process_time() - began)
    return median(taken)


if __name__ == "__main__":
    seconds = decision_time()
    print(f"{1000 * seconds:.2f} ms of processor time a decision with {CRITICS + MEMBERS} witnesses; at most {1000 * TARGET:.0f}")
