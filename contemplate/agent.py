"""An agent: a card bound to a model and sampling settings, on one seat of the panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contemplate.cards import Card
from contemplate.seeds import derive
from contemplate.types import Message, Request, Sampling

_SEED_RANGE = 2**31


@dataclass(frozen=True)
class Agent:
    """A seat playing a role.

    Attributes:
        seat: "seat-1" and so on for the panel, or the card's name for a role outside of it (a judge).
        models: the model that is asked, then those that are asked when it fails.
    """

    seat: str
    card: Card
    models: tuple[str, ...]
    sampling: Sampling

    @property
    def number(self) -> int:
        """The seat's number on the panel, from 1; 0 outside of it."""
        return int(self.seat.removeprefix("seat-")) if self.seat.startswith("seat-") else 0

    def requests(
        self, messages: Sequence[Message], *, seed: int, draw: int, endpoint_of: Callable[[str], str | None]
    ) -> list[Request]:
        """The calls that would answer `messages`, in the order in which they are tried.

        The sampling seed depends on the run's seed and on the draw alone, never on the strategy, so that two
        strategies that ask the same share their samples through the ledger.
        """
        return [
            Request(
                model=model,
                messages=tuple(messages),
                sampling=self.sampling,
                endpoint=endpoint_of(model),
                seed=derive(seed, "draw", draw) % _SEED_RANGE,
                draw=draw,
            )
            for model in self.models
        ]
