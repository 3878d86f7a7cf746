"""Trying a failed call again: exponential waits with full jitter, Retry-After, and one deadline over it all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from itertools import count
from typing import Annotated, TypeVar

import anyio
from pydantic import Field

from contemplate.concurrency import loop_time
from contemplate.errors import CallError, FieldRefusedError, TimedOutError
from contemplate.models.remedies import attempt_words, refused_until
from contemplate.seeds import rng
from contemplate.types import Value

T = TypeVar("T")

_MOST_LEARNED = 12
"""Refused fields that one call is made without, one after the other: more than there are."""


class Retry(Value):
    """The number and the timing of tries after a call has failed.

    Attributes:
        attempts: the most attempts, the first one included, in [1, 100].
        first_wait: the longest wait before the second attempt, in seconds.
        factor: by how much the longest wait grows each time, in [1, 10].
        longest_wait: where it stops growing, in seconds.
        deadline: seconds for all attempts and waits together; an attempt in flight is cut off there.
        hedge: seconds after which a second attempt is made beside one that has brought nothing yet, at most one for each; the
            first reply counts, and both are paid for. None (the default): never.
    """

    attempts: Annotated[int, Field(ge=1, le=100)] = 5
    first_wait: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.5
    factor: Annotated[float, Field(ge=1, le=10)] = 2.0
    longest_wait: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 30.0
    deadline: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 300.0
    hedge: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None

    def wait(self, attempt: int, error: CallError, seed: int) -> float:
        """Seconds to wait after the failed `attempt` (from 1).

        The jitter is uniform over the whole range, so that calls which failed together do not come back together;
        it is drawn from `seed`, so that the same run waits the same. It comes on top of what the provider asked for.
        """
        longest = min(self.first_wait * self.factor ** (attempt - 1), self.longest_wait)
        return max(error.retry_after or 0.0, 0.0) + rng(seed, "retry", attempt).uniform(0, longest)


async def retrying(
    attempt: Callable[[], Awaitable[T]],
    policy: Retry,
    *,
    seed: int | Callable[[], int],
    on_retry: Callable[[CallError, float], Awaitable[None]] | None = None,
    gate: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
) -> T:
    """Await `attempt()` until it brings something, or is not worth another try.

    After a refused field it is made again at once, whatever the policy says of failures: it is another call then.

    Args:
        attempt: makes one attempt.
        policy: how often and how long.
        seed: what the jitter is drawn from; a function of nothing is asked for it once it is needed.
        on_retry: told the error and the seconds that are waited, before each wait.
        gate: held during each attempt, as a place in a limiter; the time spent waiting for it is not on the deadline.

    Raises:
        TimedOutError: the deadline cut off an attempt.
        CallError: the last attempt's error: it is not retryable, was the last one allowed, or the next attempt would
            begin after the deadline.
    """
    left, before, learned = policy.deadline, "", 0
    for number in count(1):
        async with gate():
            ends = loop_time() + left
            failed: CallError | None = None
            wait = 0.0
            with anyio.CancelScope(deadline=ends):
                try:
                    return await attempt()
                except CallError as error:
                    if isinstance(error, FieldRefusedError) and learned < _MOST_LEARNED:
                        learned += 1
                    else:
                        seed = seed if isinstance(seed, int) else seed()
                        wait = policy.wait(number - learned, error, seed)
                        too_late = loop_time() + wait >= ends
                        if not error.retryable or number - learned >= policy.attempts or too_late:
                            _tell(error, number - learned, policy)
                            raise
                    failed = error
            if failed is None:  # the scope was cancelled
                within = f"no reply within {policy.deadline:g} s, the deadline for all attempts together"
                raise TimedOutError(f"{within} (this was attempt {number}){before}")
            before = f"; before that: {failed}"
        if on_retry is not None:
            await on_retry(failed, wait)
        await anyio.sleep(wait)
        left = ends - loop_time()
    raise AssertionError("the numbers never end")


def _tell(error: CallError, attempt: int, policy: Retry) -> None:
    """Say of the error that ends the attempts which one it was, and until when no more are worth it."""
    error.add(attempt_words(error, attempt, policy.attempts))
    if error.retry_after is not None and error.retry_after >= policy.deadline:
        error.add(f"; {refused_until(error.retry_after, policy.deadline)}")
