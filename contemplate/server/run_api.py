"""`/api`: runs that go on by themselves, to be followed, stopped and looked at; and what can be chosen for them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

import anyio
import anyio.to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from contemplate._version import __version__
from contemplate.analysis.run_difference import RunDifference
from contemplate.concurrency import task_group
from contemplate.errors import InputError
from contemplate.ledger.base import RunRecord
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY
from contemplate.orchestration.run_spec import was_asked
from contemplate.server.asking import Asked, read_body
from contemplate.server.engine import Engine, Job
from contemplate.server.event_rows import end_row, event_row, run_row, stored_rows
from contemplate.server.extras import Extras
from contemplate.server.feed import Feed
from contemplate.server.problems import refusal
from contemplate.server.refused import RefusedError
from contemplate.server.streaming import KEEP_ALIVE, STREAM_HEADERS, cancel_when_gone
from contemplate.text import one_line
from contemplate.trace.markdown import Report
from contemplate.trace.markdown import page as markdown_page
from contemplate.types import PRIVACY, Json
from contemplate.viewer import Beside, page, page_model
from contemplate.viewer.loading import head_of, load

_LISTED = 50
_MOST_LISTED = 500
_KINDS = ("number", "choice", "math", "date", "set", "boolean", "json", "text", "open")


class RunBody(Extras):
    """What a run is asked.

    Attributes:
        question: its text.
        strategy: the name of one; models: those that the seats take in turn, of those that may be named.
        after: a run whose question and answer, and what was said before, are the history of this question.
        json_schema: of the answer.
    """

    question: Annotated[str, Field(max_length=200_000)]
    strategy: str = DEFAULT_STRATEGY
    models: tuple[str, ...] = ()
    system: Annotated[str, Field(max_length=100_000)] | None = None
    after: Annotated[str, Field(max_length=200)] | None = None
    json_schema: dict[str, Any] | None = None
    seed: int | None = None
    contemplate: Extras | None = None  # where a header says something

    def asked(self, engine: Engine) -> Asked:
        """The question.

        Raises:
            RefusedError: a strategy or a model is not there.
        """
        own = {name: getattr(self, name) for name in Extras.model_fields if name in self.model_fields_set}
        return Asked(
            model=self.strategy,
            strategy=engine.names.strategy(self.strategy),
            text=self.question,
            models=engine.names.of_panel(self.models, "models") if self.models else (),
            system=self.system,
            schema=self.json_schema,
            seed=self.seed,
            extras=(self.contemplate or Extras()).model_copy(update=own),
        )


async def begin_run(engine: Engine, request: Request) -> Response:
    """Begin a run, and say where it can be followed."""
    body = await read_body(request, RunBody)
    asked = body.asked(engine)
    if body.after is not None:
        asked = replace(asked, history=await engine.said_until(body.after, "after"))
    (job,) = await engine.jobs(asked, request.state.token, deltas=True)
    started = anyio.Event()

    async def perform() -> None:
        try:
            with engine.slots.admitted(1):
                started.set()
                await engine.perform(job)
        except RefusedError as error:
            job.feed.end("failed", error)
        finally:
            started.set()

    engine.tasks.start_soon(perform)
    await started.wait()
    if job.feed.problem is not None:
        raise job.feed.problem
    return JSONResponse(_begun(job), 202)


def _begun(job: Job) -> Json:
    run, spec = job.feed.run, job.spec
    return {
        "run": run,
        "strategy": spec.strategy.name,
        "models": list(spec.models),
        "seats": spec.strategy.seats,
        "seed": spec.seed,
        "kind": spec.question.kind,
        **{name: f"/api/runs/{run}{path}" for name, path in {"self": "", "events": "/events", "page": "/page"}.items()},
    }


class EventStream(Response):
    """The events of a run as a stream; a client that leaves does not end it."""

    def __init__(self, engine: Engine, feed: Feed, after: int) -> None:
        """Begin with the event behind number `after`."""
        self._engine, self._feed, self._after = engine, feed, after
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        """Send what happens as it does, until the run or the client is gone."""
        async with task_group() as tasks:
            tasks.start_soon(cancel_when_gone, receive, tasks.cancel_scope)
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
            await self._follow(send)
            tasks.cancel_scope.cancel()

    async def _follow(self, send: Send) -> None:
        feed = self._feed
        chunk = b": the events of a run\n\n"
        while True:
            beats, over = feed.pulse.beats, feed.over
            news = feed.after(self._after)
            chunk += b"".join(_sse(event_row(event)) for event in news)
            self._after = news[-1].number if news else self._after
            if over and (last := end_row(feed)) is not None:
                chunk += _sse(last)
            await send({"type": "http.response.body", "body": chunk, "more_body": not over})
            if over:
                return
            chunk = b""
            await anyio.sleep(self._engine.settings.pause)
            if feed.pulse.beats == beats:
                with anyio.move_on_after(self._engine.settings.keep_alive) as waited:
                    await feed.pulse.beyond(beats)
                chunk = KEEP_ALIVE if waited.cancelled_caught else b""


async def events(engine: Engine, request: Request) -> Response:
    """The events of a run: of one that goes on as they happen, of another one as far as they are kept."""
    run, after = request.path_params["run"], _number(request.headers.get("last-event-id"))
    if (feed := engine.feeds.get(run)) is not None:
        return EventStream(engine, feed, after)
    record = await engine.record(run)
    rows = stored_rows(record, await engine.orchestrator.ledger.turns(run))
    content = b"".join(_sse(row) for row in rows if row["number"] > after)
    return Response(content, media_type="text/event-stream")


async def stop_run(engine: Engine, request: Request) -> Response:
    """End a run that goes on; what it paid for is kept, and it can be resumed."""
    run = request.path_params["run"]
    feed = engine.feeds.get(run)
    if feed is None:
        state = (await engine.record(run)).state
        raise RefusedError(f"run {run} is {state}, and does not go on in this server", 409, code="not_running")
    feed.stop(RefusedError(f"run {run} was stopped; what it paid for is kept", 409, code="stopped", retry=False))
    return JSONResponse({"run": run, "state": "stopped" if not feed.over else feed.state})


async def list_runs(engine: Engine, request: Request) -> Response:
    """The newest runs, without those of experiments; those that wait stand first."""
    asked = request.query_params.get("limit", str(_LISTED))
    if not _number(asked):
        raise RefusedError(f"limit: {one_line(asked, 40)!r} is no number above 0", param="limit")
    limit = min(_number(asked), _MOST_LISTED)
    records = await engine.orchestrator.runs(4 * limit)
    shown = [record for record in records if was_asked(record.run)][:limit]
    live = {run for run, feed in engine.feeds.items() if not feed.over}
    waiting = [run for run in live if not any(record.run == run for record in shown)]
    rows = [{"run": run, "state": engine.feeds[run].state, "live": True} for run in waiting]
    return JSONResponse({"runs": [*rows, *(run_row(record, live=record.run in live) for record in shown)]})


async def show_run(engine: Engine, request: Request) -> Response:
    """A run: what was asked, how it stands, and its outcome once it has one."""
    run = request.path_params["run"]
    feed = engine.feeds.get(run)
    if feed is not None and (not feed.events or (feed.outcome is None and feed.over)):
        row = end_row(feed) if feed.over else {}
        return JSONResponse({"run": run, "state": feed.state, "live": not feed.over, "outcome": None, **(row or {})})
    record = await engine.record(run)
    row = run_row(record, live=feed is not None and not feed.over)
    return JSONResponse({**row, "question": record.spec["question"]["text"], "outcome": record.outcome})


async def show_page(engine: Engine, request: Request) -> Response:
    """The trace page of a run, or of two side by side: one file that loads nothing."""
    record = await engine.record(request.path_params["run"])
    stored = await load(engine.orchestrator.ledger, record)
    go_on = "it goes on" if stored.state == "running" else f"it is {stored.state}"
    other = request.query_params.get("beside")
    beside = None if other is None else await _beside(engine, record, await engine.record(other))
    text = await anyio.to_thread.run_sync(lambda: page(page_model(stored, go_on=go_on, beside=beside)))
    return HTMLResponse(text)


async def _beside(engine: Engine, this: RunRecord, other: RunRecord) -> Beside:
    return Beside(await load(engine.orchestrator.ledger, other), await _difference(engine, this, other))


async def show_markdown(engine: Engine, request: Request) -> Response:
    """The outcome of a run as a page in Markdown."""
    record = await engine.record(request.path_params["run"])
    if record.outcome is None:
        raise RefusedError(f"run {record.run} is {record.state}, and has no outcome yet", 409, code="not_finished")
    turns = await engine.orchestrator.ledger.turns(record.run)
    text = markdown_page(Report.stored(head_of(record), record.outcome, turns))
    return PlainTextResponse(text, media_type="text/markdown")


async def show_difference(engine: Engine, request: Request) -> Response:
    """Two runs side by side."""
    this, other = [await engine.record(request.path_params[name]) for name in ("run", "other")]
    return JSONResponse((await _difference(engine, this, other)).to_dict())


async def _difference(engine: Engine, this: RunRecord, other: RunRecord) -> RunDifference:
    try:
        return await engine.orchestrator.diff(this.run, other.run)
    except InputError as error:
        raise refusal(error) from None


async def show_catalogue(engine: Engine, request: Request) -> Response:  # noqa: ARG001 - every one takes it
    """What can be chosen: strategies with their parameters, models, kinds of answers; and what the server holds runs to."""
    settings, names = engine.settings, engine.names
    strategies = []
    for name in names.strategies:
        recipe = names.catalogue.recipe(name)
        parameters = {one: parameter.model_dump(mode="json") for one, parameter in recipe.parameters.items()}
        row = {"name": name, "summary": recipe.summary, "paper": recipe.paper, "parameters": parameters}
        strategies.append({**row, "seats": recipe.strategy().seats})
    return JSONResponse(
        {
            "version": __version__,
            "default": DEFAULT_STRATEGY,
            "strategies": strategies,
            "models": list(names.models),
            "more_models": list(names.patterns),
            "panel": list(engine.orchestrator.models),
            "answers": list(_KINDS),
            "privacy": list(PRIVACY),
            "budget": settings.budget.model_dump(mode="json"),
            "limits": {"body": settings.max_body, "runs": settings.max_runs, "queue": settings.queue},
            "reasoning": settings.reasoning,
        }
    )


Endpoint = Callable[[Engine, Request], Awaitable[Response]]

ROUTES: Mapping[tuple[str, str], Endpoint] = {
    ("POST", "/api/runs"): begin_run,
    ("GET", "/api/runs"): list_runs,
    ("GET", "/api/runs/{run}"): show_run,
    ("DELETE", "/api/runs/{run}"): stop_run,
    ("GET", "/api/runs/{run}/events"): events,
    ("GET", "/api/runs/{run}/page"): show_page,
    ("GET", "/api/runs/{run}/markdown"): show_markdown,
    ("GET", "/api/runs/{run}/diff/{other}"): show_difference,
    ("GET", "/api/catalogue"): show_catalogue,
}


def _sse(row: Json) -> bytes:
    return f"id: {row['number']}\ndata: {json.dumps(row, ensure_ascii=True, separators=(',', ':'))}\n\n".encode()


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004
