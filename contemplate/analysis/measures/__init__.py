"""Measures of a trace: one function each, with its definition and where it is from; `measure` takes them all."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from contemplate.analysis.measures.answers import Diversity, agreement, classes_of, diversity, entropy, independence
from contemplate.analysis.measures.changes import Change, Influence, Uptake, changes, persuasion, uptake
from contemplate.analysis.measures.failures import Flag, flags, repeated_steps
from contemplate.analysis.measures.wording import resemblance
from contemplate.types import Json, Question

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace

__all__ = [
    "Change",
    "Diversity",
    "Flag",
    "Influence",
    "Measures",
    "RoundMeasure",
    "Uptake",
    "agreement",
    "changes",
    "classes_of",
    "diversity",
    "entropy",
    "flags",
    "independence",
    "measure",
    "persuasion",
    "repeated_steps",
    "resemblance",
    "uptake",
]


@dataclass(frozen=True, slots=True)
class RoundMeasure:
    """One round of a run.

    Attributes:
        step, number: which (`Trace.rounds`).
        seats: how many were to answer; `answered`: how many did.
        agreement, entropy: see the functions of these names.
    """

    step: str
    number: int
    seats: int
    answered: int
    agreement: float | None
    entropy: float | None


@dataclass(frozen=True, slots=True)
class Measures:
    """All measures of one run; each is described at the function of its name."""

    rounds: tuple[RoundMeasure, ...]
    independence: float | None
    diversity: Diversity | None
    flips: tuple[Change, ...]
    persuasion: tuple[Influence, ...]
    uptake: Uptake
    repeated_steps: tuple[tuple[str, str], ...]
    flags: tuple[Flag, ...]

    def to_dict(self) -> Json:
        """The measures as JSON values."""
        return {**asdict(self), "uptake": {**asdict(self.uptake), "share": self.uptake.share}}


def measure(trace: Trace, question: Question | None = None, stopped: str | None = None) -> Measures:
    """All measures of a run.

    Args:
        trace: of the run.
        question: what was asked; with its gold answer, flips are right or wrong.
        stopped: why it ended (`Outcome.stopped`); None where that is not known.
    """
    rounds = [
        RoundMeasure(one.step, one.number, len(one.turns), sum(turn.answer is not None for turn in one.turns), agreed, spread)
        for one, agreed, spread in zip(trace.rounds(), agreement(trace), entropy(trace), strict=True)
    ]
    return Measures(
        rounds=tuple(rounds),
        independence=independence(trace),
        diversity=diversity(trace),
        flips=changes(trace, question),
        persuasion=persuasion(trace),
        uptake=uptake(trace),
        repeated_steps=repeated_steps(trace),
        flags=flags(trace, stopped),
    )
