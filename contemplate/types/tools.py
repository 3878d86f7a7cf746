"""Tools that agents may call: what a model is told of them, who may call which, how much, and what came of each call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from contemplate.types.attachments import Look
from contemplate.types.base import Json, Value
from contemplate.types.messages import Blob
from contemplate.types.privacy import Privacy

ToolFailure = Literal["unknown", "arguments", "denied", "limit", "time", "unreachable", "error", "interrupted"]
"""Why a call of a tool brought no result: its caller has no such tool ("unknown"), the arguments do not fit, it was not approved
("denied"), a limit on calls, seconds or bytes was reached ("limit"), it took too long ("time"), its server does not answer
("unreachable"), it says so itself ("error"), or the run was cut short while it was at work, so that nobody knows what it has done
("interrupted")."""


class ToolSpec(Value):
    """A tool as a model is told of it, and as a run keeps it.

    Attributes:
        name: what a model calls it by.
        description: what it does.
        parameters: the JSON Schema of its arguments, an object.
        pure: its result depends on its arguments alone, and it changes nothing outside: a result that is kept is as good as a
            new one. All others are marked in the trace.
        version: changes where the tool does, so that a pure tool's old results are not taken for new ones.
        server: the name of the MCP server that it is on; empty where it is on none.
        privacy: how private a question's words may be that it is handed.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    description: str = ""
    parameters: Json = Field(default_factory=lambda: {"type": "object", "properties": {}})
    pure: bool = False
    version: str = ""
    server: str = ""
    privacy: Privacy = "local"


class ToolUse(Value):
    """One call of a tool in a turn, and what came of it. In a replay it is the one on record.

    Attributes:
        reply: which of the turn's calls asked for it, from 0.
        call: its id there.
        tool: the name that was called, whether there is such a tool or not.
        arguments: as the model wrote them.
        said: what the reply says before its calls; with the first of them alone.
        key: what its result is kept under in the ledger; empty where it was not kept.
        result: what the tool returned, as far as it was shown.
        failed: why it brought no result; None if it did.
        error: the same in one line.
        seconds: how long it took when it was made.
        pure: whether it may be answered from the ledger in any run; what is not is never made twice in one run.
        look: at what it looked in a picture; left out of the JSON where it did not.
        picture: what its caller was shown of that; the ledger keeps its bytes. Left out where it was told in words.
    """

    reply: Annotated[int, Field(ge=0)]
    call: str
    tool: str
    arguments: str
    said: str = ""
    key: str = ""
    result: str = ""
    failed: ToolFailure | None = None
    error: str | None = None
    seconds: Annotated[float, Field(ge=0)] = 0.0
    pure: bool = False
    look: Look | None = None
    picture: Blob | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        return {name: value for name, value in row.items() if value is not None or name not in {"look", "picture"}}

    @property
    def size(self) -> int:
        """The bytes of its result in words."""
        return len(self.result.encode("utf-8", "replace"))


class ToolLimits(Value):
    """The limits on the calls of tools, of a run and of each turn in it. A call past one of them is not made, and says so.

    Attributes:
        calls, seconds, bytes: of the whole run: calls, seconds that they take, bytes of their results.
        calls_per_turn, seconds_per_turn, bytes_per_turn: the same of each turn.
    """

    calls: Annotated[int, Field(ge=1, le=100_000)] = 200
    seconds: Annotated[float, Field(gt=0, le=86_400)] = 600.0
    bytes: Annotated[int, Field(ge=100)] = 1_000_000
    calls_per_turn: Annotated[int, Field(ge=1, le=100)] = 8
    seconds_per_turn: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    bytes_per_turn: Annotated[int, Field(ge=100)] = 50_000


class ToolPlan(Value):
    """The tools of a run, fixed before its first call: nothing that a tool says later adds to them.

    Attributes:
        grants: the names of tools, or of servers for all that are on them, by the card or the seat ("seat-2") that may call them.
        specs: the tools that these names stand for.
    """

    grants: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    specs: tuple[ToolSpec, ...] = ()

    def __bool__(self) -> bool:
        """Whether anybody has any."""
        return bool(self.grants)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that are granted, each once."""
        return tuple(dict.fromkeys(name for names in self.grants.values() for name in names))

    def of(self, card: str, seat: str) -> tuple[ToolSpec, ...]:
        """The tools that a seat may call in the role of a card."""
        if not self.grants:
            return ()
        names = {*self.grants.get(card, ()), *self.grants.get(seat, ())}
        return tuple(spec for spec in self.specs if spec.name in names or (spec.server and spec.server in names))

    @model_serializer(mode="wrap")
    def _only_what_is_used(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value}


NO_TOOLS = ToolPlan()


def total_of(uses: Sequence[ToolUse]) -> tuple[int, float, int]:
    """The calls, seconds and bytes that `uses` took."""
    return len(uses), sum(use.seconds for use in uses), sum(use.size for use in uses)
