"""Notices: what the path of a call tells its caller while the call is under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from contemplate.errors import ContemplateError
from contemplate.types import Completion, Request, Tokens


@dataclass(frozen=True)
class AttemptStarted:
    """An attempt leaves for a provider.

    Attributes:
        model: as the user named it.
        endpoint: the name under which its limits are kept.
        attempt: which attempt at this call it is, from 1.
        samples: how many samples it asks for, from 1.
        call: its unique id, as in the ledger.
        request: what is asked; of several samples, the first one.
    """

    model: str
    endpoint: str
    attempt: int
    samples: int = 1
    call: str = field(default="", compare=False, repr=False)
    request: Request | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class AttemptEnded:
    """An attempt is over.

    Attributes:
        model, endpoint, attempt, samples, call: as of `AttemptStarted`.
        status: "answered"; "failed"; or "cancelled", also by the deadline that all the attempts share.
        seconds: from its start, on a clock that never runs backwards.
        tokens: what it took; None where no reply came.
        usd: US dollars; None where no reply came, or no price is known.
        error: why it failed; None too for an exception of a backend that is not of the tree of errors.
        completions: what came back, a void one too.
    """

    model: str
    endpoint: str
    attempt: int
    samples: int
    status: Literal["answered", "failed", "cancelled"]
    seconds: float
    tokens: Tokens | None = None
    usd: float | None = None
    error: ContemplateError | None = None
    call: str = field(default="", compare=False, repr=False)
    completions: tuple[Completion, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Retried:
    """An attempt failed, and another one follows after `wait` seconds."""

    model: str
    error: ContemplateError
    wait: float

    def __str__(self) -> str:
        return f"{self.model}: {self.error}; again in {self.wait:.1f} s"


@dataclass(frozen=True)
class FellBack:
    """A model failed for good, and another one is asked instead."""

    model: str
    error: ContemplateError
    instead: str

    def __str__(self) -> str:
        return f"{self.model}: {self.error}; asking {self.instead}"


Notice = AttemptStarted | AttemptEnded | Retried | FellBack
"""Whatever a caller is told."""
