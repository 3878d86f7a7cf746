"""Agent importance in a discussion, passed backwards from the answer along the grades that readers gave.

Round after round agents grade what they read, 1 to 5. The agents of the last round that hold the final answer share an importance
of 1; every earlier message gets the importance of its readers, in proportion to their grades. It needs no gold answer.

References:
    arXiv:2310.02170 (DyLAN).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contemplate.errors import InputError

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace


@dataclass(frozen=True)
class Reader:
    """One agent in one round: whom it read, and how it graded them.

    Attributes:
        sources: the agents of the round before that it read; empty in the first round.
        grades: one for each source, in their order, 0 to 5; any other number of grades counts as none.
    """

    sources: tuple[str, ...] = ()
    grades: tuple[float, ...] = ()

    @property
    def shares(self) -> dict[str, float]:
        """The weight of each source, adding up to 1: grades / 5, normalised; equal where there are none that can be used."""
        even = dict.fromkeys(self.sources, 1 / len(self.sources)) if self.sources else {}
        whole = sum(self.grades)
        if len(self.grades) != len(self.sources) or whole <= 0:
            return even
        return {source: grade / whole for source, grade in zip(self.sources, self.grades, strict=True)}


def importance(rounds: Sequence[Mapping[str, Reader]], winners: Sequence[str]) -> list[dict[str, float]]:
    """The importance of each agent in each round.

    Args:
        rounds: the agents that spoke, round after round, with whom they read.
        winners: the agents of the last round that hold the final answer; they share an importance of 1 equally.

    Returns:
        One mapping for each round, each adding up to 1 (to 0 if there are no winners).

    Raises:
        InputError: a winner did not speak in the last round, or somebody read an agent that had not spoken before.
    """
    if not rounds:
        return []
    if strangers := set(winners) - set(rounds[-1]):
        raise InputError(f"{min(strangers)!r} did not speak in the last round, and can't hold its answer")
    found = [{agent: (1 / len(winners) if agent in winners else 0.0) for agent in rounds[-1]}]
    for earlier, later in zip(rounds[-2::-1], rounds[:0:-1], strict=True):
        passed = dict.fromkeys(earlier, 0.0)
        for reader, seen in later.items():
            for source, share in seen.shares.items():
                if source not in passed:
                    raise InputError(f"{reader!r} read {source!r}, who had not spoken in the round before")
                passed[source] += share * found[-1][reader]
        found.append(passed)
    return found[::-1]


def total(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The importance of each agent over all rounds of one question."""
    agents = dict.fromkeys(agent for one in rounds for agent in one)
    return {agent: sum(one.get(agent, 0.0) for one in rounds) for agent in agents}


def recorded(trace: Trace) -> list[dict[str, float]]:
    """The importance of each seat in each round, as a run of the recipe `dylan` put it on record; empty for another run.

    `total(recorded(outcome.trace))` is that of the question, and `best_team` chooses a team from several of them.
    """
    for turn in reversed(trace.turns):
        if turn.decision is not None and turn.found.importance is not None:
            return [dict(one) for one in turn.found.importance]
    return []


def best_team(questions: Sequence[Mapping[str, float]], size: int) -> tuple[str, ...]:
    """The `size` agents of the highest mean importance over `questions`, best first; equals in the order in which they appear.

    Run the large team once, and keep these.

    Raises:
        InputError: the team would be empty.
    """
    if size < 1:
        raise InputError(f"a team has at least 1 agent, not {size}")
    sums = total(questions)
    return tuple(sorted(sums, key=lambda agent: -sums[agent])[:size])
