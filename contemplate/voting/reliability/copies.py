"""Members of a panel that are one witness: copies of one model, and members that share their mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from contemplate.voting.reliability.em import Asked, fit

NEAR = 0.05
"""Members that differ on at most this share of the contested questions may be copies."""

SHARED = 0.5
"""Copies give the same wrong answer to at least this share of the questions that either has wrong."""

LEAST = 5
"""Fewer contested questions, or fewer mistakes, say nothing about who copies whom."""


def voices(questions: Sequence[Asked], groups: Mapping[str, str]) -> dict[str, float]:
    """The voice of each member, in (0, 1]; those who are one witness share one voice equally.

    Members of the same group are. Others are if they are near copies: of the questions that are contested at all, they differ
    on at most `NEAR`, and they also share their mistakes, by `SHARED`. The first alone would take two very good members for
    copies, as their right answers agree. For the second one must know what is wrong, which is estimated with all who passed
    the first already sharing a voice, so that many copies can't make their mistakes the truth.

    Args:
        questions: what the members answered.
        groups: of every member; its own name where it belongs to no other.
    """
    candidates = _near_copies(questions, sorted(groups))
    same = [pair for pair in combinations(sorted(groups), 2) if groups[pair[0]] == groups[pair[1]]]
    cautious = _shared(groups, [*same, *candidates])
    if not candidates:
        return cautious
    winners = [max(posterior, key=lambda answer: posterior[answer]) for posterior in fit(questions, cautious).posteriors]
    return _shared(groups, [*same, *(pair for pair in candidates if _share_mistakes(questions, winners, *pair))])


def _near_copies(questions: Sequence[Asked], members: Sequence[str]) -> list[tuple[str, str]]:
    contested = [question.answers for question in questions if len(set(question.answers.values())) > 1]
    found = []
    for one, other in combinations(members, 2):
        both = [answers[one] != answers[other] for answers in contested if one in answers and other in answers]
        if len(both) >= LEAST and sum(both) <= NEAR * len(both):
            found.append((one, other))
    return found


def _share_mistakes(questions: Sequence[Asked], winners: Sequence[int], one: str, other: str) -> bool:
    wrong = shared = 0
    for question, winner in zip(questions, winners, strict=True):
        first, second = question.answers.get(one), question.answers.get(other)
        if first is not None and second is not None and (first != winner or second != winner):
            wrong += 1
            shared += first == second
    return wrong >= LEAST and shared >= SHARED * wrong


def _shared(members: Mapping[str, str], pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Join the pairs, directly or through others, and give each set of members one voice."""
    group = {member: {member} for member in members}
    for one, other in pairs:
        if group[one] is not group[other]:
            joined = group[one] | group[other]
            group.update(dict.fromkeys(joined, joined))
    return {member: 1 / len(group[member]) for member in members}
