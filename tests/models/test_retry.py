"""Retries: how many, how long between them, what ends them."""

from __future__ import annotations

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import CallError, OverloadedError, RejectedError, TimedOutError, UnreachableError
from contemplate.models.retry import Retry, retrying
from virtual_time import Virtually


class Attempts:
    """Fails with each of `errors` in turn, then brings "done"; each attempt takes `seconds`."""

    def __init__(self, *errors: CallError, seconds: float = 0.0) -> None:
        self.errors, self.seconds = list(errors), seconds
        self.times: list[float] = []
        self.waits: list[float] = []

    async def __call__(self) -> str:
        """One attempt."""
        self.times.append(anyio.current_time())
        await anyio.sleep(self.seconds)
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    async def noted(self, _: CallError, wait: float) -> None:
        """Keep the wait that is told."""
        self.waits.append(wait)


def test_it_tries_until_it_works(in_virtual_time: Virtually) -> None:
    """Failures that pass are tried again, after the waits that are told."""
    attempts = Attempts(UnreachableError("a"), OverloadedError("b"), TimedOutError("c"))
    done = in_virtual_time(retrying(attempts, Retry(), seed=1, on_retry=attempts.noted))
    gaps = [later - earlier for earlier, later in zip(attempts.times, attempts.times[1:], strict=False)]
    assert ("done", pytest.approx(gaps)) == (done, attempts.waits)
    assert all(wait <= longest for wait, longest in zip(attempts.waits, [0.5, 1, 2], strict=True))


def test_the_same_seed_waits_the_same(in_virtual_time: Virtually) -> None:
    """Waits come from the seed and nothing else."""

    def waits(seed: int) -> list[float]:
        attempts = Attempts(*[OverloadedError("x")] * 4)
        in_virtual_time(retrying(attempts, Retry(), seed=seed, on_retry=attempts.noted))
        return attempts.waits

    assert waits(7) == waits(7)
    assert waits(7) != waits(8)


def test_what_is_refused_is_not_tried_again(in_virtual_time: Virtually) -> None:
    """An error that no retry mends comes through at once."""
    attempts = Attempts(RejectedError("no such model"))
    with pytest.raises(RejectedError):
        in_virtual_time(retrying(attempts, Retry(), seed=0))
    assert [0.0] == attempts.times


def test_the_last_error_is_the_one_raised(in_virtual_time: Virtually) -> None:
    """When all attempts are used up, the last error comes through."""
    attempts = Attempts(*[OverloadedError(f"number {number}") for number in (1, 2, 3)])
    with pytest.raises(OverloadedError, match="number 3"):
        in_virtual_time(retrying(attempts, Retry(attempts=3), seed=0))


def test_it_waits_as_long_as_asked(in_virtual_time: Virtually) -> None:
    """Retry-After is the least that is waited."""
    attempts = Attempts(OverloadedError("busy", retry_after=20.0))
    in_virtual_time(retrying(attempts, Retry(), seed=0))
    assert 20 <= attempts.times[1] <= 20.5


def test_it_gives_up_where_the_wait_would_pass_the_deadline(in_virtual_time: Virtually) -> None:
    """A wait that would end after the deadline is not begun."""
    attempts = Attempts(OverloadedError("busy", retry_after=301.0))

    async def scenario() -> float:
        with pytest.raises(OverloadedError, match="busy"):
            await retrying(attempts, Retry(), seed=0)
        return anyio.current_time()

    assert 0.0 == in_virtual_time(scenario())


def test_the_deadline_cuts_an_attempt_off(in_virtual_time: Virtually) -> None:
    """An attempt in flight at the deadline is cancelled, and the error says what went before."""
    attempts = Attempts(UnreachableError("broke off"), seconds=200)

    async def scenario() -> float:
        with pytest.raises(TimedOutError, match=r"within 300 s.*attempt 2.*broke off"):
            await retrying(attempts, Retry(), seed=0)
        return anyio.current_time()

    assert 300.0 == pytest.approx(in_virtual_time(scenario()))


@given(
    attempt=st.integers(1, 100),
    asked=st.none() | st.floats(-1e6, 1e6),
    seed=st.integers(),
    factor=st.floats(1, 10),
    longest=st.floats(0, 1e6),
)
def test_waits_stay_in_bounds(attempt: int, asked: float | None, seed: int, factor: float, longest: float) -> None:
    """No wait is shorter than asked for, or longer than that and the longest wait."""
    policy = Retry(factor=factor, longest_wait=longest)
    wait = policy.wait(attempt, OverloadedError("x", retry_after=asked), seed)
    least = max(asked or 0.0, 0.0)
    assert least <= wait <= least + longest
