"""The pace: against enforced limits few calls are refused and most of what is allowed gets through, in virtual time."""

from __future__ import annotations

import random

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import OverloadedError, RejectedError
from contemplate.models.backends.allowance import Allowance, Left, allowance_in
from contemplate.models.limiter import Limiter, Limits
from contemplate.models.pace import Bearable, spread
from contemplate.testing import Rate
from contemplate.testing.rates import Enforced
from throttled import throttled
from virtual_time import Virtually


@pytest.mark.parametrize("by", ["bucket", "window"])
@pytest.mark.parametrize("latency", [0.05, 1.0])
@pytest.mark.parametrize("rpm", [120, 1200])
def test_a_told_rate_is_hardly_ever_refused(in_virtual_time: Virtually, by: str, latency: float, rpm: int) -> None:
    """Requests a minute, in a bucket of a second's or a window: under 2 % are refused, and over 90 % of them get through."""
    rate = Rate.model_validate({"requests": rpm, "by": by})
    seen = in_virtual_time(throttled(rate, Limits(requests_per_minute=rpm, concurrency=64), latency=latency, seconds=200))
    assert seen.share < 0.02
    assert seen.goodput > 0.9


@pytest.mark.parametrize("counts", ["used", "asked"])
def test_told_tokens_are_hardly_ever_refused(in_virtual_time: Virtually, counts: str) -> None:
    """Tokens a minute, counted as they were used, or as they were asked for: five times as many, which has to be learned."""
    rate = Rate.model_validate({"tokens": 240_000, "counts": counts, "burst": 1 / 12})
    seen = in_virtual_time(throttled(rate, Limits(tokens_per_minute=240_000, concurrency=64), seconds=300))
    assert seen.late_share < 0.02
    assert seen.goodput > (0.9 if counts == "used" else 0.85)


@pytest.mark.parametrize("retry_after", ["seconds", None])
def test_an_untold_rate_is_learned(in_virtual_time: Virtually, retry_after: str | None) -> None:
    """The first calls find out; from then on under 2 % are refused, and over 90 % of what is allowed gets through."""
    rate = Rate.model_validate({"requests": 600, "retry_after": retry_after})
    seen = in_virtual_time(throttled(rate, Limits(concurrency=64), seconds=200))
    assert seen.late_share < 0.02
    assert seen.goodput > 0.9


@pytest.mark.parametrize(("requests", "retry_after", "most"), [(120, "seconds", 0.02), (60, "seconds", 0.02), (120, None, 0.06)])
def test_a_window_that_is_used_up_is_no_chance(
    in_virtual_time: Virtually, requests: int, retry_after: str | None, most: float
) -> None:
    """As many get through between two refusals as by chance: who says when to come back is hardly asked early."""
    rate = Rate.model_validate({"requests": requests, "by": "window", "retry_after": retry_after})
    seen = in_virtual_time(throttled(rate, Limits(concurrency=16), seconds=3600, callers=16))
    assert seen.share < most
    assert seen.goodput > 0.98


@pytest.mark.parametrize(
    ("by", "retry_after"), [("bucket", "seconds"), ("bucket", None), ("window", "seconds"), ("window", None)]
)
def test_a_limit_of_few_calls_a_minute_is_learned(in_virtual_time: Virtually, by: str, retry_after: str | None) -> None:
    """Six a minute, told by nobody: refusals that teach it come in the first third of two hours; told, there are none."""
    rate = Rate.model_validate({"requests": 6, "by": by, "retry_after": retry_after})
    untold = in_virtual_time(throttled(rate, Limits(concurrency=16), seconds=7200, callers=16))
    told = in_virtual_time(throttled(rate, Limits(requests_per_minute=6, concurrency=16), seconds=7200, callers=16))
    assert untold.late_share < 0.02
    assert untold.share < 0.13
    assert untold.goodput > 0.9
    assert 0 == told.refused


def test_headers_are_heeded_before_anything_is_refused(in_virtual_time: Virtually) -> None:
    """A bucket of a whole minute that says what is left of it: it is never emptied."""
    seen = in_virtual_time(throttled(Rate(requests=600, burst=1.0, headers=True), Limits(concurrency=16), seconds=200))
    assert 0 == seen.refused
    assert seen.goodput > 0.9


def test_nothing_is_slower_that_is_not_limited(in_virtual_time: Virtually) -> None:
    """Without limits told and without refusals nobody waits, whatever else fails."""

    async def scenario() -> float:
        limiter = Limiter(Limits(concurrency=8))
        for number in range(1000):
            async with limiter.slot(10**6) as slot:
                if number % 10:
                    slot.settle(7)
                else:
                    limiter.failed(slot, OverloadedError("500", status=500) if number % 20 else RejectedError("no"))
        return anyio.current_time()

    assert 0.0 == in_virtual_time(scenario())


def test_calls_in_flight_are_halved_and_come_back(in_virtual_time: Virtually) -> None:
    """A 503 halves them, once for all that were on their way; each round of replies brings one more."""

    async def scenario() -> tuple[int, int]:
        limiter, peaks = Limiter(Limits(concurrency=16)), []
        for status in (503, 0):
            peak = 0

            async def caller(status: int = status) -> None:
                nonlocal peak
                async with limiter.slot(1) as slot:
                    peak = max(peak, limiter.in_flight)
                    await anyio.sleep(1)
                    if status:
                        limiter.failed(slot, OverloadedError("busy", status=status))
                    else:
                        slot.settle(1)

            async with anyio.create_task_group() as group:
                for _ in range(16 if status else 400):
                    group.start_soon(caller)
            peaks.append(peak)
            first = limiter._bears.places
            peaks.append(int(first))
        return peaks[1], peaks[2]

    assert (8, 16) == in_virtual_time(scenario())


def test_one_endpoint_s_refusals_are_no_other_s(in_virtual_time: Virtually) -> None:
    """While one waits for an hour, another goes on."""

    async def scenario() -> float:
        slow, quick = Limiter(Limits()), Limiter(Limits())
        async with slow.slot(1) as slot:
            slow.failed(slot, OverloadedError("429", status=429, retry_after=3600))
        for _ in range(100):
            async with quick.slot(1) as slot:
                slot.settle(1)
        return anyio.current_time()

    assert 0.0 == in_virtual_time(scenario())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"x-ratelimit-remaining-requests": "5"}, None),
        (
            {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-remaining-requests": "5",
                "x-ratelimit-reset-requests": "1m30s",
            },
            Allowance(Left(60, 5, 90), None),
        ),
        (
            {
                "anthropic-ratelimit-tokens-limit": "8000",
                "anthropic-ratelimit-tokens-remaining": "100",
                "anthropic-ratelimit-tokens-reset": "2020-01-01T00:00:00Z",
            },
            Allowance(None, Left(8000, 100, 0)),
        ),
    ],
)
def test_headers_are_read(headers: dict[str, str], expected: Allowance | None) -> None:
    """OpenAI's and Anthropic's; what is not whole is left out."""
    assert expected == allowance_in(headers)


def test_plenty_is_not_spread() -> None:
    """Only what is scarce slows calls down: a bucket's by what it gains, a window's by what is left of it."""
    assert float("inf") == spread(Allowance(Left(600, 500, 10), None), 16, 0)
    assert pytest.approx(0.95 * 10) == spread(Allowance(Left(600, 10, 59), None), 4, 0)
    assert pytest.approx(50 / 0.5) == spread(Allowance(Left(60, 50, 0.5), None), 51, 0)
    assert pytest.approx(0.95 * 7000 / 500 / 60) == spread(Allowance(None, Left(8000, 1000, 60)), 3, 500)
    assert float("inf") == spread(Allowance(Left(1000, 0, 86_400), None), 3, 0)


@given(*[st.floats(0, 1e12)] * 3, st.integers(0, 1000), st.floats(0, 1e9))
def test_whatever_headers_say_a_call_leaves_in_the_end(
    most: float, left: float, seconds: float, in_flight: int, tokens: float
) -> None:
    """At the slowest, one within the time that they name."""
    rate = spread(Allowance(Left(most, left, seconds), Left(left, most, seconds)), in_flight, tokens)
    assert rate >= 1 / 120.1


@pytest.mark.parametrize(("share", "least"), [(0.01, 80), (0.02, 40), (0.05, 20), (0.1, 4), (0.5, 0.03)])
def test_refusals_by_chance_bring_nothing_to_a_standstill(share: float, least: float) -> None:
    """An endpoint refuses some calls whatever the rate: it would bear 200 a second, and is still asked so many."""
    draws, bearable, now = random.Random(3), Bearable(64), 0.0
    for number in range(1, 20_001):
        now += 1 / min(bearable.rate, 200)
        bearable.left(number, now)
        if draws.random() < share:
            now += bearable.throttled(number, now, now, None)
        else:
            bearable.answered()
    assert 20_000 / now > least


@pytest.mark.parametrize("lower", [20, 2])
def test_a_limit_that_falls_is_followed(lower: int) -> None:
    """A bucket of 100 a second has so many from the hundredth second on: after two minutes under 2 % are refused."""
    bearable, now, number, late = Bearable(64), 0.0, 0, {True: 0, False: 0}
    server = Enforced(Rate(requests=6000), 0.0)
    while now < 400:
        if now > 100 and server.rate.requests == 6000:
            server = Enforced(Rate(requests=60 * lower), now)
        number, now = number + 1, now + 1 / min(bearable.rate, 500)
        bearable.left(number, now)
        passed = not server.admit(now, 1)
        late[passed] += now > 220
        if passed:
            bearable.answered()
        else:
            now += bearable.throttled(number, now, now, None)
    assert late[False] / (late[True] + late[False]) < 0.02
    assert late[True] / 180 > 0.9 * lower
