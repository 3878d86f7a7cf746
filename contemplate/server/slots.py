"""How many runs are under way at once, and how many wait; and what each token may take in a day."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from contemplate.files import write_private
from contemplate.models.budget import Account, Budget
from contemplate.server.feed import Pulse
from contemplate.server.refused import RefusedError
from contemplate.server.settings import Token
from contemplate.types import Usage

_DAY = 86_400


class Slots:
    """Room for so many runs, and for so many that wait.

    Attributes:
        inside: runs that go on or wait.
        closed: nothing more is let in; the server is about to stop.
    """

    def __init__(self, most: int, queue: int) -> None:
        """Room for `most` runs at once and `queue` that wait."""
        self.inside, self.closed = 0, False
        self._most, self._queue, self._left = most, queue, Pulse()
        self._turns = anyio.CapacityLimiter(most)

    @property
    def running(self) -> int:
        """Runs under way."""
        return int(self._turns.borrowed_tokens)

    @contextmanager
    def admitted(self, runs: int) -> Iterator[None]:
        """Let so many runs in, for as long as the block lasts.

        Raises:
            RefusedError: there is no room, not even to wait; or the server is about to stop.
        """
        if self.closed:
            raise RefusedError("the server is about to stop", 503, type="server_error", code="draining", retry_after=5)
        if self.inside + runs > self._most + self._queue:
            raise RefusedError(
                f"{self.running} runs are under way and {self.inside - self.running} wait; come again later",
                429,
                type="rate_limit_error",
                code="too_many_runs",
                retry_after=5,
            )
        self.inside += runs
        try:
            yield
        finally:
            self.inside -= runs
            self._left.beat()

    async def emptied(self) -> None:
        """Wait until nobody is inside."""
        beats = 0
        while self.inside:
            beats = await self._left.beyond(beats)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn, and have it as long as the block lasts."""
        borrower = object()
        await self._turns.acquire_on_behalf_of(borrower)
        try:
            yield
        finally:
            self._turns.release_on_behalf_of(borrower)


@dataclass
class Allowances:
    """What each token may take in a day, UTC: an account a day, which all runs of the token are paid from.

    Attributes:
        caps: of a day; none: nothing is counted.
        parent: the account of all runs.
        file: where the sums of the day are kept over a restart; None: nowhere.
    """

    caps: Budget
    parent: Account
    file: Path | None = None
    _accounts: dict[str, Account] = field(default_factory=dict)
    _day: int = -1
    _before: dict[str, Usage] = field(default_factory=dict)

    def account(self, token: Token) -> Account:
        """The account of today.

        Raises:
            RefusedError: it is used up; says until when.
        """
        self._turn_the_page()
        if token.name not in self._accounts:
            spent = self._before.get(token.name)
            self._accounts[token.name] = Account(self.caps, parent=self.parent, spent=spent)
        account = self._accounts[token.name]
        left = account.left
        for cap, amount in (("calls", left.calls), ("tokens", left.tokens), ("US dollars", left.usd)):
            if amount is not None and amount <= 0:
                raise RefusedError(
                    f"today's budget of this token is used up ({cap}); a new day begins at midnight, UTC",
                    429,
                    type="insufficient_quota",
                    code="daily_budget_exceeded",
                    retry_after=_DAY - time.time() % _DAY,
                    retry=False,
                )
        return account

    def keep(self) -> None:
        """Write down what was taken today.

        Raises:
            OSError: it can't be written.
        """
        if self.file is not None and self._accounts:
            rows = {**self._before, **{name: account.usage for name, account in self._accounts.items()}}
            spent = {name: usage.model_dump(mode="json") for name, usage in rows.items()}
            write_private(self.file, json.dumps({"day": self._day, "spent": spent}))

    def _turn_the_page(self) -> None:
        today = int(time.time() // _DAY)
        if today != self._day:
            self._accounts, self._day, self._before = {}, today, self._kept(today)

    def _kept(self, today: int) -> dict[str, Usage]:
        """What was taken today before this process; nothing where that is not known."""
        if self.file is None or not self.file.is_file():
            return {}
        try:
            kept = json.loads(self.file.read_text("utf-8"))
            return {name: Usage(**row) for name, row in kept["spent"].items()} if kept["day"] == today else {}
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return {}
