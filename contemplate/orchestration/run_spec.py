"""A plan: everything that a run needs, fixed before its first call, and stored with it."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_serializer,
    field_validator,
    model_serializer,
)

from contemplate._version import __version__
from contemplate.agents.card import Card
from contemplate.catalogue.strategy import Strategy, from_store, to_store
from contemplate.errors import LedgerError
from contemplate.models.backends.model import ModelSpec
from contemplate.models.budget import Budget
from contemplate.models.names import LOCAL_MAX_TOKENS, usual_max_tokens
from contemplate.policy.rules import Policy
from contemplate.run.what_if import NO_CHANGES, Changes
from contemplate.types import (
    NO_TOOLS,
    AnswerKind,
    FocusPlan,
    Json,
    OutsideView,
    Privacy,
    Question,
    Sampling,
    Stakes,
    ToolPlan,
    Value,
)
from contemplate.voting.witnesses import NOTHING, Knowledge


def new_run() -> str:
    """The id of a new run: when it begins, UTC, and 40 random bits: of thousands that begin in one second no two are alike."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(5)}"


_ASKED = re.compile(r"\d{8}-\d{6}-")


def was_asked(run: str) -> bool:
    """Whether a run has an id of its own, as `new_run` makes them: it is no cell of an experiment, and not made for credit."""
    return _ASKED.match(run) is not None


class ConversationTurn(Value):
    """The place of a run in a conversation, and what was asked for when that began.

    Attributes:
        id: of the conversation.
        number: of the turn, from 1.
        strategy: the recipe's name or path; None for a strategy built in Python.
        parameters: values for the recipe's parameters.
        answer: the kind of answer, where one was asked for.
        tools: the names of those that all who answer may call.
        policy: that it is under besides that of the settings: a file, a name or "off" as it was given, or the policy itself.
        profile: under which policies are used.
    """

    id: str
    number: Annotated[int, Field(ge=1)]
    strategy: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    answer: AnswerKind | None = None
    tools: tuple[str, ...] = ()
    policy: Policy | str | None = None
    profile: str | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        unused = {name for name in ("tools", "policy", "profile") if not getattr(self, name)}
        return {name: value for name, value in row.items() if name not in unused}


class RunSpec(Value):
    """A run before it starts: with a ledger that holds its replies, it gives the same trace again.

    Attributes:
        models: what they are called; the seats take them in turn.
        fallbacks: asked when one of them fails.
        routes: what it takes to find models again that are more than a name, by what they are called. There is no key in it.
        base_url: the OpenAI-compatible address of all models that have none of their own, but `local/...`.
        sampling: how all replies are drawn, whatever cards and models say; only what is set in it counts.
        local_max_tokens: the most tokens of a reply of an embedded model, where nobody says otherwise: that hangs on the kind of
            answer, and is kept since what is usual may change.
        cards: the cards in full, so that a later change of the files changes nothing here.
        reliability: the weight of each model's vote, where the strategy weighs voters by what was learned of them.
        consistency: the same of each model as a judge, where ballots weigh how far it agrees with itself.
        knowledge: what is known of members and critics, where the strategy goes by it.
        learns_until: only runs that began earlier teach it, in seconds since 1970, UTC; None for all that there are.
        version: the contemplate that made it.
        forked_from: the id of the run that this one is a fork of; None if it is none.
        changes: what is different in it, and in the runs between it and the one that was no fork. Strategy and routes have theirs
            in them already; the others are made as it goes.
        conversation: its place in a conversation, if it is a turn of one.
        secret: what the tags of its quotations hang on; None for a run from before there were secrets.
        traceparent: its place in a trace of OpenTelemetry's, as W3C writes it; None where nobody kept one.
        tools: who may call which tools.
        policies: that it is under, whole, one after the other.
        stakes: what is asked for before it answers, where much hangs on it.
        outside: what models see that may not see all of a private run; None: it calls none.
        focus: how its documents are dealt, where not all read all of them; fixed as it begins.
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
    routes: dict[str, ModelSpec] = Field(default_factory=dict)
    sampling: Sampling | None = None
    local_max_tokens: int = LOCAL_MAX_TOKENS
    consistency: dict[str, float] = Field(default_factory=dict)
    knowledge: Knowledge = Field(default_factory=lambda: NOTHING)
    learns_until: float | None = None
    forked_from: str | None = None
    changes: Changes = Field(default_factory=lambda: NO_CHANGES)  # a default that pydantic would copy each time
    conversation: ConversationTurn | None = None
    secret: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = Field(default=None, repr=False)
    traceparent: Annotated[str, Field(pattern="^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")] | None = None
    tools: ToolPlan = NO_TOOLS
    policies: tuple[Policy, ...] = ()
    stakes: Stakes | None = None
    outside: OutsideView | None = None
    focus: FocusPlan | None = None

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Json:
        """Leave out what is not used, so that the JSON of a run that uses nothing new stays as it was."""
        row: Json = handler(self)
        usual: Json = {
            "routes": {},
            "sampling": None,
            "local_max_tokens": LOCAL_MAX_TOKENS,
            "consistency": {},
            "knowledge": NOTHING.model_dump(mode="json"),
            "learns_until": None,
            "forked_from": None,
            "changes": {},
            "conversation": None,
            "secret": None,
            "traceparent": None,
            "tools": {},
            "policies": [],
            "stakes": None,
            "outside": None,
            "focus": None,
        }
        return {word: value for word, value in row.items() if word not in usual or value not in (None, usual[word])}

    @field_serializer("routes")
    def _write_routes(self, routes: dict[str, ModelSpec]) -> dict[str, Json]:
        return {name: route.to_dict() for name, route in routes.items()}

    @field_serializer("sampling")
    def _write_sampling(self, sampling: Sampling | None) -> Json | None:
        return None if sampling is None else sampling.model_dump(mode="json", exclude_unset=True)

    @field_serializer("strategy")
    def _write_strategy(self, strategy: Strategy) -> Json:
        row = strategy.to_dict()
        return {**row, "steps": to_store(row["steps"]), "name": strategy.name, "digest": strategy.digest}

    @field_validator("cards", mode="before")
    @classmethod
    def _plain(cls, cards: Mapping[str, object]) -> dict[str, object]:
        return dict(cards)

    @field_validator("strategy", mode="before")
    @classmethod
    def _from_store(cls, strategy: object) -> object:
        steps = strategy.get("steps") if isinstance(strategy, dict) else None
        return {**strategy, "steps": from_store(steps)} if isinstance(strategy, dict) and isinstance(steps, list) else strategy

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all the models that it may call, each once: the panel, the fallbacks, and those that cards insist on."""
        return every_model(self.panel_models, self.fallbacks, self.cards)

    @property
    def privacy(self) -> Privacy:
        """The label of all that it asks: that of its question, or of a document if that is stricter."""
        return self.question.strictest_privacy

    @property
    def panel_models(self) -> tuple[str, ...]:
        """The models of the panel, and those that a fork gives to single seats."""
        return tuple(dict.fromkeys((*self.models, *self.changes.models.values())))

    @property
    def quorum(self) -> int:
        """The number of seats that must give a readable answer; in a fork no more than there are."""
        return max(min(self.strategy.quorum, self.strategy.seats - len(self.changes.without_seats)), 1)

    @property
    def spare_seats(self) -> int:
        """The number of seats that may stay without a readable answer."""
        return max(self.strategy.seats - len(self.changes.without_seats), 1) - self.quorum

    @property
    def runs_programs(self) -> bool:
        """Whether a role of it writes programs, which are run here."""
        return any(card.writes_programs for card in self.cards.values())

    def sampling_of(self, model: str, card: Card) -> Sampling:
        """The sampling of `model` in a role: as the run says, else the card, else the model, else the settings."""
        return over(card.sampling(drawn(model, self.routes.get(model), self.max_tokens, self.local_max_tokens)), self.sampling)

    @property
    def draws_apart(self) -> frozenset[str]:
        """The models that say themselves how their replies are drawn."""
        return frozenset(name for name, route in self.routes.items() if route.sampling is not None)

    def head(self) -> Json:
        """The facts for the first line of a trace file: names and digests, not the whole cards."""
        return {
            "contemplate": self.version,
            "recipe": self.strategy.digest,
            "cards": {name: card.digest for name, card in self.cards.items()},
            "fallbacks": list(self.fallbacks),
            "base_url": self.base_url,
            "max_tokens": self.max_tokens,
            "budget": self.budget.model_dump(mode="json"),
            **({"routes": {name: route.to_dict() for name, route in self.routes.items()}} if self.routes else {}),
            **({"forked_from": self.forked_from, "changes": self.changes.model_dump(mode="json")} if self.forked_from else {}),
            **({"policies": [f"{one.name} {one.version} {one.profile}" for one in self.policies]} if self.policies else {}),
            **({"stakes": self.stakes.model_dump(mode="json")} if self.stakes else {}),
            **({"outside": self.outside.mode} if self.outside else {}),
            **({"focus": self.focus.model_dump(mode="json")} if self.focus else {}),
            **({"sampling": self.sampling.model_dump(mode="json", exclude_unset=True)} if self.sampling else {}),
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


def every_model(models: Sequence[str], fallbacks: Sequence[str], cards: Mapping[str, Card]) -> tuple[str, ...]:
    """The models of a panel, its fallbacks, and those that cards insist on, each once."""
    return tuple(dict.fromkeys((*models, *fallbacks, *(name for card in cards.values() for name in card.models))))


def drawn(model: str, spec: ModelSpec | None, max_tokens: int | None, local: int = LOCAL_MAX_TOKENS) -> Sampling:
    """The sampling of a model, unless a card or the run says otherwise.

    Args:
        model: what it is called.
        spec: what is known of it.
        max_tokens: of the settings, where that does not say.
        local: of an embedded model, where these don't say either.
    """
    usual = Sampling(max_tokens=max_tokens or usual_max_tokens(model if spec is None else spec.name, local))
    return over(usual, None if spec is None else spec.sampling)


def over(sampling: Sampling, changes: Sampling | None) -> Sampling:
    """`sampling` with what is set in `changes` instead."""
    if changes is None:
        return sampling
    return sampling.model_copy(update={name: getattr(changes, name) for name in changes.model_fields_set})
