"""How a turn comes about: it waits for what it sees, asks its agent, and is recorded, whatever came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import anyio
from anyio.abc import TaskGroup

from contemplate import log
from contemplate.agent import Agent
from contemplate.budget import Account
from contemplate.calls import Caller, Calls, Reply
from contemplate.cards import Card
from contemplate.errors import BudgetError, boundary, failure_of
from contemplate.outcome import Event, Noted, TurnEnded, TurnStarted
from contemplate.trace import Clock, Trace
from contemplate.types import Answer, EdgeKind, Failure, Message, Question, Sampling, StopReason, Turn, Usage

AFTER_THE_END = "end."
"""What the ids of decisions begin with that are taken after a run is over."""


@dataclass(frozen=True)
class Said:
    """What was read from a reply. Exactly one of the fields is set."""

    answer: Answer | None = None
    verdict: Literal["sound", "flawed", "unclear"] | None = None
    chose: str | None = None


class Pending:
    """A turn that was laid out. Await it to get the `Turn`, once it is over."""

    def __init__(self, turn: Turn, agent: Agent | None = None) -> None:
        """Set up a turn that is still to come; `turn` is its outline."""
        self.id = turn.id
        self.seat = turn.seat
        self.agent = agent
        self.outline = turn
        self.messages: tuple[Message, ...] = ()
        self._turn: Turn | None = None
        self._over = anyio.Event()

    @property
    def turn(self) -> Turn:
        """The turn, which is over."""
        if self._turn is None:
            msg = f"turn {self.id} is read before it is over: it is missing from what the reader sees"
            raise RuntimeError(msg)
        return self._turn

    def finish(self, turn: Turn) -> None:
        """The turn is over; wake whoever reads it."""
        self._turn = turn
        self._over.set()

    async def wait(self) -> Turn:
        """The turn, once it is over."""
        if self._turn is None:  # an event that is set would still cost a turn of the loop
            await self._over.wait()
        return self.turn

    def __await__(self) -> Generator[object, None, Turn]:
        """The turn, once it is over."""
        return self.wait().__await__()


Sees = Sequence[tuple[Pending, EdgeKind]]
Prompt = Callable[[], tuple[Message, ...] | None]
"""Lays out a turn's messages when all that it sees is there; None if there is nothing to say after all."""
Read = Callable[[str], Said | None]
"""Reads a reply; None if what was asked for is not in it."""


@dataclass
class Work:
    """What all the steps of one run share.

    Attributes:
        recorded: in a replay, the turns on record, by id.
        cut_short: in a replay, whether the deadline ended the run on record.
        replayed: called when a replay has come as far as a run that was cut short.
        exhausted: why no further call can be made, once that is so.
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
    trace: Trace = field(default_factory=Trace)
    began: float = field(default_factory=time.monotonic)
    draws: Counter[tuple[str, str]] = field(default_factory=Counter)
    cached_calls: int = 0
    exhausted: StopReason | None = None
    replayed: Callable[[], None] = lambda: None

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def usage(self) -> Usage:
        """What the run took so far."""
        return self.account.usage.model_copy(update={"cached_calls": self.cached_calls, "seconds": round(self.elapsed, 3)})

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


async def speak(work: Work, pending: Pending, sees: Sees, prompt: Prompt, read: Read) -> None:
    """Wait for what a turn sees, ask its agent, and record what came of it."""
    started = work.elapsed
    try:
        for other, _ in sees:
            await other
        started = work.elapsed
        turn, cached = await _ask(work, pending, prompt, read)
    except anyio.get_cancelled_exc_class():
        turn = pending.outline.model_copy(update={"status": "cancelled"})
        record(work, turn, Clock(started=started, ended=work.elapsed))
        raise
    work.cached_calls += cached
    record(work, turn, Clock(started=started, ended=work.elapsed, cached=cached))
    pending.finish(turn)


async def _ask(work: Work, pending: Pending, prompt: Prompt, read: Read) -> tuple[Turn, bool]:
    """The turn that comes of asking, and whether the ledger had the reply."""
    agent, outline = pending.agent, pending.outline
    assert agent is not None  # noqa: S101 - only turns that are said are asked for
    with boundary(f"laying out {pending.id}") as caught:
        pending.messages = prompt() or ()
    if caught.error:
        return _failed(outline, failure_of(caught.error)), False
    if not pending.messages:
        return outline.model_copy(update={"status": "cancelled"}), False
    if (again := await _recorded_failure(work, outline)) is not None:
        return again, False
    work.emit(TurnStarted(id=pending.id, verb=outline.verb, seat=agent.seat, model=agent.models[0]))
    requests = agent.requests(pending.messages, seed=work.seed, draw=outline.draw, endpoint_of=work.calls.router.endpoint_of)
    caller = Caller(
        account=work.account,
        run=work.id,
        turn=pending.id,
        offline=work.recorded is not None,
        note=partial(_note, work, pending),
    )
    with boundary(f"asking {agent.models[0]}") as caught:
        reply = await work.calls.call(requests, caller)
    if caught.error:
        if isinstance(caught.error, BudgetError):
            work.exhausted = "budget"
        return _failed(outline, failure_of(caught.error)), False
    return _read(outline, reply, read), reply.cached


def _note(work: Work, pending: Pending, message: str) -> None:
    """A retry or a fallback."""
    log.warning("call goes on", run=work.id, turn=pending.id, why=message)
    work.emit(Noted(message, pending.seat))


def _read(outline: Turn, reply: Reply, read: Read) -> Turn:
    """The turn that a reply makes: what was read from it, or how it failed."""
    completion, said, failure = reply.completion, None, None
    if (broken := _unusable(reply)) is not None:
        failure = Failure(kind="reply", message=broken)
    else:
        with boundary(f"reading {outline.id}") as caught:
            said = read(completion.text)
        if caught.error:
            failure = failure_of(caught.error)
        elif said is None:
            failure = Failure(kind="no-answer", message="what was asked for can't be read from the reply")
    came = {"model": reply.request.model, "key": reply.request.key, "text": completion.text, "tokens": completion.tokens}
    if said is None:
        return outline.model_copy(update={**came, "status": "failed", "failure": failure})
    return outline.model_copy(update={**came, "answer": said.answer, "verdict": said.verdict, "chose": said.chose})


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


def _failed(turn: Turn, failure: Failure) -> Turn:
    return turn.model_copy(update={"status": "failed", "failure": failure})


async def _recorded_failure(work: Work, outline: Turn) -> Turn | None:
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


def record(work: Work, turn: Turn, clock: Clock) -> None:
    """Put a turn that is over into the trace and the ledger, and tell whoever watches."""
    trace = work.trace
    trace.record(turn, clock)
    if work.recorded is None:
        work.calls.ledger.record_turn(work.id, trace.place(turn.id), turn, trace.saw(turn.id), cached=clock.cached)
    if turn.failure is not None:
        log.warning("turn failed", run=work.id, turn=turn.id, kind=turn.failure.kind, why=turn.failure.message)
    work.emit(TurnEnded(turn=turn, cached=clock.cached, usage=work.usage))
    work.check_replayed()
