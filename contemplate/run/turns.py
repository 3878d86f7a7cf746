"""The course of a turn: it waits for what it sees, asks its agent, and is recorded, whatever came of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import anyio

from contemplate import log
from contemplate.agents.parsing import whole_object
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.errors import BudgetError, ContemplateError, InputError
from contemplate.errors.boundary import boundary
from contemplate.models import notices
from contemplate.models.notices import Notice
from contemplate.models.path import Caller, Reply
from contemplate.run.exchange import converse, hear, read, repair
from contemplate.run.pending import PendingTurn, Prompt, Sees
from contemplate.run.state import RunState
from contemplate.run.using import tools_of
from contemplate.trace import events
from contemplate.trace.clock import Clock
from contemplate.trace.events import Event, TurnEnded, TurnStarted
from contemplate.types import Completion, Failure, Program, Request, Tokens, Turn


async def speak(state: RunState, pending: PendingTurn, sees: Sees, prompt: Prompt, form: ReplyFormat) -> None:
    """Wait for what a turn sees, ask its agent, and record what came of it."""
    started = state.elapsed
    turn, cached = _cancelled(pending), False
    with pending.scope:
        try:
            for other, _ in sees:
                await other
            if state.replay is None and pending.spare and state.origin is not None and state.origin.was_spared(pending.outline):
                await pending.until_wanted()
            started = state.elapsed
            turn, cached = await _ask(state, pending, prompt, form)
        except anyio.get_cancelled_exc_class():
            record(state, turn, Clock.made(started=started, ended=state.elapsed))
            raise
    over(state, pending, turn, Clock.made(started=started, ended=state.elapsed, cached=cached))


async def speak_many(state: RunState, pendings: Sequence[PendingTurn], prompt: Prompt, form: ReplyFormat) -> None:
    """`speak` for turns that see nothing and ask the same: they share requests where the endpoint gives several samples.

    They are cancelled together, once none of those still in flight is needed.
    """
    started = state.elapsed
    scope = anyio.CancelScope()
    together = tuple(pendings)
    for pending in pendings:
        pending.share(scope, together)
    with scope:
        try:
            await _ask_many(state, pendings, prompt, form, started)
        except anyio.get_cancelled_exc_class():
            for pending in pendings:
                if not pending.is_over:
                    record(state, _cancelled(pending), Clock.made(started=started, ended=state.elapsed))
            raise
    for pending in pendings:
        if not pending.is_over:
            over(state, pending, _cancelled(pending), Clock.made(started=started, ended=state.elapsed))


async def _ask_many(state: RunState, pendings: Sequence[PendingTurn], prompt: Prompt, form: ReplyFormat, started: float) -> None:
    waiting: list[tuple[PendingTurn, list[Request]]] = []
    prompt = cache(prompt)  # all are asked the same
    for pending in pendings:
        ready = await _prepare(state, pending, prompt, form)
        if isinstance(ready, Turn):
            over(state, pending, ready, Clock.made(started=started, ended=state.elapsed))
        else:
            waiting.append((pending, ready))

    def deliver(index: int, reply: Reply | ContemplateError) -> None:
        if isinstance(reply, InputError):
            raise reply
        pending, cached = waiting[index][0], False
        if isinstance(reply, ContemplateError):
            turn = _lost(state, pending.outline, reply)
        else:
            turn, cached = read(reply, form, pending.id).turn(state.viewed(pending.outline, reply)), reply.cached
            turn = state.grounded(turn)
            state.replies[reply.request.key] = reply
        state.cached_calls += cached
        over(state, pending, turn, Clock.made(started=started, ended=state.elapsed, cached=cached))

    asks = [(requests, caller_of(state, pending)) for pending, requests in waiting]
    await state.services.calls.call_many(asks, deliver)


def _cancelled(pending: PendingTurn) -> Turn:
    return pending.outline.altered(status="cancelled")


def over(state: RunState, pending: PendingTurn, turn: Turn, clock: Clock) -> None:
    """End a turn; it goes on record, unless it may still turn out not to be needed."""
    if state.replay is not None:
        pending.spare = False  # it was needed, or it would be on record as cancelled
    if not (pending.dropped or pending.spare):
        record(state, turn, clock)
    elif pending.dropped and not pending.scope.cancelled_caught:
        record(state, _cancelled(pending), clock)
    elif not pending.dropped:
        state.spares.append(pending)
    pending.finish(turn, clock)


def keep(state: RunState, pending: PendingTurn) -> None:
    """Put a spare turn on record that is over and needed."""
    if pending.spare and pending.clock is not None:
        pending.spare = False
        record(state, pending.turn, pending.clock)


def drop(state: RunState, pending: PendingTurn) -> None:
    """Do without a spare turn: it is cancelled if it is in flight, and on record as cancelled either way.

    A reply that had come back stays in the ledger, and in the bill.
    """
    pending.dropped = True
    if pending.clock is not None:
        record(state, _cancelled(pending), pending.clock)
    if all(other.dropped or other.is_over for other in pending.together):
        pending.scope.cancel()


def drop_the_rest(state: RunState) -> None:
    """Do without the spare turns that are over when a run ends before anybody knows whether they are needed."""
    for pending in state.spares:
        if pending.spare and not pending.dropped:
            drop(state, pending)


async def _ask(state: RunState, pending: PendingTurn, prompt: Prompt, form: ReplyFormat) -> tuple[Turn, bool]:
    """The turn that comes of asking, and whether the ledger had all that came back."""
    ready = await _prepare(state, pending, prompt, form)
    if isinstance(ready, Turn):
        return ready, False
    asked = _on_record(state, pending.id, ready)
    with boundary(f"asking {pending.outline.model}") as caught:
        calls, run = state.services.calls, partial(_run_program, state, pending.id)
        caller = caller_of(state, pending)
        tools = tools_of(state, pending, caller)
        exchange = await converse(calls, asked, caller, form, repair(form, state.config.quoting), run, tools)
    if caught.error:
        return _lost(state, pending.outline, caught.error), False
    state.replies.update((reply.request.key, reply) for reply in exchange.replies)
    state.repairs += exchange.repairs
    state.cached_calls += sum(reply.cached for reply in exchange.replies)
    return state.grounded(exchange.turn(state.viewed(pending.outline, exchange.replies[0]))), exchange.cached


def _on_record(state: RunState, turn_id: str, requests: list[Request]) -> list[Request]:
    """In a replay or a fork, what the turn was answered then, of what it may ask: the ledger may have something better by now."""
    record = state.replay or state.origin
    known = None if record is None else record.turn(turn_id)
    keys = {call.key for call in known.calls} if known else set[str]()
    return [request for request in requests if request.key in keys] or requests


async def _prepare(state: RunState, pending: PendingTurn, prompt: Prompt, form: ReplyFormat) -> list[Request] | Turn:
    """The requests of a turn, or the turn if there is nothing to ask."""
    agent, outline = pending.agent, pending.outline
    assert agent is not None  # noqa: S101 - only turns that are said are asked for
    messages, prompt = None, state.shown(pending.seat, prompt)
    with boundary(f"laying out {pending.id}") as caught:
        messages = prompt(form.tagged)
    if caught.error:
        return _failed(outline, Failure.of(caught.error))
    if not messages:
        return _cancelled(pending)
    if (failure := await _known_failure(state, outline)) is not None:
        return _failed(outline, failure)
    if state.services.emit.heard:
        sees = tuple(state.trace.saw(pending.id))
        state.services.emit(TurnStarted(id=pending.id, verb=outline.verb, seat=agent.seat, model=agent.models[0], sees=sees))
    requests = agent.requests(
        lambda as_object: (prompt(form.structured) or ()) if as_object else messages,
        schema=form.schema if agent.card.takes_schema else None,
        seed=state.config.seed,
        draw=outline.draw,
        endpoint_of=state.services.calls.router.endpoint_of,
        tools=state.config.tools.of(agent.card.name, agent.seat),
        views=state.variants,
    )
    said = state.config.changes.edits.get(outline.id)
    return requests if said is None else await _edited(state, pending, requests, form, said)


async def _known_failure(state: RunState, outline: Turn) -> Failure | None:
    """The failure of a turn that is not asked: it is left out, or its call failed on record."""
    if state.replay is not None:
        failure = await state.replay.failure(outline.id)
        if failure is not None and failure.kind == "budget":
            state.exhausted = "budget"
        return failure
    if state.origin is None:
        return None
    return state.config.changes.left_out(outline) or state.origin.failure(outline, state.trace)


async def _edited(state: RunState, pending: PendingTurn, requests: Sequence[Request], form: ReplyFormat, said: str) -> Turn:
    """The turn whose agent says what whoever forked the run puts into its mouth; nothing is asked."""
    as_object = whole_object(said) is not None
    fits = [request for request in requests if (request.reply_schema is not None) == as_object]
    request = (*fits, *requests)[0]
    state.edited[pending.id] = reply = Reply(request, Completion(text=said, model=request.model), cached=True)
    heard = await hear(reply, form, pending.id, partial(_run_program, state, pending.id))
    return heard.turn(state.viewed(pending.outline, reply)).model_copy(update={"calls": (), "tokens": Tokens(), "edited": True})


async def _run_program(state: RunState, turn: str, code: str) -> Program:
    """What comes of a program; in a replay, what came of it then: how long it takes is a matter of the machine."""
    if state.replay is not None:
        return state.replay.program(turn, code)
    known = None if state.origin is None else state.origin.program(turn, code)
    return known or await state.services.sandbox.run(code)


def caller_of(state: RunState, pending: PendingTurn) -> Caller:
    """On whose behalf the calls of a turn are made."""
    return Caller(
        account=state.services.account,
        run=state.config.id,
        turn=pending.id,
        offline=state.replay is not None,
        tell=partial(_tell, state, pending),
        watches=state.services.emit.heard,
        on_text=partial(_delta, state, pending) if state.services.emit.deltas else None,
    )


def _delta(state: RunState, pending: PendingTurn, text: str) -> None:
    """Tell of a piece of a reply."""
    state.services.emit(events.TurnDelta(pending.id, pending.seat, text))


def _tell(state: RunState, pending: PendingTurn, notice: Notice) -> None:
    """Tell of an attempt at a call, a retry or a fallback."""
    turn, seat = pending.id, pending.seat
    match notice:
        case notices.AttemptStarted(model, endpoint, attempt, samples, call, request):
            event: Event = events.CallStarted(turn, seat, model, endpoint, attempt, samples, call=call, request=request)
        case notices.AttemptEnded():
            which = (turn, seat, notice.model, notice.endpoint, notice.attempt, notice.samples)
            why, kind = (None, None) if notice.error is None else (str(notice.error), notice.error.kind)
            came = (notice.status, notice.seconds, notice.tokens, notice.usd, why)
            event = events.CallEnded(*which, *came, call=notice.call, kind=kind, completions=notice.completions)
        case notices.Retried(model, error, wait):
            event = events.Retried(str(notice), seat, model, str(error), wait)
        case notices.FellBack(model, error, instead):
            event = events.FellBack(str(notice), seat, model, str(error), instead)
    if isinstance(notice, notices.Retried | notices.FellBack):
        log.warning("call goes on", run=state.config.id, turn=turn, why=str(notice))
    state.services.emit(event)


def _lost(state: RunState, outline: Turn, error: ContemplateError) -> Turn:
    """The turn whose call came to nothing."""
    if isinstance(error, BudgetError):
        state.exhausted = "budget"
    return _failed(outline, Failure.of(error))


def _failed(turn: Turn, failure: Failure) -> Turn:
    return turn.altered(status="failed", failure=failure)


def record(state: RunState, turn: Turn, clock: Clock) -> None:
    """Put a turn that is over into the trace and the ledger, and tell whoever watches."""
    trace, sees = state.trace, state.trace.saw(turn.id)
    if state.services.guard is not None and turn.status != "cancelled":
        turn = turn.model_copy(update={"policy": state.services.guard.of(turn.id)})
    trace.record(turn, clock)
    if state.replay is None:
        state.services.calls.ledger.record_turn(state.config.id, trace.place(turn.id), turn, sees, cached=clock.cached)
    if turn.failure is not None:
        log.warning("turn failed", run=state.config.id, turn=turn.id, kind=turn.failure.kind, why=turn.failure.message)
    if state.services.emit.heard:
        state.services.emit(TurnEnded(turn=turn, cached=clock.cached, usage=state.usage, sees=tuple(sees)))
    if state.replay is not None:
        state.replay.check(trace)
