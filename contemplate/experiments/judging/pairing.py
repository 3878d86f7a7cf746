"""Who is compared with whom."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from contemplate.errors import UnknownNameError
from contemplate.experiments.arms import SINGLE, VOTE, Arm
from contemplate.experiments.pairwise.spec import ALL, BASELINE, PairwiseSpec

Pairing = tuple[Arm, Arm]
"""Two arms, the reference second where there is one."""


def pairings(spec: PairwiseSpec, arms: Sequence[Arm]) -> list[Pairing]:
    """The pairs of arms whose answers are compared, in the order of the tables; baselines come second.

    The reference of an arm is the one on its own panel, else the first of them: a strategy that has a panel of its own is
    compared as well.

    Raises:
        UnknownNameError: no arm is called as the reference is.
    """
    if spec.against == ALL:
        return list(combinations(sorted(arms, key=lambda one: (one.spec.use == SINGLE, one.spec.use == VOTE)), 2))
    named = [one for one in arms if spec.against == one.label]
    if not named and spec.against != BASELINE:
        raise UnknownNameError("strategy", spec.against, [BASELINE, ALL, *dict.fromkeys(one.label for one in arms)])
    references = named or _baselines(arms)
    found = []
    for one in arms:
        reference = next((other for other in references if other.panel == one.panel), references[0])
        if reference != one and not (named and one in references):
            found.append((one, reference))
    return found


def _baselines(arms: Sequence[Arm]) -> list[Arm]:
    """The first baseline on each panel: `single`, else a vote; on no panel one, the first arm of all."""
    first = {one.panel: one for use in (VOTE, SINGLE) for one in reversed(arms) if one.spec.use == use}
    return [one for one in arms if first.get(one.panel) == one] or list(arms[:1])
