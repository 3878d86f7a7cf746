"""What all requests share: the orchestrator, room for runs, what tokens may take, and the runs that can be followed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import anyio
from anyio.abc import TaskGroup

from contemplate import log
from contemplate.concurrency import to_the_end
from contemplate.errors import ContemplateError
from contemplate.errors.boundary import boundary
from contemplate.ledger.base import RunRecord
from contemplate.models.budget import Account, Budget
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec, new_run
from contemplate.server.asking import Asked, seeds
from contemplate.server.feed import Feed, Pulse, State
from contemplate.server.metrics import Metrics
from contemplate.server.naming import Names
from contemplate.server.problems import refusal
from contemplate.server.refused import RefusedError
from contemplate.server.settings import ServerSettings, Token
from contemplate.server.slots import Allowances, Slots
from contemplate.trace.events import Observers
from contemplate.types import Message, Usage

_RUN = re.compile(r"[\w.-]{4,200}", re.ASCII)
_REMEMBERED, _WHOLE = 64, 16
"""So many runs that are over can still be followed from memory, and so many of them with the pieces of replies."""


@dataclass(frozen=True, eq=False)
class Job:
    """A run that is about to be carried out.

    Attributes:
        spec: what to do.
        feed: where its events go.
        account: what its token may take; None: nothing is counted.
        deltas: pieces of replies are wanted, too.
    """

    spec: RunSpec
    feed: Feed
    account: Account | None = None
    deltas: bool = False


class Engine:
    """Carries out what clients ask for.

    Attributes:
        orchestrator: open.
        feeds: of the runs that go on, and of the last ones that are over, by their ids.
        tasks: in which runs go on that belong to no request.
        beginning: so many streams wait for a sign of their runs before their first byte.
    """

    def __init__(self, orchestrator: Orchestrator, settings: ServerSettings, tasks: TaskGroup) -> None:
        """Share these among all requests."""
        self.orchestrator, self.settings, self.tasks = orchestrator, settings, tasks
        self.names = Names.of(orchestrator, settings.models)
        self.slots = Slots(settings.max_runs, settings.queue)
        self.allowances = Allowances(settings.daily, orchestrator.account, settings.spent)
        self.metrics = Metrics()
        self.feeds: dict[str, Feed] = {}
        self.beginning = 0

    async def jobs(self, asked: Asked, token: Token, *, deltas: bool = False) -> list[Job]:
        """The runs that a question makes; nothing is called yet.

        Raises:
            RefusedError: something in it is wrong, or the token has no budget left.
        """
        try:
            options = await asked.options(self.settings)
            specs = [self.orchestrator.specify(asked.text, asked.strategy, each) for each in seeds(options, asked.samples)]
        except ContemplateError as error:
            raise refusal(error) from None
        log.info("asked", model=asked.model, token=token.name, user=asked.user, runs=len(specs))
        account = None if self.settings.daily == Budget() else self.allowances.account(token)
        pulse = Pulse()
        return [Job(spec, Feed(new_run(), pulse), account, deltas) for spec in specs]

    async def perform(self, job: Job) -> None:
        """Carry out a run when its turn comes; what comes of it is in its feed. However it ends, it is booked."""
        feed, state = job.feed, "stopped"
        self._remember(feed)
        try:
            with feed.scope, boundary(f"serving run {feed.run}", passes=()) as caught:
                async with self.slots.turn():
                    observers = Observers((feed.tell,), job.deltas)
                    await self.orchestrator.runner.execute(job.spec, observers, run=feed.run, account=job.account)
                    state = "finished"
            if caught.error is not None:
                state, feed.problem = "failed", refusal(caught.error)
        finally:
            ended: State = "finished" if state == "finished" else "failed" if state == "failed" else "stopped"
            feed.end(ended)
            if feed.outcome is None and feed.events:
                await to_the_end(self._book_stopped(feed))
            elif feed.outcome is not None:
                self._book(feed.outcome.stopped, feed.outcome.usage)

    async def _book_stopped(self, feed: Feed) -> None:
        """Count what a run took that has no outcome: its ledger knows."""
        with boundary(f"booking run {feed.run}", passes=()) as caught:
            self._book(feed.state, await self.orchestrator.ledger.spent(feed.run))
        if caught.error is not None:
            log.warning("run not booked", run=feed.run, why=str(caught.error))

    def _book(self, ended: str, usage: Usage) -> None:
        """Count a run, and keep what its token has taken today."""
        self.metrics.run(ended, usage)
        try:
            self.allowances.keep()
        except OSError as error:
            log.warning("what was taken today is not kept", why=str(error))

    def _remember(self, feed: Feed) -> None:
        self.feeds[feed.run] = feed
        over = [run for run, one in self.feeds.items() if one.over]
        for run in over[: max(len(over) - _WHOLE, 0)]:
            self.feeds[run].shorten()
        for run in over[: max(len(over) - _REMEMBERED, 0)]:
            del self.feeds[run]

    async def warm_up(self) -> None:
        """Read each recipe and its cards once, so that nobody's first byte waits for that."""
        for name in self.names.strategies:
            with boundary(f"reading {name}", passes=()):
                recipe = self.names.catalogue.recipe(name)
                self.names.catalogue.cards(recipe.strategy(), recipe)
            await anyio.sleep(0.01)

    # --- stored runs ----------------------------------------------------------------------------------

    async def record(self, run: str) -> RunRecord:
        """The stored run of that id.

        Raises:
            RefusedError: there is none.
        """
        record = await self.orchestrator.ledger.run(run) if _RUN.fullmatch(run) else None
        if record is None or record.run != run:
            raise RefusedError("there is no such run here", 404, code="run_not_found", param="run")
        return record

    async def said_until(self, run: str, param: str) -> tuple[Message, ...]:
        """What was said up to the answer of a run, as the history of a question that follows it.

        Raises:
            RefusedError: there is no such run, or it has no answer.
        """
        record = await self.record(run)
        question, answer = record.question, (record.outcome or {}).get("answer")
        if question is None or not answer:
            raise RefusedError(f"{param}: run {run} has no answer to follow", param=param)
        said = (Message(role="user", content=question.text), Message(role="assistant", content=answer))
        return (*question.history, *said)

    # --- the end --------------------------------------------------------------------------------------

    def drain(self) -> None:
        """Let nobody in any more; runs under way have so long to come to their end. May be called by a signal's handler."""
        if not self.slots.closed:
            self.slots.closed = True
            asyncio.get_running_loop().call_later(self.settings.drain, self.store_now)

    def store_now(self) -> None:
        """End all runs; what they paid for is kept, and they can be resumed."""
        for feed in list(self.feeds.values()):
            again = f"the server stopped; the run is stored, and its operator can go on with it: contemplate resume {feed.run}"
            feed.stop(RefusedError(again, 503, type="server_error", code="draining", retry_after=5))
