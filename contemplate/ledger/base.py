"""The ledger's interface: the durable store of completions by key, and of runs with their turns and calls.

The ledger is the memory that cache, resume, replay and fork share. Four promises hold for each one:

* `store` returns only when the completion is on disk; nothing uses a reply before that.
* What was written is never changed: a key keeps its first completion, whoever stores a second one.
* What can't be read or written any more is raised as a StorageError, which ends the run: it must not be paid for.
* A call is written down when it leaves (`sent`), before its reply can come back; so a process that is
  killed leaves a record of what may have been billed.
"""

from __future__ import annotations

import math
import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import ValidationError

from contemplate.errors import LedgerError, UnfinishedRunError
from contemplate.types import Completion, EdgeKind, Json, Question, Request, Tokens, Turn, Usage, Value

RecordState = Literal["running", "finished", "interrupted"]

StoredTurn = tuple[Turn, tuple[tuple[str, EdgeKind], ...]]
"""A turn with what it saw: the ids of other turns, each with how it saw them."""


class RunRecord(Value):
    """One run as stored.

    Attributes:
        run: its id.
        created: seconds since 1970, UTC.
        spec: everything needed to do it again: question, strategy and cards in full, models, seed, budget.
        outcome: what it returned, once it has.
    """

    run: str
    created: float
    state: RecordState
    spec: Json
    outcome: Json | None = None

    def check_finished(self) -> Json:
        """Make sure that it is over, and return its outcome.

        Raises:
            UnfinishedRunError: it is not.
        """
        if self.state != "finished" or self.outcome is None:
            raise UnfinishedRunError(self.run, self.state)
        return self.outcome

    @property
    def forked(self) -> bool:
        """Whether it is a fork: what it has in common with the run that it comes from is there already."""
        return bool(self.spec.get("forked_from"))

    @property
    def question(self) -> Question | None:
        """The question that was asked; None if it is of a kind that this version does not know."""
        try:
            return Question.model_validate(self.spec["question"])
        except ValidationError:
            return None


class Sent(Value):
    """One attempt that leaves for a provider, with the most that it can cost.

    Attributes:
        call: unique id of the attempt.
        tokens: the worst case reserved for it: prompt bound and `max_tokens`.
        usd: its price in US dollars; None where no price is known.
    """

    call: str
    run: str
    turn: str
    key: str
    tokens: Tokens
    usd: float | None


class StoredCall(Value):
    """One attempt at a call of a run, as stored.

    Attributes:
        turn: the id of the turn that it was made for.
        key: the content key of its request.
        state: "stored": its reply is kept; "billed": it ended without one, and may have cost all that was reserved for it;
            "free": it ended without one, at no cost; "sent": nobody knows how it ended.
        tokens: what it took, or may have taken.
        usd: its price in US dollars; None where no price is known.
        stored: when the first reply under its key was kept, in seconds since 1970, UTC; None where there is none.
    """

    turn: str
    key: str
    state: str
    tokens: Tokens
    usd: float | None
    stored: float | None


class Holder(Value):
    """Who is at work on a run, or pays for a key.

    Attributes:
        host: the name of its machine.
        pid: the number of its process there.
        since: seconds since 1970, UTC; None if it is the object that was asked, which keeps no record of that.
    """

    host: str
    pid: int
    since: float | None = None

    def __str__(self) -> str:
        """Who it is, and since when."""
        who = "this process" if (self.host, self.pid) == (socket.gethostname(), os.getpid()) else f"process {self.pid}"
        since = "" if self.since is None else time.strftime(" since %Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"{who} on {self.host} has been at it{since}" if since else f"{who} on {self.host} is at it"


class Claim(Value):
    """What came of a claim to pay for a key.

    Attributes:
        holder: who pays for it now; None: whoever has claimed it, and nobody else.
        there: the key may have a completion by now.
        kept: the completion that it has, where the ledger has looked; the key is not claimed then.
    """

    holder: Holder | None = None
    there: bool = True
    kept: Completion | None = None


class Ledger(ABC):
    """The durable store. All methods may be called from many tasks at once.

    Attributes:
        shared: other processes or machines are likely to write to it at the same time: then whoever stored a completion
            reads the key again, as somebody else's may have been the first.
    """

    shared: bool = False

    @abstractmethod
    async def completion(self, key: str) -> Completion | None:
        """The completion stored under `key`, or None."""

    @abstractmethod
    async def request(self, key: str) -> Request | None:
        """The request stored under `key`, or None."""

    @abstractmethod
    def sent(self, sent: Sent) -> None:
        """Write down that an attempt leaves. Does not wait; written in order, before anything that comes later."""

    async def written(self) -> None:  # noqa: B027 - for ledgers that write later
        """Wait until all that was written down so far is on disk.

        Raises:
            StorageError: something of it could not be written.
        """

    @abstractmethod
    def closed(self, call: str, *, billed: bool) -> None:
        """Write down that an attempt ended without a completion. Does not wait.

        Args:
            billed: the provider may have billed it (a timeout, a connection that broke off): its worst
                case stays charged. Otherwise it counts as a call that cost no tokens.
        """

    @abstractmethod
    async def store(self, call: str, request: Request, completion: Completion, usd: float | None) -> Completion | None:
        """Keep `completion` under `request.key`, and close `call` with what it cost; on disk when this returns.

        Returns:
            The completion that the key had before, which is the one that counts; None if it had none, or if the ledger is
            `shared` and does not look.
        """

    @abstractmethod
    async def start_run(self, record: RunRecord) -> None:
        """Keep a new run, or mark a known one as running again."""

    @abstractmethod
    def record_turn(self, run: str, place: int, turn: Turn, sees: Sequence[tuple[str, str]], *, cached: bool) -> None:
        """Keep a turn of a run (its `place` in layout order; `sees` as (turn id, edge kind)). Does not wait."""

    @abstractmethod
    async def end_run(self, run: str, state: RecordState, outcome: Json | None) -> None:
        """Close a run, with all its turns on disk when this returns."""

    @abstractmethod
    async def run(self, run: str) -> RunRecord | None:
        """The run of that id, or the only one whose id begins with it (at least 4 characters); else None."""

    @abstractmethod
    async def runs(self, limit: int = 1000, before: float = math.inf) -> list[RunRecord]:
        """The stored runs, newest first.

        Args:
            limit: no more of them.
            before: only those that began earlier, in seconds since 1970, UTC.
        """

    @abstractmethod
    async def run_ids(self) -> list[str]:
        """The ids of all stored runs, oldest first."""

    @abstractmethod
    async def turns(self, run: str) -> list[StoredTurn]:
        """The stored turns of a run in layout order, each with what it saw."""

    @abstractmethod
    async def spent(self, run: str) -> Usage:
        """The cost of a run so far (`seconds` and `cached_calls` are 0).

        An attempt that was sent and never closed, because the process died, counts at its worst case.
        `usd` is None when an attempt of unknown price is among them.
        """

    async def calls(self, run: str) -> list[StoredCall]:  # noqa: ARG002 - for ledgers that keep them
        """The attempts at calls that a run made, retries among them, by turn; empty where this ledger does not list them."""
        return []

    # A ledger that only one process can use needs none of these.

    async def hold(self, run: str, lost: Callable[[], None]) -> None:  # noqa: B027 - see above
        """Take a run for oneself, until it is let go of or this process ends. Others are refused meanwhile.

        Args:
            run: its id.
            lost: called in this event loop if somebody else has taken the run, for which this process was silent too long.

        Raises:
            RunHeldError: somebody is at work on it.
        """

    def let_go(self, run: str) -> None:  # noqa: B027
        """Let others have a run. Does not wait. Safe to call twice."""

    async def holders(self) -> dict[str, Holder]:
        """The runs that somebody is at work on, and who."""
        return {}

    async def claim(self, key: str) -> Claim:  # noqa: ARG002
        """Say that one is about to pay for a key, unless somebody else does so already."""
        return Claim()

    def unclaim(self, key: str) -> None:  # noqa: B027
        """Be over with a key that was claimed. Does not wait. Safe to call twice."""

    async def keys(self) -> list[str]:
        """The keys of all completions, sorted.

        Raises:
            LedgerError: this ledger can't list them.
        """
        msg = f"a {type(self).__name__} does not list its replies"
        raise LedgerError(msg)

    async def adopt(self, replies: Sequence[tuple[Request, Completion]]) -> int:
        """Keep replies that were paid for elsewhere, and say how many are new: a key keeps its first completion.

        Raises:
            LedgerError: this ledger takes none.
        """
        msg = f"a {type(self).__name__} takes no replies from elsewhere ({len(replies)})"
        raise LedgerError(msg)

    async def keep_blob(self, content: bytes) -> str:
        """Keep bytes, once, and say their SHA-256, in hex; on disk when this returns.

        Raises:
            LedgerError: this ledger keeps none.
        """
        msg = f"a {type(self).__name__} keeps no attachments ({len(content):,} bytes)"
        raise LedgerError(msg)

    async def blob(self, sha256: str) -> bytes | None:  # noqa: ARG002 - for ledgers that keep them
        """The bytes with that SHA-256, or None."""
        return None

    async def delete_run(self, run: str) -> None:
        """Forget a run, with its turns and its calls; completions stay, since other runs may have them.

        Raises:
            LedgerError: this ledger forgets nothing.
        """
        msg = f"a {type(self).__name__} deletes no runs ({run})"
        raise LedgerError(msg)

    @abstractmethod
    async def aclose(self) -> None:
        """Finish what is queued and let go of the file or the server. Safe to call twice."""
