"""The turns of a run: what each said or decided, what it took, and how it failed."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import SerializerFunctionWrapHandler, computed_field, model_serializer, model_validator

from contemplate.errors import ContemplateError
from contemplate.types.attachments import AttachmentView, Look
from contemplate.types.base import Value
from contemplate.types.calls import Tokens
from contemplate.types.found import Found
from contemplate.types.policy import Ruling
from contemplate.types.programs import Program
from contemplate.types.tools import ToolUse
from contemplate.types.votes import Answer, Decision

TurnStatus = Literal["said", "failed", "cancelled"]
EdgeKind = Literal["saw", "revised", "criticised", "counted"]
StopReason = Literal[
    "completed",
    "agreement",
    "settled",
    "stable",
    "accepted",
    "rejected",
    "judge",
    "quorum",
    "budget",
    "deadline",
    "unreachable",
    "interrupted",
    "policy",
    "abstained",
]

_SHOWN = 600
"""How much of what a tool returned others are shown, in characters."""
_SEAT = re.compile(r"seat-([1-9][0-9]{0,5})", re.ASCII)


def seat_number(seat: str) -> int:
    """The number of a seat of the panel ("seat-3" is 3); 0 for a role outside of it, as a judge."""
    found = _SEAT.fullmatch(seat)
    return int(found[1]) if found else 0


class Usage(Value):
    """The calls, tokens, money and time that a run took.

    Attributes:
        calls: calls sent to a provider, retries included.
        cached_calls: calls answered from the ledger, at no cost.
        cached_tokens: prompt tokens that a server had read before and did not read again, where it says so; what earlier sittings
            of a resumed run had is not in it. Left out of the JSON where there are none.
        tool_calls: calls of tools; left out of the JSON, with their seconds, where there are none.
        tool_seconds: how long they took.
        usd: US dollars; None when the price of a model that was called is not known.
        seconds: wall-clock.
    """

    calls: int = 0
    cached_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    seconds: float = 0.0
    cached_tokens: int = 0
    tool_calls: int = 0
    tool_seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Both together: `usd` is None if one of them is; the seconds are added, as of runs one after the other."""
        return Usage(
            calls=self.calls + other.calls,
            cached_calls=self.cached_calls + other.cached_calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            usd=None if self.usd is None or other.usd is None else self.usd + other.usd,
            seconds=self.seconds + other.seconds,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            tool_calls=self.tool_calls + other.tool_calls,
            tool_seconds=self.tool_seconds + other.tool_seconds,
        )

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        unused = {name for name in ("cached_tokens", "tool_calls", "tool_seconds") if not getattr(self, name)}
        return {name: value for name, value in row.items() if name not in unused}


class Failure(Value):
    """The reason why a turn failed.

    Attributes:
        kind: that of the error tree in `contemplate.errors`; "no-answer" where a reply can't be read, "compute" where the program
            that it holds failed.
        message: the reason, in one line.
    """

    kind: str
    message: str

    @classmethod
    def of(cls, error: ContemplateError) -> Self:
        """The failure that stands in the trace for `error`."""
        return cls.made(kind=error.kind, message=str(error))


class CallRef(Value):
    """One call of a turn. The ledger holds what was asked and what came back, under its key.

    Attributes:
        key: the content key of the request; empty where a ledger of an earlier version does not say.
        model: that answered, as the user named it (a fallback's name, if that was it).
        tokens: what it took.
    """

    key: str = ""
    model: str = ""
    tokens: Tokens = Tokens()


class Turn(Value):
    """One node of the trace: one message of one seat, or one decision.

    Everything in it is the same when the run is replayed; clock times and cache hits stand beside it.

    Attributes:
        id: its place in the recipe, as "2.revise/1/seat-3".
        step: number and verb of the step, as "2.revise".
        round: the pass of the enclosing `repeat`, from 1; 0 outside of one.
        model: the model that answered (a fallback's name, if that was it).
        calls: the calls that were answered, in their order; the reply to the last one counts.
        text: the reply, also where the turn failed after one came; of several, all of them but those that asked for tools.
        answer: the position read from it (propose, revise, synthesize).
        verdict: what a critic found: "sound", "flawed", or "unclear".
        confidence: how sure the reply says that it is, in [0, 1].
        chose: the id of the turn that a judge chose.
        found: what else was read from the reply: a score, a ranking of turns, steps.
        decision: what a vote came to.
        failure: why it failed.
        programs: those that its replies held, as they were run; the last one counts. Left out of the JSON where there are none.
        tools: the calls of tools that its replies asked for, and what came of each. Left out of the JSON where there are none.
        views: how its agent was shown each attachment of the question. Left out of the JSON where there are none.
        looks: what its agent looked at in pictures, in order. Left out of the JSON where it looked at nothing.
        edited: its text was put in by whoever forked the run, and no agent was asked. Left out of the JSON where it was not.
        policy: the rules that applied to it. Left out of the JSON where there are none.
    """

    id: str
    step: str
    verb: str
    round: int = 0
    seat: str = ""
    card: str = ""
    model: str = ""
    draw: int = 0
    status: TurnStatus = "said"
    calls: tuple[CallRef, ...] = ()
    text: str | None = None
    tokens: Tokens = Tokens()
    answer: Answer | None = None
    verdict: Literal["sound", "flawed", "unclear"] | None = None
    confidence: float | None = None
    chose: str | None = None
    found: Found = Found()
    decision: Decision | None = None
    failure: Failure | None = None
    programs: tuple[Program, ...] = ()
    tools: tuple[ToolUse, ...] = ()
    edited: bool = False
    policy: tuple[Ruling, ...] = ()
    views: tuple[AttachmentView, ...] = ()
    looks: tuple[Look, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # as pydantic's documentation says
    @property
    def key(self) -> str | None:
        """The content key of the request that was answered; of several, the last one."""
        return self.calls[-1].key if self.calls else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def repaired(self) -> bool:
        """Whether the reply could not be read, and was asked for once more in the right form."""
        return len(self.calls) - self.tool_rounds > 1

    @property
    def answering(self) -> CallRef | None:
        """The first of its calls whose reply asked for no tools; None where there is none."""
        rounds = {use.reply for use in self.tools}
        return next((call for place, call in enumerate(self.calls) if place not in rounds), None)

    @property
    def tool_rounds(self) -> int:
        """The number of its replies that asked for tools."""
        return len({use.reply for use in self.tools}) if self.tools else 0

    @property
    def on_panel(self) -> bool:
        """Whether a seat of the panel speaks, and no role outside of it."""
        return seat_number(self.seat) > 0

    @property
    def reply(self) -> str:
        """The reply as critics and judges are shown it: with what its tools returned."""
        return f"{self.text or ''}{self._returned}"

    @property
    def _returned(self) -> str:
        if not self.tools:
            return ""
        came = (f"{use.tool}: {(use.result if use.failed is None else use.error or '')[:_SHOWN]}" for use in self.tools)
        return "\n".join(["", "", "What its tools returned:", *came])

    @property
    def words(self) -> str:
        """The words that others are shown: the reply, or what stands in its object, and what its program or tools gave."""
        said = (self.text or "") if self.found.words is None else self.found.words
        said = f"{said}{self._returned}"
        return f"{said}\n\nThe program printed:\n{self.programs[-1].output}" if self.programs else said

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        for name in ("programs", "tools", "edited", "policy", "views", "looks"):
            if not getattr(self, name):
                row.pop(name, None)
        return row

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_versions(cls, row: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
        """Take a stored turn: `key` and `repaired` are worked out, or all that an earlier version says of the calls."""
        if not isinstance(row, dict) or not row.keys() & {"key", "repaired"}:
            return row
        kept = {name: value for name, value in row.items() if name not in {"key", "repaired"}}
        if "calls" in kept or row.get("key") is None:
            return kept
        if row.get("repaired"):
            return {**kept, "calls": ({}, {"key": row["key"], "model": row.get("model", "")})}
        ref = {"key": row["key"], "model": row.get("model", ""), "tokens": row.get("tokens", {})}
        return {**kept, "calls": (ref,)}

    @model_validator(mode="after")
    def _failed_turns_say_why(self) -> Turn:
        if (self.status == "failed") != (self.failure is not None):
            msg = "a turn has a failure exactly when it failed"
            raise ValueError(msg)
        return self
