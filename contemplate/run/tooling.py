"""The tools of a run at work: what a reply asks for is done within limits, kept, and shown to its author.

Where a result comes from, in this order: in a replay from the record; in a fork from the run that it comes from; else from the
ledger, if the tool is pure, or if this run has made the call before it was cut short. Only then is the tool called. A call of a
tool that is not pure is written down before it is made: one that was cut short is not made again unless that is wished.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable

import anyio
from pydantic import ValidationError

from contemplate.agents.quoting import Quoting
from contemplate.agents.tool_calls import OPENS, answered, seeded, written_calls
from contemplate.errors import InputError, PolicyError, ReplayError, ToolServerError
from contemplate.errors.boundary import boundary
from contemplate.ledger.base import Ledger
from contemplate.models.path import Reply
from contemplate.text import one_line, printable
from contemplate.tools import Approval, Approve, BadArgumentsError, Sight, Tool, read_arguments
from contemplate.types import (
    Blob,
    Completion,
    Json,
    Message,
    Request,
    ToolCall,
    ToolFailure,
    ToolLimits,
    ToolSpec,
    ToolUse,
    canonical_json,
)

_MOST_CALLS_SHOWN = 16
"""Calls in one reply past this number are left out."""
_LONGEST_ARGUMENTS = 100_000
_LONGEST_ERROR = 2_000
_LONGEST_SAID = 20_000
_BEGUN = 1
"""The draw under which it stands that a call was about to be made."""

Screen = Callable[[str, str], Awaitable[str]]
"""Of a tool's name and its arguments as JSON, the arguments with which it may be called."""
Recorded = Callable[[int, ToolCall], ToolUse | None]
"""The use of a tool on record of a turn, by its place among the turn's uses; None where it has none."""


@dataclass
class Spending:
    """The calls, seconds and bytes that tools took so far: of a run, or of a turn in it."""

    calls: int = 0
    seconds: float = 0.0
    bytes: int = 0

    def add(self, use: ToolUse) -> None:
        """Count what a use took, wherever its result came from: a run that is resumed comes to its limits where it would have.

        The call itself is counted when it begins, since others may be under way.
        """
        self.seconds += use.seconds
        self.bytes += use.size


@dataclass
class Tooling:
    """The tools of a run.

    Attributes:
        tools: what can be called, by name; none in a replay.
        limits: of the run and of each turn.
        approve: is asked before each call; None: all may be made.
        again: make calls once more that were at work when the run was cut short, though they are not pure.
        spent: what they took so far.
    """

    tools: Mapping[str, Tool] = field(default_factory=dict)
    limits: ToolLimits = field(default_factory=ToolLimits)
    approve: Approve | None = None
    again: bool = False
    spent: Spending = field(default_factory=Spending)


@dataclass
class TurnTools:
    """The tools of one turn.

    Attributes:
        tooling: those of its run.
        specs: what its agent may call.
        ledger: keeps results.
        run, turn, seat: where it stands.
        quoting: how results are quoted.
        recorded: the use on record, if this is a replay; or that of the run it is a fork of.
        replays: whether there must be one.
        told: told of each use.
        screen: gives the arguments with which a tool may be called, by the policy in force, or raises `PolicyError`.
    """

    tooling: Tooling
    specs: tuple[ToolSpec, ...]
    ledger: Ledger
    run: str
    turn: str
    seat: str
    quoting: Quoting
    recorded: Recorded
    replays: bool
    told: Callable[[ToolUse], None]
    screen: Screen | None = None
    uses: list[ToolUse] = field(default_factory=list)
    spent: Spending = field(default_factory=Spending)
    replies: int = 0
    _warned: bool = False

    def asked_for(self, reply: Reply) -> tuple[tuple[ToolCall, ...], str]:
        """The calls that a reply asks for, and its words up to them; none where it was cut off or refused."""
        completion = reply.completion
        if completion.finish in {"length", "refusal", "filter"}:
            return (), completion.text
        if reply.request.tools:
            return completion.tool_calls[:_MOST_CALLS_SHOWN], completion.text
        return written_calls(completion.text)

    async def follow(self, reply: Reply) -> Request | None:
        """Do what a reply asks for; the request that shows its author what came of it.

        None where it asks for nothing, or asks on after it was told that nothing more can be called.
        """
        place, self.replies = self.replies, self.replies + 1
        calls, said = self.asked_for(reply)
        if not calls:
            return None
        over = self._warned
        for number, call in enumerate(calls):
            limit = self._exhausted()
            self.spent.calls += 1
            self.tooling.spent.calls += 1
            use = await self._use(place, call, limit, sees="image" in reply.request.modalities)
            use = use.model_copy(update={"said": said.partition(OPENS)[0].strip()[:_LONGEST_SAID] if number == 0 else ""})
            self.uses.append(use)
            self.spent.add(use)
            self.tooling.spent.add(use)
            self.told(use)
        if over:
            return None
        self._warned = self._exhausted() is not None
        asked = reply.request
        quoting = seeded(self.quoting, asked.seed)
        more = answered(said, calls, self.uses[-len(calls) :], quoting, native=bool(asked.tools), over=self._warned)
        return _going_on(asked, more)

    # --- one call -------------------------------------------------------------------------------------

    async def _use(self, reply: int, call: ToolCall, limit: str | None, *, sees: bool) -> ToolUse:
        screened, refused = await self._screened(call)
        known = self.recorded(len(self.uses), call)
        if known is not None:
            return known
        if self.replays:
            raise ReplayError(f"turn {self.turn} is on record without the call of {one_line(call.name)} that it makes")
        spec = next((one for one in self.specs if one.name == call.name), None)
        named, written = one_line(call.name), call.arguments[:_LONGEST_ARGUMENTS]
        use = ToolUse(reply=reply, call=call.id, tool=named, arguments=written, pure=spec is None or spec.pure)
        if spec is None:
            there = ", ".join(one.name for one in self.specs)
            wrong = f"there is no tool {named!r} here" if call.name else "the block can't be read as a call"
            return _failed(use, "unknown", f"{wrong}; there are: {there}")
        if refused is not None:
            return _failed(use, "denied", refused)
        try:
            arguments = read_arguments(screened)
        except BadArgumentsError as error:
            return _failed(use, "arguments", str(error))
        return await self._kept(use, spec, arguments, limit, sees=sees)

    async def _screened(self, call: ToolCall) -> tuple[str, str | None]:
        """The arguments of a call as the policy has them, and why it may not be made; a replay takes both from its record."""
        if self.screen is None or all(spec.name != call.name for spec in self.specs):
            return call.arguments, None
        try:
            return await self.screen(call.name, call.arguments), None
        except PolicyError as error:
            return call.arguments, str(error)

    async def _kept(self, use: ToolUse, spec: ToolSpec, arguments: Json, limit: str | None, *, sees: bool) -> ToolUse:
        """The use as the ledger has it, or as it comes out now."""
        tool = self.tooling.tools.get(spec.name)
        shows = sees and tool is not None and tool.seen is not None
        everywhere = _kept_under(spec, arguments, ("seen",) if shows else ()) if spec.pure else None
        here = _kept_under(spec, arguments, (self.run, self.turn, len(self.uses)))
        if (old := await self._found(here, use)) is not None:
            return old
        if limit is not None:
            return await self._keep(here, _failed(use, "limit", limit))
        if everywhere is not None and (old := await self._found(everywhere, use)) is not None:
            return old
        if not spec.pure and not self.tooling.again and await self._begun(here):
            why = "it was at work when the run was cut short, so nobody knows what it did; it is not called again"
            return _failed(use, "interrupted", why)
        if not await self._approved(spec, arguments):
            return await self._keep(here, _failed(use, "denied", "it was not approved"))
        came = await self._called(use, tool, arguments, shows=shows)
        return await self._keep(
            everywhere if everywhere is not None and came.failed in {None, "error", "arguments"} else here, came
        )

    async def _found(self, under: Request, use: ToolUse) -> ToolUse | None:
        found = await self.ledger.completion(under.key)
        old = None if found is None else _read(found, use)
        return None if old is None else old.model_copy(update={"key": under.key})

    async def _begun(self, here: Request) -> bool:
        """Whether the call was about to be made in this run before; from now on it was."""
        marker = Request(**{**{name: getattr(here, name) for name in Request.model_fields}, "draw": _BEGUN})
        if await self.ledger.completion(marker.key) is not None:
            return True
        await self.ledger.adopt([(marker, Completion(text="begun"))])
        return False

    async def _approved(self, spec: ToolSpec, arguments: Json) -> bool:
        approve = self.tooling.approve
        if approve is None:
            return True
        asked = Approval(self.run, self.turn, self.seat, spec.name, spec.server, arguments, spec.pure)
        said: object = False
        with boundary(f"approving {spec.name}", passes=()) as caught:
            said = approve(asked)
            said = await said if isawaitable(said) else said
        return caught.error is None and said is True

    async def _called(self, use: ToolUse, tool: Tool | None, arguments: Json, *, shows: bool) -> ToolUse:
        if tool is None:
            raise InputError(f"the tool {use.tool!r} is not there: give it again, as Orchestrator(tools=[...])")
        limits, began = self.tooling.limits, time.monotonic()
        came: str | Sight = ""
        left = min(limits.seconds_per_turn - self.spent.seconds, limits.seconds - self.tooling.spent.seconds)
        seconds = max(min(left, tool.seconds or left), 0.0)
        failed: ToolFailure | None = None
        error: str | None = None
        with anyio.move_on_after(seconds) as clock, boundary(f"the tool {use.tool}", passes=()) as caught:
            came = await (tool.seen if shows and tool.seen is not None else tool.work)(arguments)
        took = round(time.monotonic() - began, 3)
        if clock.cancelled_caught:
            failed, error = "time", f"it took longer than {seconds:g} s"
        elif (problem := caught.error) is not None:
            bad = isinstance(problem.__cause__, BadArgumentsError)
            failed = "arguments" if bad else "unreachable" if isinstance(problem, ToolServerError) else "error"
            error = str(problem.__cause__) if bad else str(problem)
        error = None if error is None else one_line(error, _LONGEST_ERROR)
        sight = came if isinstance(came, Sight) else None
        text = sight.text if sight is not None else str(came)
        update = {"result": self._cut(text), "failed": failed, "error": error, "seconds": took}
        return use.model_copy(update=update | ({} if sight is None else await self._looked(sight)))

    async def _looked(self, sight: Sight) -> Json:
        """What a use holds of a look: its place, and the picture of it, once that is kept."""
        if sight.content is None:
            return {"look": sight.look}
        sha256 = await self.ledger.keep_blob(sight.content)
        size, width, height = len(sight.content), sight.width, sight.height
        return {"look": sight.look, "picture": Blob(sha256=sha256, mime=sight.media_type, size=size, width=width, height=height)}

    def _cut(self, text: str) -> str:
        """A result as much as there is room for."""
        limits = self.tooling.limits
        room = max(min(limits.bytes_per_turn - self.spent.bytes, limits.bytes - self.tooling.spent.bytes), 0)
        whole = printable(text[:room])
        kept = whole.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
        return kept if len(kept) == len(printable(text)) else f"{kept}\n[... cut: no more than {room:,} bytes are shown]"

    async def _keep(self, under: Request, use: ToolUse) -> ToolUse:
        """Keep a use, unless another process was first: then that one counts."""
        use = use.model_copy(update={"key": under.key})
        await self.ledger.adopt([(under, Completion(text=use.model_dump_json()))])
        if self.ledger.shared and (first := await self.ledger.completion(under.key)) is not None:
            return _read(first, use) or use
        return use

    def _exhausted(self) -> str | None:
        """The limit that is reached; None while there is room for another call."""
        limits, turn, run = self.tooling.limits, self.spent, self.tooling.spent
        reached: Sequence[tuple[bool, str]] = (
            (turn.calls >= limits.calls_per_turn, f"{limits.calls_per_turn} calls in a turn"),
            (turn.seconds >= limits.seconds_per_turn, f"{limits.seconds_per_turn:g} s in a turn"),
            (turn.bytes >= limits.bytes_per_turn, f"{limits.bytes_per_turn:,} bytes in a turn"),
            (run.calls >= limits.calls, f"{limits.calls} calls in a run"),
            (run.seconds >= limits.seconds, f"{limits.seconds:g} s in a run"),
            (run.bytes >= limits.bytes, f"{limits.bytes:,} bytes in a run"),
        )
        return next((f"the limit of {what} is reached" for is_so, what in reached if is_so), None)


def _going_on(asked: Request, more: tuple[Message, ...]) -> Request:
    fields = {name: getattr(asked, name) for name in Request.model_fields}
    return Request(**{**fields, "messages": (*asked.messages, *more)})


def _kept_under(spec: ToolSpec, arguments: Json, where: tuple[str | int, ...]) -> Request:
    """What a result is kept under: a request to the tool, with where it was made unless that does not matter."""
    asked = canonical_json({"version": spec.version, "server": spec.server, "arguments": arguments, "where": list(where)})
    return Request(model=f"tool/{spec.name}", messages=(Message(role="user", content=asked),))


def _read(kept: Completion, use: ToolUse) -> ToolUse | None:
    """What is kept of a use, as a use of this turn; None where it can't be read."""
    try:
        old = ToolUse.model_validate_json(kept.text)
    except ValidationError:
        return None
    return old.model_copy(update={name: getattr(use, name) for name in ("reply", "call", "tool", "arguments", "pure")})


def _failed(use: ToolUse, kind: ToolFailure, why: str) -> ToolUse:
    return use.model_copy(update={"failed": kind, "error": one_line(why, _LONGEST_ERROR)})


def on_record(uses: Sequence[ToolUse], place: int, call: ToolCall) -> ToolUse | None:
    """The use at that place on record, if it is the same call."""
    known = uses[place] if place < len(uses) else None
    same = known is not None and known.tool == one_line(call.name) and known.arguments == call.arguments[:_LONGEST_ARGUMENTS]
    return known if same else None
