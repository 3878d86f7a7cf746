"""The stop tests over a vote: each says, draw by draw, whether sampling may end.

All are pure and total. A reply without an answer is paid for but is no vote, and agrees with nothing. A test says only whether it
fires; that sampling ends at the cap is the sampler's business. At the cap every test is still read off the counts: `predictive`
fires there exactly if one answer leads, the others by their own rule.
"""

from __future__ import annotations

from math import log2
from typing import Annotated, Literal

from pydantic import Field

from contemplate.seeds import rng
from contemplate.types import Value
from contemplate.voting.stopping import posterior
from contemplate.voting.stopping.samples import Samples

Confidence = Annotated[float, Field(gt=0.5, le=1)]
"""How sure one must be to stop, in (0.5, 1]: a tie never stops."""


class Beta(Value):
    """The leading answer is the more frequent of the two leading ones with enough certainty, however long one samples.

    Attributes:
        threshold: the posterior chance that stops.

    References:
        arXiv:2305.11860 (adaptive-consistency), its default.
    """

    test: Literal["settled"] = "settled"
    rule: Literal["beta"] = "beta"
    threshold: Confidence = 0.95

    def settled(self, draws: Samples) -> bool:
        """Whether sampling may end."""
        leader, runner_up, _ = three(draws.counts)
        return leader > 0 and posterior.beta(leader, runner_up) >= self.threshold


class Dirichlet(Value):
    """The leading answer is the most frequent of all with enough certainty, however long one samples.

    All counts take part; the authors' code keeps the five leading ones and integrates by Monte-Carlo, where ours is
    deterministic. With at most two different answers it is the Beta rule.

    Attributes:
        threshold: the posterior chance that stops.

    References:
        arXiv:2305.11860 (adaptive-consistency).
    """

    test: Literal["settled"] = "settled"
    rule: Literal["dirichlet"] = "dirichlet"
    threshold: Confidence = 0.95

    def settled(self, draws: Samples) -> bool:
        """Whether sampling may end."""
        counts = draws.counts
        if len(counts) > 2:  # noqa: PLR2004 - two answers: the Beta rule, exactly
            return posterior.dirichlet(counts) >= self.threshold
        leader, runner_up, _ = three(counts)
        return leader > 0 and posterior.beta(leader, runner_up) >= self.threshold


class MajorityShare(Value):
    """The leading answer has a large share of the votes.

    Attributes:
        share: of the readable draws, that stops, in (0.5, 1].
        least: readable draws before it may stop.

    References:
        arXiv:2305.11860 (adaptive-consistency) compares it; the defaults are those of its code.
    """

    test: Literal["settled"] = "settled"
    rule: Literal["majority-share"] = "majority-share"
    share: Confidence = 0.8
    least: Annotated[int, Field(ge=1)] = 2

    def settled(self, draws: Samples) -> bool:
        """Whether sampling may end."""
        votes = draws.readable
        return votes >= self.least and draws.counts[0] >= self.share * votes - 1e-9


class Entropy(Value):
    """The votes are concentrated: the entropy of their shares, over the most that so many answers could have, is low.

    Attributes:
        most: the normalised entropy that stops, in [0, 1): in bits, over log2 of the number of different answers (at least 2).
        least: readable draws before it may stop.

    References:
        arXiv:2305.11860 (adaptive-consistency) compares it; the defaults are those of its code.
    """

    test: Literal["settled"] = "settled"
    rule: Literal["entropy"] = "entropy"
    most: Annotated[float, Field(ge=0, lt=1)] = 0.75
    least: Annotated[int, Field(ge=1)] = 2

    def settled(self, draws: Samples) -> bool:
        """Whether sampling may end."""
        votes = draws.readable
        return votes >= self.least and normalised_entropy(draws.counts) <= self.most


class Window(Value):
    """A whole window of consecutive draws agrees: windows are the blocks 1..size, size+1..2 size, and so on.

    It fires when the last complete window was unanimous and nothing was drawn after it. An unreadable reply spoils its window.
    Whether that window's answer or the plurality of everything drawn then wins is the vote's business.

    Attributes:
        size: draws in a window.

    References:
        arXiv:2401.10480 (early-stopping self-consistency).
    """

    test: Literal["settled"] = "settled"
    rule: Literal["window"] = "window"
    size: Annotated[int, Field(ge=1)] = 5

    def settled(self, draws: Samples) -> bool:
        """Whether sampling may end."""
        made = len(draws.classes)
        if made == 0 or made % self.size:
            return False
        window = draws.classes[-self.size :]
        return window[0] is not None and len(set(window)) == 1


class Random(Value):
    """Stop by chance after each draw, whatever the votes: the baseline that a rule must beat at equal cost.

    Attributes:
        probability: that it stops after a draw, in [0, 1].

    References:
        arXiv:2305.11860 (adaptive-consistency) compares it; the default is that of its code.
    """

    test: Literal["settled"] = "settled"
    rule: Literal["random"] = "random"
    probability: Annotated[float, Field(ge=0, le=1)] = 0.1

    def settled(self, draws: Samples) -> bool:
        """Whether sampling may end; drawn from the seed and the number of draws."""
        made = len(draws.classes)
        return made > 0 and rng(draws.seed, "settled", "random", made).random() < self.probability


class Full(Value):
    """Sampling never ends before the cap: no stop test at all, under a name."""

    test: Literal["settled"] = "settled"
    rule: Literal["full"] = "full"

    def settled(self, draws: Samples) -> bool:  # noqa: ARG002 - the interface's
        """Never."""
        return False


class Predictive(Value):
    """The draws that are still allowed will hardly change the winner: our own default.

    The other rules ask what infinitely many samples would say. Only those up to the cap can be had, so this one asks for the
    chance that the leading answer is strictly ahead of the runner-up when they are spent. The votes still to come follow the
    Dirichlet-multinomial of (leader, runner-up, all others) with the prior (alpha, alpha, alpha); how many of the draws left
    will be votes is `Samples.votes_left`. So it fires at the latest when the runner-up can't catch up, and never on a tie.

    Attributes:
        threshold: the predictive chance that stops.
        alpha: pseudo-votes for each of the three.
    """

    test: Literal["settled"] = "settled"
    rule: Literal["predictive"] = "predictive"
    threshold: Confidence = 0.95
    alpha: Annotated[float, Field(gt=0, le=100)] = 1.0

    def settled(self, draws: Samples) -> bool:
        """Whether sampling may end."""
        return draws.readable > 0 and self.chance(draws) >= self.threshold

    def chance(self, draws: Samples) -> float:
        """The chance that the leader is strictly ahead at the cap."""
        return 1 - posterior.overtaken(*three(draws.counts), draws.votes_left, self.alpha)


def three(counts: tuple[int, ...]) -> tuple[int, int, int]:
    """The votes of the leader, of the runner-up, and of all others together."""
    leader, runner_up = (*counts[:2], 0, 0)[:2]
    return leader, runner_up, sum(counts[2:])


def normalised_entropy(counts: tuple[int, ...]) -> float:
    """The entropy of the shares of `counts`, as a share of the most it could be, in [0, 1]; 0 for a single answer."""
    votes = sum(counts)
    bits = -sum(count / votes * log2(count / votes) for count in counts if count)
    return bits / log2(max(len(counts), 2))
