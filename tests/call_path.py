"""A way to the loopback server with a ledger of its own, and samples of one question to send along it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from builders import a_request
from contemplate.errors import ContemplateError
from contemplate.ledger import SQLiteLedger
from contemplate.models.backends.routing import Router
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Account, Budget
from contemplate.models.notices import FellBack, Notice, Retried
from contemplate.models.path import Caller, Calls, Reply
from contemplate.models.retry import Retry
from contemplate.types import Price, Request
from loopback import Loopback, Seen

SCHEMA = {"type": "object", "properties": {"verdict": {"type": "string", "enum": ["sound", "flawed"]}}}
QUICK = Retry(attempts=3, first_wait=0.01, deadline=5)


def a_sample(draw: int = 0, model: str = "m", **more: object) -> Request:
    """One of several samples of the same question."""
    given = {"seed": 100 + draw, "max_tokens": 20, "temperature": 0.7, **more}
    return a_request("What is 6 * 7?", model, draw=draw, **given)


@dataclass
class House:
    """A way to the server with its ledger, and what was delivered."""

    calls: Calls
    account: Account
    got: dict[int, Reply | ContemplateError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def caller(self, number: int = 0, *, offline: bool = False) -> Caller:
        """The turn of that number."""
        return Caller(self.account, "run", f"turn-{number}", offline=offline, tell=self.tell)

    def tell(self, notice: Notice) -> None:
        """Take a notice of a retry or a fallback."""
        if isinstance(notice, Retried | FellBack):
            self.notes.append(str(notice))

    async def alike(
        self, count: int = 5, *, offline: bool = False, lists: Callable[[int], Sequence[Request]] | None = None
    ) -> None:
        """Ask for so many samples."""
        lists = lists or (lambda draw: [a_sample(draw)])
        asks = [(lists(draw), self.caller(draw, offline=offline)) for draw in range(count)]
        await self.calls.call_many(asks, self.deliver)

    def deliver(self, place: int, came: Reply | ContemplateError) -> None:
        """Take what came; each comes once."""
        assert place not in self.got
        self.got[place] = came

    @property
    def texts(self) -> list[str]:
        """What was replied, in the order of the asks."""
        return [reply.completion.text for reply in self.replies]

    @property
    def replies(self) -> list[Reply]:
        """The replies in the order of the asks."""
        return [reply for _, reply in sorted(self.got.items()) if isinstance(reply, Reply)]

    @property
    def errors(self) -> list[ContemplateError]:
        """The errors in the order of the asks."""
        return [error for _, error in sorted(self.got.items()) if isinstance(error, ContemplateError)]


@asynccontextmanager
async def house(
    server: Loopback | None, budget: Budget | None = None, ledger: Path | str = ":memory:", backend: ScriptedBackend | None = None
) -> AsyncIterator[House]:
    """A house whose calls go to `server`."""
    router = Router(server.url if server else None, backend, prices={"m": Price(prompt=1, completion=10)})
    calls = Calls(router, SQLiteLedger(ledger), retry=QUICK)
    try:
        yield House(calls, Account(budget or Budget()))
    finally:
        await router.aclose()
        await calls.ledger.aclose()


def numbered(seen: Seen) -> str:
    """A text of its own for each sample."""
    return f"{'word ' * seen.sample}Answer: {seen.place}.{seen.sample}"


def ns(server: Loopback) -> list[int]:
    """How many samples each request asked for."""
    return [seen.body.get("n", 1) for seen in server.seen]
