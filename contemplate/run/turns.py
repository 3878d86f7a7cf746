"""How a turn comes about: it waits for what it sees, asks its agent, and is recorded, whatever came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import anyio
from anyio.abc import TaskGroup

from contemplate import log
from contemplate.agents import prompts
from contemplate.agents.agent import Agent
from contemplate.agents.card import Card
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.answers import Verifier
from contemplate.errors import BudgetError, ContemplateError, InputError, boundary, failure_of
from contemplate.models.budget import Account
from contemplate.models.path import Caller, Calls, Reply
from contemplate.trace.outcome import Event, Noted, TurnEnded, TurnStarted
from contemplate.trace.trace import Clock, Trace
from contemplate.types import (
    Completion,
    EdgeKind,
    Failure,
    Message,
    Question,
    Request,
    Sampling,
    StopReason,
    Tokens,
    Turn,
    Usage,
)

AFTER_THE_END = "end."
"""What the ids of decisions begin with that are taken after a run is over."""


class PendingTurn:
    """A turn that was laid out. Await it to get the `Turn`, once it is over.

    Attributes:
        messages: what its agent was asked, once it was.
        completion: what came back, if anything did.
        spare: it may turn out not to be needed; until that is known it is not on record.
        scope: cancels it, and those that are asked together with it.
        together: these turns, it among them.
    """

    def __init__(self, turn: Turn, agent: Agent | None = None, *, spare: bool = False) -> None:
        """Set up a turn that is still to come; `turn` is its outline."""
        self.id = turn.id
        self.seat = turn.seat
        self.agent = agent
        self.outline = turn
        self.spare = spare
        self.messages: tuple[Message, ...] = ()
        self.completion: Completion | None = None
        self.scope = anyio.CancelScope()
        self.together: tuple[PendingTurn, ...] = (self,)
        self.dropped = False
        self.clock: Clock | None = None
        self._turn: Turn | None = None
        self._over = anyio.Event()

    @property
    def is_over(self) -> bool:
        """Whether the turn is there to be read."""
        return self._turn is not None

    @property
    def turn(self) -> Turn:
        """The turn, which is over."""
        if self._turn is None:
            msg = f"turn {self.id} is read before it is over: it is missing from what the reader sees"
            raise RuntimeError(msg)
        return self._turn

    def finish(self, turn: Turn, clock: Clock | None = None) -> None:
        """The turn is over; wake whoever reads it."""
        self._turn, self.clock = turn, clock
        self._over.set()

    async def wait(self) -> Turn:
        """The turn, once it is over."""
        if self._turn is None:  # an event that is set would still cost a turn of the loop
            await self._over.wait()
        return self.turn

    def __await__(self) -> Generator[object, None, Turn]:
        """The turn, once it is over."""
        return self.wait().__await__()


Sees = Sequence[tuple[PendingTurn, EdgeKind]]
Prompt = Callable[[str], tuple[Message, ...] | None]
"""Lays out a turn's messages when all that it sees is there, with the sentence that says what the reply must hold; None if
there is nothing to say after all."""


@dataclass
class RunState:
    """What all the steps of one run share.

    Attributes:
        recorded: in a replay, the turns on record, by id.
        repairs: how many replies were asked for once more in the right form.
        compared: pairs of answers, by canonical value, of which it was asked whether they mean the same.
        equal: those that do.
        reliability: the weight of each model's vote, as far as it was learned.
        verifier: gives a second opinion on whether two mathematical answers are equal.
        allowance: how many turns the recipe allows for, where it does.
        cut_short: in a replay, whether the deadline ended the run on record.
        replayed: called when a replay has come as far as a run that was cut short.
        exhausted: why no further call can be made, once that is so.
        looks: how often a step looked whether that is so.
        exhausted_at: which look was the first to find it so; in a replay, of the run on record.
    """

    id: str
    question: Question
    seed: int
    quorum: int
    calls: Calls
    account: Account
    cards: Mapping[str, Card]
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    sampling: Callable[[str], Sampling]
    emit: Callable[[Event], None]
    recorded: Mapping[str, Turn] | None = None
    cut_short: bool = False
    tasks: TaskGroup = field(init=False)
    verifier: Verifier | None = None
    reliability: Mapping[str, float] = field(default_factory=dict)
    trace: Trace = field(default_factory=Trace)
    began: float = field(default_factory=time.monotonic)
    draws: Counter[tuple[str, str]] = field(default_factory=Counter)
    cached_calls: int = 0
    repairs: int = 0
    compared: set[frozenset[str]] = field(default_factory=set)
    equal: set[frozenset[str]] = field(default_factory=set)
    allowance: int | None = None
    exhausted: StopReason | None = None
    looks: int = 0
    exhausted_at: int | None = None
    replayed: Callable[[], None] = lambda: None

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def usage(self) -> Usage:
        """What the run took so far."""
        return self.account.usage.model_copy(update={"cached_calls": self.cached_calls, "seconds": round(self.elapsed, 3)})

    def spent(self) -> bool:
        """Whether no further call can be made, as a step asks that is about to lay out more; in a replay, what it was told then.

        When a call finds the budget spent, and which turns were laid out by then, is a matter of time.
        """
        self.looks += 1
        if self.recorded is not None and self.exhausted_at is not None:
            return self.looks >= self.exhausted_at
        if self.exhausted is not None and self.exhausted_at is None:
            self.exhausted_at = self.looks
        return self.exhausted is not None

    def check_replayed(self) -> None:
        """In a replay of a run that its deadline cut short: end it where that one ended."""
        if self.recorded is None or not self.cut_short:
            return
        for turn_id, turn in self.recorded.items():
            if turn_id.startswith(AFTER_THE_END):
                continue
            if turn_id not in self.trace or (turn.status != "cancelled" and self.trace.turn(turn_id) is None):
                return
        self.replayed()


async def speak(work: RunState, pending: PendingTurn, sees: Sees, prompt: Prompt, form: ReplyFormat) -> None:
    """Wait for what a turn sees, ask its agent, and record what came of it."""
    started = work.elapsed
    turn, cached = pending.outline.model_copy(update={"status": "cancelled"}), False
    with pending.scope:
        try:
            for other, _ in sees:
                await other
            started = work.elapsed
            turn, cached = await _ask(work, pending, prompt, form)
        except anyio.get_cancelled_exc_class():
            record(work, turn, Clock(started=started, ended=work.elapsed))
            raise
    work.cached_calls += cached
    over(work, pending, turn, Clock(started=started, ended=work.elapsed, cached=cached))


async def speak_many(work: RunState, pendings: Sequence[PendingTurn], prompt: Prompt, form: ReplyFormat) -> None:
    """`speak` for turns that see nothing and ask the same: they share requests where the endpoint gives several samples.

    They are cancelled together, once none of those still in flight is needed.
    """
    started = work.elapsed
    scope = anyio.CancelScope()
    for pending in pendings:
        pending.scope, pending.together = scope, tuple(pendings)
    with scope:
        try:
            await _ask_many(work, pendings, prompt, form, started)
        except anyio.get_cancelled_exc_class():
            for pending in pendings:
                if not pending.is_over:
                    record(work, _cancelled(pending), Clock(started=started, ended=work.elapsed))
            raise
    for pending in pendings:
        if not pending.is_over:
            over(work, pending, _cancelled(pending), Clock(started=started, ended=work.elapsed))


async def _ask_many(work: RunState, pendings: Sequence[PendingTurn], prompt: Prompt, form: ReplyFormat, started: float) -> None:
    waiting: list[tuple[PendingTurn, list[Request]]] = []
    for pending in pendings:
        ready = await _prepare(work, pending, prompt, form)
        if isinstance(ready, Turn):
            over(work, pending, ready, Clock(started=started, ended=work.elapsed))
        else:
            waiting.append((pending, ready))

    def deliver(place: int, reply: Reply | ContemplateError) -> None:
        if isinstance(reply, InputError):
            raise reply
        pending, cached = waiting[place][0], not isinstance(reply, ContemplateError) and reply.cached
        if isinstance(reply, ContemplateError):
            turn = _lost(work, pending.outline, reply)
        else:
            turn = _read(pending.outline, reply, form)
            pending.messages, pending.completion = reply.request.messages, reply.completion
        work.cached_calls += cached
        over(work, pending, turn, Clock(started=started, ended=work.elapsed, cached=cached))

    await work.calls.call_many([(requests, _caller(work, pending)) for pending, requests in waiting], deliver)


def _cancelled(pending: PendingTurn) -> Turn:
    return pending.outline.model_copy(update={"status": "cancelled"})


def over(work: RunState, pending: PendingTurn, turn: Turn, clock: Clock) -> None:
    """A turn has ended; it goes on record, unless it may still turn out not to be needed."""
    if work.recorded is not None:
        pending.spare = False  # it was needed, or it would be on record as cancelled
    if pending.dropped and not pending.scope.cancelled_caught:
        record(work, pending.outline.model_copy(update={"status": "cancelled"}), clock)
    elif not (pending.dropped or pending.spare):
        record(work, turn, clock)
    pending.finish(turn, clock)


def keep(work: RunState, pending: PendingTurn) -> None:
    """A spare turn, which is over, is needed: it goes on record."""
    if pending.spare and pending.clock is not None:
        pending.spare = False
        record(work, pending.turn, pending.clock)


def drop(work: RunState, pending: PendingTurn) -> None:
    """A spare turn is not needed: it is cancelled if it is in flight, and on record as cancelled either way.

    A reply that had come back stays in the ledger, and in the bill.
    """
    pending.dropped = True
    if pending.clock is not None:
        record(work, _cancelled(pending), pending.clock)
    if all(other.dropped or other.is_over for other in pending.together):
        pending.scope.cancel()


async def _ask(work: RunState, pending: PendingTurn, prompt: Prompt, form: ReplyFormat) -> tuple[Turn, bool]:
    """The turn that comes of asking, and whether the ledger had the reply."""
    ready = await _prepare(work, pending, prompt, form)
    if isinstance(ready, Turn):
        return ready, False
    return await _settle(work, pending, form, ready)


async def _prepare(work: RunState, pending: PendingTurn, prompt: Prompt, form: ReplyFormat) -> list[Request] | Turn:
    """The requests of a turn, or the turn if there is nothing to ask."""
    agent, outline = pending.agent, pending.outline
    assert agent is not None  # noqa: S101 - only turns that are said are asked for
    with boundary(f"laying out {pending.id}") as caught:
        pending.messages = prompt(form.tagged) or ()
    if caught.error:
        return _failed(outline, failure_of(caught.error))
    if not pending.messages:
        return outline.model_copy(update={"status": "cancelled"})
    if (again := await _recorded_failure(work, outline)) is not None:
        return again
    work.emit(TurnStarted(id=pending.id, verb=outline.verb, seat=agent.seat, model=agent.models[0]))
    return agent.requests(
        lambda as_object: (prompt(form.structured) or ()) if as_object else pending.messages,
        schema=form.schema if agent.card.takes_schema else None,
        seed=work.seed,
        draw=outline.draw,
        endpoint_of=work.calls.router.endpoint_of,
    )


async def _settle(work: RunState, pending: PendingTurn, form: ReplyFormat, requests: Sequence[Request]) -> tuple[Turn, bool]:
    """Make a turn's call, and once more if what was asked for can't be read; the turn, and whether the ledger had it all."""
    outline, caller = pending.outline, _caller(work, pending)
    with boundary(f"asking {outline.model}") as caught:
        reply = await work.calls.call(requests, caller)
        turn = _read(outline, reply, form)
        cached = reply.cached
        if form.from_object is not None and turn.failure is not None and turn.failure.kind == "no-answer":
            again = await work.calls.call([_once_more(reply, form)], caller)
            turn, cached = _repaired(turn, _read(outline, again, form)), cached and again.cached
            work.repairs += 1
    if caught.error:
        return _lost(work, outline, caught.error), False
    pending.messages, pending.completion = reply.request.messages, reply.completion
    return turn, cached


def _caller(work: RunState, pending: PendingTurn) -> Caller:
    return Caller(
        account=work.account,
        run=work.id,
        turn=pending.id,
        offline=work.recorded is not None,
        note=partial(_note, work, pending),
    )


def _once_more(reply: Reply, form: ReplyFormat) -> Request:
    """The request that asks for the same again in the right form."""
    told = form.structured if reply.request.reply_schema else form.tagged
    messages = prompts.once_more(reply.request.messages, reply.completion.text, told)
    fields = {name: getattr(reply.request, name) for name in Request.model_fields}
    return Request(**{**fields, "messages": messages})


def _repaired(first: Turn, second: Turn) -> Turn:
    """The turn of two replies, the second of which gave what the first one lacked, or did not."""
    tokens = Tokens(
        prompt=first.tokens.prompt + second.tokens.prompt,
        completion=first.tokens.completion + second.tokens.completion,
        estimated=first.tokens.estimated or second.tokens.estimated,
    )
    text = f"{first.text}\n\n{second.text}"
    found = {**second.found, "words": text} if "words" in second.found else second.found
    return second.model_copy(update={"repaired": True, "text": text, "tokens": tokens, "found": found})


def _note(work: RunState, pending: PendingTurn, message: str) -> None:
    """A retry or a fallback."""
    log.warning("call goes on", run=work.id, turn=pending.id, why=message)
    work.emit(Noted(message, pending.seat))


def _read(outline: Turn, reply: Reply, form: ReplyFormat) -> Turn:
    """The turn that a reply makes: what was read from it, or how it failed."""
    completion, said, failure = reply.completion, None, None
    if (broken := _unusable(reply)) is not None:
        failure = Failure(kind="reply", message=broken)
    else:
        with boundary(f"reading {outline.id}") as caught:
            said = form.reading(completion.text)
        if caught.error:
            failure = failure_of(caught.error)
        elif said is None:
            failure = Failure(kind="no-answer", message="what was asked for can't be read from the reply")
    came = {"model": reply.request.model, "key": reply.request.key, "text": completion.text, "tokens": completion.tokens}
    if said is None:
        return outline.model_copy(update={**came, "status": "failed", "failure": failure})
    return outline.model_copy(update={**came, **vars(said)})


def _unusable(reply: Reply) -> str | None:
    """Why a reply counts as none, or None."""
    completion = reply.completion
    match completion.finish:
        case "length":
            return f"cut off after {completion.tokens.completion} tokens (max_tokens is {reply.request.sampling.max_tokens})"
        case "refusal":
            return "the model refused"
        case "filter":
            return "the provider's filter held the reply back"
        case _:
            return None if completion.text.strip() else "the reply is empty"


def _lost(work: RunState, outline: Turn, error: ContemplateError) -> Turn:
    """The turn whose call came to nothing."""
    if isinstance(error, BudgetError):
        work.exhausted = "budget"
    return _failed(outline, failure_of(error))


def _failed(turn: Turn, failure: Failure) -> Turn:
    return turn.model_copy(update={"status": "failed", "failure": failure})


async def _recorded_failure(work: RunState, outline: Turn) -> Turn | None:
    """In a replay, the failure on record for a turn that got no reply; a turn that was cut short never ends."""
    if work.recorded is None:
        return None
    known = work.recorded.get(outline.id)
    if known is None:
        if work.cut_short:
            await anyio.sleep_forever()
        return None
    if known.status == "cancelled":
        await anyio.sleep_forever()
    if known.failure is None or known.key is not None:
        return None
    if known.failure.kind == "budget":
        work.exhausted = "budget"
    return _failed(outline, known.failure)


def record(work: RunState, turn: Turn, clock: Clock) -> None:
    """Put a turn that is over into the trace and the ledger, and tell whoever watches."""
    trace = work.trace
    trace.record(turn, clock)
    if work.recorded is None:
        work.calls.ledger.record_turn(work.id, trace.place(turn.id), turn, trace.saw(turn.id), cached=clock.cached)
    if turn.failure is not None:
        log.warning("turn failed", run=work.id, turn=turn.id, kind=turn.failure.kind, why=turn.failure.message)
    work.emit(TurnEnded(turn=turn, cached=clock.cached, usage=work.usage))
    work.check_replayed()
