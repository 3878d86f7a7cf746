"""A plan: everything that a run needs, fixed before its first call, and stored with it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, ValidationError, field_serializer, field_validator

from contemplate._version import __version__
from contemplate.agents.card import Card
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import LedgerError
from contemplate.models.budget import Budget
from contemplate.types import Json, Question, Sampling, Value

EMBEDDED = "local/smollm2"
"""The model that is asked where nobody names one."""

LOCAL_MAX_TOKENS = 320
DEFAULT_MAX_TOKENS = 2048
"""The most tokens of a reply, where neither card nor settings say: small local models ramble."""


def usual_max_tokens(model: str) -> int:
    """The most tokens of a reply of `model`, where nobody says otherwise."""
    return LOCAL_MAX_TOKENS if model.startswith("local/") else DEFAULT_MAX_TOKENS


class RunSpec(Value):
    """A run before it starts: with a ledger that holds its replies, it gives the same trace again.

    Attributes:
        models: the seats take them in turn.
        fallbacks: asked when one of them fails.
        base_url: the OpenAI-compatible address given for all models but `local/...`.
        cards: the cards in full, so that a later change of the files changes nothing here.
        reliability: the weight of each model's vote, where the strategy weighs voters by what was learned of them.
        version: the contemplate that made it.
    """

    question: Question
    strategy: Strategy
    cards: dict[str, Card]
    models: tuple[str, ...]
    fallbacks: tuple[str, ...] = ()
    base_url: str | None = None
    seed: int = 0
    budget: Budget = Budget()
    max_tokens: int | None = None
    reliability: dict[str, float] = Field(default_factory=dict)
    version: str = __version__

    @field_serializer("strategy")
    def _write_strategy(self, strategy: Strategy) -> Json:
        return {**strategy.to_dict(), "name": strategy.name, "digest": strategy.digest}

    @field_validator("cards", mode="before")
    @classmethod
    def _plain(cls, cards: Mapping[str, object]) -> dict[str, object]:
        return dict(cards)

    def sampling(self, model: str) -> Sampling:
        """How replies of `model` are drawn, unless a card says otherwise."""
        return Sampling(max_tokens=self.max_tokens or usual_max_tokens(model))

    def head(self) -> Json:
        """What the first line of a trace file says of it: names and digests, not the whole cards."""
        return {
            "contemplate": self.version,
            "recipe": self.strategy.digest,
            "cards": {name: card.digest for name, card in self.cards.items()},
            "fallbacks": list(self.fallbacks),
            "base_url": self.base_url,
            "max_tokens": self.max_tokens,
            "budget": self.budget.model_dump(mode="json"),
        }

    @classmethod
    def stored(cls, run: str, spec: Json) -> RunSpec:
        """The plan of a stored run.

        Raises:
            LedgerError: this version can't read it.
        """
        try:
            return cls.model_validate(spec)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            made = spec.get("version", "unknown")
            msg = f"run {run} was made by contemplate {made} and can't be read by {__version__} ({where}: {first['msg']})"
            raise LedgerError(msg) from None
