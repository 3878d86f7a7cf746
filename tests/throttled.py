"""Callers of a limiter against an enforced limit, without a network: what is refused, and how much gets through."""

from __future__ import annotations

import random
from dataclasses import dataclass

import anyio

from contemplate.errors import OverloadedError
from contemplate.models.backends.allowance import allowance_in
from contemplate.models.backends.waits import retry_after
from contemplate.models.limiter import Limiter, Limits
from contemplate.testing.rates import Enforced, Rate

ASKED, USED = 1000, 200


@dataclass
class Seen:
    """What came of it.

    Attributes:
        through, refused: calls.
        late, late_through: the same, in the last two thirds of the time.
        seconds: from the first departure to the last reply.
        allowed: calls that the limit allows in that time, beside what a bucket held at first.
    """

    through: int = 0
    refused: int = 0
    late: int = 0
    late_through: int = 0
    seconds: float = 0.0
    allowed: float = 0.0

    @property
    def share(self) -> float:
        """Of the requests that arrived, those that were answered 429."""
        return self.refused / (self.refused + self.through)

    @property
    def late_share(self) -> float:
        """The same, in the last two thirds of the time."""
        return self.late / (self.late + self.late_through)

    @property
    def goodput(self) -> float:
        """Of what the limit allows, what got through."""
        return self.through / self.allowed


async def throttled(rate: Rate, limits: Limits, *, latency: float = 0.3, seconds: float = 300, callers: int = 64) -> Seen:
    """Keep so many callers busy for so many seconds; what a call asks for and uses in tokens is always the same."""
    limiter, server, seen, draws = Limiter(limits), Enforced(rate, 0.0), Seen(), random.Random(5)

    async def exchange() -> float:
        await anyio.sleep(latency * draws.uniform(0.05, 0.15))
        wait = server.admit(anyio.current_time(), ASKED)
        if wait:
            await anyio.sleep(latency * 0.1)
            asked = retry_after(server.headers(wait))
            raise OverloadedError("429", status=429, retry_after=asked)
        await anyio.sleep(latency * draws.uniform(0.5, 1.2))
        server.used(anyio.current_time(), USED)
        return wait

    async def caller() -> None:
        while anyio.current_time() < seconds:
            async with limiter.slot(ASKED) as slot:
                try:
                    await exchange()
                except OverloadedError as error:
                    limiter.failed(slot, error)
                    seen.refused += 1
                    seen.late += anyio.current_time() > seconds / 3
                else:
                    slot.settle(USED)
                    seen.through += 1
                    seen.late_through += anyio.current_time() > seconds / 3
                    if (allowance := allowance_in(server.headers())) is not None:
                        limiter.heed(allowance)

    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as tasks:
            for _ in range(callers):
                tasks.start_soon(caller)
    seen.seconds = anyio.current_time()
    needs = ((server.requests, 1), (server.tokens, ASKED if rate.counts == "asked" else USED))
    seen.allowed = min(seen.seconds / rate.minute * gauge.most / need for gauge, need in needs if gauge is not None)
    return seen
