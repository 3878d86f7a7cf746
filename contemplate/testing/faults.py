"""Faults, when they happen, and how long replies take: values, from which a server is told what to do."""

from __future__ import annotations

import math
import random
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from contemplate.errors import InvalidValueError
from contemplate.seeds import rng
from contemplate.types import Value

Kind = Literal[
    "status",
    "hang",
    "drip",
    "reset-before",
    "reset-within",
    "reset-after",
    "down",
    "html",
    "truncated-json",
    "wrong-encoding",
    "no-choices",
    "null-content",
    "empty-content",
    "refusal",
    "content-filter",
    "no-finish-reason",
    "length",
    "no-usage",
    "zero-usage",
    "absurd-usage",
    "n-ignored",
    "tool-calls",
    "key-in-error",
    "key-in-reply",
    "chunks-twice",
    "chunks-out-of-order",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Every kind of fault; docs/testing.md says of each what the server does."""


class Fault(Value):
    """One way to fail.

    Attributes:
        kind: what the server does in place of an honest reply; see docs/testing.md.
        status: the HTTP status of kind "status", in [300, 599].
        retry_after: seconds in the header Retry-After of kind "status"; None leaves it out.
        as_date: Retry-After is an HTTP date, of whole seconds, in place of a number.
        seconds: how long kind "drip" takes for its body, and kind "down" refuses connections.
        message: the words in the error of kind "status".
    """

    kind: Kind
    status: Annotated[int, Field(ge=300, le=599)] = 429
    retry_after: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    as_date: bool = False
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    message: str = ""

    @property
    def name(self) -> str:
        """What it is counted as: its kind, and the status where that is what it is."""
        return str(self.status) if self.kind == "status" else self.kind


class Faults(Value):
    """When which fault happens: by the number of a call, or by chance from a seed.

    By chance, what happens to a call depends on the seed, on what it asks for, and on how often that was asked for before, and
    not on the order in which calls arrive: so that it is the same each time, whatever is in flight beside it.

    Attributes:
        at: faults by the number of the call, from 0 in order of arrival.
        share: the probability that another call fails, in [0, 1].
        mix: the faults that it may fail with, each as likely as the others; at least one where `share` is above 0.
        seed: of the draws.
    """

    at: dict[int, Fault] = Field(default_factory=dict)
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    mix: tuple[Fault, ...] = ()
    seed: int = 0

    @model_validator(mode="after")
    def _something_to_draw(self) -> Self:
        if self.share and not self.mix:
            raise InvalidValueError(f"Faults: with a share of {self.share:g} there must be a fault in `mix`")
        return self

    @classmethod
    def always(cls, fault: Fault) -> Self:
        """Every call fails like that."""
        return cls(share=1.0, mix=(fault,))

    def of(self, number: int, asked: str, before: int) -> Fault | None:
        """The fault of a call, or None.

        Args:
            number: its place in the order of arrival, from 0.
            asked: what it asks for, as text.
            before: how often that was asked for before.
        """
        if (fault := self.at.get(number)) is not None or not self.share:
            return fault
        draws = rng(self.seed, "fault", asked, before)
        return draws.choice(self.mix) if draws.random() < self.share else None


class Latency(Value):
    """How long a reply takes.

    Attributes:
        seconds: the median.
        shape: "fixed"; "uniform" between 0 and twice the median; "exponential"; or "lognormal", whose logarithm has the standard
            deviation `spread`.
        spread: of "lognormal", at least 0.
        stragglers: the probability that a reply takes `slowdown` times as long, in [0, 1].
        slowdown: at least 1.
    """

    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    shape: Literal["fixed", "uniform", "exponential", "lognormal"] = "fixed"
    spread: Annotated[float, Field(ge=0, le=5)] = 0.5
    stragglers: Annotated[float, Field(ge=0, le=1)] = 0.0
    slowdown: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 10.0

    def draw(self, seed: int, asked: str, before: int) -> float:
        """The seconds of one reply; what they depend on is as for `Faults`."""
        if not self.seconds:
            return 0.0
        draws = rng(seed, "latency", asked, before)
        seconds = self.seconds * self._factor(draws)
        return seconds * self.slowdown if draws.random() < self.stragglers else seconds

    def _factor(self, draws: random.Random) -> float:
        match self.shape:
            case "uniform":
                return draws.uniform(0, 2)
            case "exponential":
                return draws.expovariate(math.log(2))
            case "lognormal":
                return draws.lognormvariate(0, self.spread)
            case _:
                return 1.0
