"""Stop tests over a vote: when the answers drawn so far settle the question, and no more need to be paid for.

A test is a frozen value with one method, `settled(draws) -> bool`. A recipe writes it as
`{test: settled, rule: beta, threshold: 0.9}`, and `{test: settled}` alone is `predictive`. `fewest` says how many samples can
be sent at once without ever paying for one that sampling one at a time would have saved, and `stopping_point` where a
finished sequence should have ended.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated

from pydantic import BeforeValidator, Field

from contemplate.voting.stopping.rules import Beta, Dirichlet, Entropy, Full, MajorityShare, Predictive, Random, Window
from contemplate.voting.stopping.samples import Samples

__all__ = [
    "Beta", "Dirichlet", "Entropy", "Full", "MajorityShare", "Predictive", "Random", "Samples", "Settled", "SettledTest",
    "Window", "fewest", "stopping_point",
]  # fmt: skip

SettledTest = Beta | Dirichlet | MajorityShare | Entropy | Window | Random | Full | Predictive
"""Any of the tests."""


_MAIN = {"majority-share": "share", "entropy": "most", "window": "size", "random": "probability"}
"""The one figure of a rule that is mostly set; of the others it is the threshold."""

_SPEC = re.compile(r"([a-z-]{1,20})\(([0-9]{0,6}(?:\.[0-9]{1,12})?)\)\Z")


def _spelled_out(value: object) -> object:
    """A rule may be left out, or carry its figure, as `beta(0.99)` or `window(5)`."""
    if not isinstance(value, dict):
        return value
    rule = value.get("rule", "predictive")
    if isinstance(rule, str) and (match := _SPEC.match(rule.replace(" ", ""))) and match.group(2):
        name, figure = match.groups()
        return {**value, "rule": name, _MAIN.get(name, "threshold"): float(figure) if "." in figure else int(figure)}
    return {**value, "rule": rule}


Settled = Annotated[SettledTest, Field(discriminator="rule"), BeforeValidator(_spelled_out)]
"""A test as a recipe writes it: `rule` says which, perhaps with its figure as `beta(0.99)`; without one it is `predictive`."""


def fewest(test: SettledTest, draws: Samples) -> int:
    """The fewest further draws after which `test` could fire, whatever they bring.

    That is the least number after which it would fire if all of them agreed with one answer (the leading one, as a rule; for
    `window` the one that fills the current window), so that exactly so many can be sent side by side: sampling one at a
    time would pay for as many.

    Returns:
        At least 1, and at most what is left to the cap where anything is.
    """
    votes = Counter(index for index in draws.classes if index is not None)
    fresh = max(votes, default=-1) + 1
    alike = {count: answer for answer, count in votes.items()}  # of those with as many votes it matters not which one gets more,
    latest = [index for index in draws.classes[-1:] if index is not None]  # but for the one that fills the current window
    candidates = dict.fromkeys((*alike.values(), *latest, fresh))
    for further in range(1, draws.left):
        if any(test.settled(draws.and_then(answer, further)) for answer in candidates):
            return further
    return max(draws.left, 1)


def stopping_point(test: SettledTest, draws: Samples, after: int = 0) -> int | None:
    """The length of the shortest prefix of `draws`, longer than `after`, at which `test` fires; None if there is none.

    A sampler that sent several at once reads them so, in order; whoever answered first, it ends at the same place.
    """
    lengths = range(after + 1, len(draws.classes) + 1)
    return next((length for length in lengths if test.settled(draws.prefix(length))), None)
