"""An agent: a card bound to a model and sampling settings, on one seat of the panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contemplate.agents.card import Card
from contemplate.agents.tool_calls import offered
from contemplate.seeds import derive
from contemplate.types import Json, Message, Request, Sampling, ToolSpec, seat_number

_SEED_RANGE = 2**31


@dataclass(frozen=True)
class Agent:
    """A seat playing a role.

    Attributes:
        seat: "seat-1" and so on for the panel, or the card's name for a role outside of it (a judge).
        models: the model that is asked, then those that are asked when it fails.
        sampling: how their replies are drawn.
        own: how those of a model are drawn instead, by model.
        logprobs: how many of the likeliest tokens to report at each position of the reply; None for none.
    """

    seat: str
    card: Card
    models: tuple[str, ...]
    sampling: Sampling
    logprobs: int | None = None
    own: Mapping[str, Sampling] = field(default_factory=dict, hash=False)

    @property
    def number(self) -> int:
        """The seat's number on the panel, from 1; 0 outside of it."""
        return seat_number(self.seat)

    def requests(
        self,
        lay_out: Callable[[bool], tuple[Message, ...]],
        *,
        schema: Json | None,
        seed: int,
        draw: int,
        endpoint_of: Callable[[str], str | None],
        tools: Sequence[ToolSpec] = (),
        views: Callable[[tuple[Message, ...]], list[tuple[Message, ...]]] = lambda messages: [messages],
    ) -> list[Request]:
        """The calls that would answer, in the order in which they are tried.

        The sampling seed depends on the run's seed and on the draw alone, never on the strategy, so that two
        strategies that ask the same share their samples through the ledger.

        Args:
            lay_out: the messages, asking for a JSON object or for text.
            schema: of the object; each model is asked for that first, and for text if it can't.
            seed: the run's.
            draw: which of several otherwise identical samples this is.
            endpoint_of: the base URL of a model.
            tools: that it may call: each model is offered them in its protocol's form first, and in the prompt if it can't.
            views: the forms of a prompt, best first, as many for the object as for text: with pictures and sound, and without.
        """
        as_text, native = lay_out(False), tuple(tools)  # noqa: FBT003 - as said above
        laid: list[tuple[Json | None, list[tuple[Message, ...]], tuple[ToolSpec, ...]]] = [(None, views(as_text), native)]
        if tools:
            laid.append((None, views(offered(as_text, tools)), ()))
        if schema:
            laid.insert(0, (schema, views(lay_out(True)), native))  # noqa: FBT003
        forms = [(wanted, seen[place], granted) for place in range(len(laid[0][1])) for wanted, seen, granted in laid]
        return [
            Request.made(
                model=model,
                messages=messages,
                sampling=self.own.get(model, self.sampling),
                endpoint=endpoint_of(model),
                seed=derive(seed, "draw", draw) % _SEED_RANGE,
                draw=draw,
                reply_schema=reply_schema,
                logprobs=self.logprobs,
                tools=granted,
            )
            for model in self.models
            for reply_schema, messages, granted in forms
        ]
