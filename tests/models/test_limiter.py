"""Limits: order, concurrency, rates over a sliding window, pauses, and cancellation at any moment."""

from __future__ import annotations

import math

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contemplate.models.limiter import Limiter, Limits
from virtual_time import Virtually

quiet = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("field", ["concurrency", "requests_per_minute", "tokens_per_minute"])
@pytest.mark.parametrize("value", [0, -1])
def test_limits_are_positive(field: str, value: int) -> None:
    """A limit of nothing would hang every call, so it is refused."""
    with pytest.raises(ValidationError):
        Limits.model_validate({field: value})


def test_first_come_first_served(in_virtual_time: Virtually) -> None:
    """Callers go through in the order in which they came, whatever they ask for."""

    async def scenario() -> list[int]:
        limiter, order = Limiter(Limits(concurrency=1, tokens_per_minute=100)), []

        async def caller(number: int) -> None:
            async with limiter.slot(90 if number % 2 else 5):
                order.append(number)
                await anyio.sleep(1)

        async with anyio.create_task_group() as group:
            for number in range(6):
                group.start_soon(caller, number)
                await anyio.sleep(0.01)
        return order

    assert [0, 1, 2, 3, 4, 5] == in_virtual_time(scenario())


def test_an_oversized_call_goes_alone(in_virtual_time: Virtually) -> None:
    """A call over the tokens of a whole minute waits for an empty window, goes, and holds the next one back for a minute."""

    async def scenario() -> list[float]:
        limiter, times = Limiter(Limits(tokens_per_minute=100)), []
        for tokens in (50, 1000, 1):
            async with limiter.slot(tokens):
                times.append(anyio.current_time())
        return times

    assert [0.0, 62.0, 124.0] == pytest.approx(in_virtual_time(scenario()), abs=0.1)


def test_settling_gives_tokens_back(in_virtual_time: Virtually) -> None:
    """What a call did not use is there for the next one, as soon as the ten that it did are made up for: not after a minute."""

    async def scenario() -> float:
        limiter = Limiter(Limits(tokens_per_minute=100))
        async with limiter.slot(90) as slot:
            slot.settle(10)
        async with limiter.slot(90):
            return anyio.current_time()

    assert 62 / 10 == pytest.approx(in_virtual_time(scenario()), abs=0.1)


def test_a_pause_holds_everybody(in_virtual_time: Virtually) -> None:
    """Nobody goes before the pause is over, and a shorter pause does not cut it."""

    async def scenario() -> list[float]:
        limiter, times = Limiter(Limits(concurrency=2)), []

        async def caller() -> None:
            async with limiter.slot(1):
                times.append(anyio.current_time())

        limiter.pause(10)
        limiter.pause(2)
        limiter.pause(math.nan)
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(caller)
        return times

    assert [10.0] * 4 == pytest.approx(in_virtual_time(scenario()))


def test_a_pause_while_somebody_waits(in_virtual_time: Virtually) -> None:
    """A pause that comes while callers stand in line holds them too."""

    async def scenario() -> float:
        limiter = Limiter(Limits(concurrency=1))
        async with anyio.create_task_group() as group, limiter.slot(1):

            async def paused_by_another() -> None:
                limiter.pause(30)

            group.start_soon(paused_by_another)
            await anyio.sleep(5)
        async with limiter.slot(1):
            return anyio.current_time()

    assert 30.0 == pytest.approx(in_virtual_time(scenario()))


class _Fake:
    """A clock that stands until it is moved."""

    now = 5.0

    def __call__(self) -> float:
        return self.now


async def test_the_clock_is_the_caller_s() -> None:
    """Rates follow the clock that was given."""
    clock = _Fake()
    limiter = Limiter(Limits(requests_per_minute=1), clock=clock)
    async with limiter.slot(1):
        pass
    with anyio.move_on_after(0.01) as scope:
        await limiter.enter(limiter.slot(1))
    clock.now += 62
    async with limiter.slot(1):
        assert (True, 1) == (scope.cancelled_caught, limiter.in_flight)


calls = st.lists(
    st.tuples(st.floats(0, 90), st.integers(0, 120), st.floats(0, 40), st.none() | st.floats(0, 100)), min_size=1, max_size=25
)


@quiet
@given(calls=calls, concurrency=st.integers(1, 4), requests=st.none() | st.integers(1, 5), tokens=st.none() | st.integers(1, 100))
def test_no_cap_is_ever_passed(
    in_virtual_time: Virtually,
    calls: list[tuple[float, int, float, float | None]],
    concurrency: int,
    requests: int | None,
    tokens: int | None,
) -> None:
    """Whoever comes, stays and is cancelled when: no cap is passed in any window, and everybody else gets through."""

    async def scenario() -> None:
        limits = Limits(concurrency=concurrency, requests_per_minute=requests, tokens_per_minute=tokens)
        limiter = Limiter(limits)
        went: list[tuple[float, int]] = []
        through: list[int] = []

        async def caller(number: int, comes: float, asks: int, stays: float, gives_up: float | None) -> None:
            await anyio.sleep(comes)
            with anyio.move_on_after(math.inf if gives_up is None else gives_up):
                async with limiter.slot(asks):
                    went.append((anyio.current_time(), asks))
                    through.append(number)
                    assert limiter.in_flight <= concurrency
                    await anyio.sleep(stays)

        async with anyio.create_task_group() as group:
            for number, call in enumerate(calls):
                group.start_soon(caller, number, *call)

        assert limiter.in_flight == 0
        assert {number for number, call in enumerate(calls) if call[3] is None} <= set(through)
        for start, _ in went:
            window = [asks for at, asks in went if start <= at < start + 60 - 1e-6]
            assert requests is None or len(window) <= requests
            assert tokens is None or len(window) == 1 or sum(window) <= tokens

    in_virtual_time(scenario())
