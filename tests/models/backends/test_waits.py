"""When to come back: every place and spelling, and no wait that nobody asked for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.models.backends.waits import duration, retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("7.66s", 7.66),
        ("20 s", 20.0),
        ("1m30s", 90.0),
        ("1m0.36s", 60.36),
        ("120ms", 0.12),
        ("2 minutes", 120.0),
        ("1h 2m 3s", 3723.0),
        ("1 hour and 5 minutes", 3900.0),
        ("1d", 86400.0),
        (12, 12.0),
        ({"seconds": "34", "nanos": 70_000_000}, 34.07),
        ("-3", 0.0),
        ("soon", None),
        ("", None),
        ("inf", None),
        ("5 apples", None),
        (True, None),
        (None, None),
    ],
)
def test_durations(value: object, seconds: float | None) -> None:
    """A number of seconds, or numbers with their units."""
    assert seconds == (None if seconds is None else pytest.approx(duration(value)))
    assert (seconds is None) == (duration(value) is None)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Rate limit reached. Please try again in 20s.", 20.0),
        ("Please retry after 26 seconds.", 26.0),
        ("please wait 1 minute before you try again", 60.0),
        ("Please retry in 34.074824224s.", 34.074824224),
        ("try again in 6ms, or visit us", 0.006),
        ("Limit resets in 2h", 7200.0),
        ("retry_after: 30", 30.0),
        ("Limit 100000 tokens, used 99000, requested 2000", None),
        ("3 retries within 10s failed", None),
        ("try again later", None),
        ("the 5 s limit is over", None),
    ],
)
def test_words(words: str, seconds: float | None) -> None:
    """A sentence that says when to try again, and none that names another time."""
    assert seconds == retry_after({}, None, words)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7.66s"}, 7.66),
        ({"Retry-After": "1m30s"}, 90.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m", "x-ratelimit-reset-requests": "1h"}, 60.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "9s"}, 2.0),
        ({"x-ratelimit-remaining-tokens-minute": "0", "x-ratelimit-reset-tokens-minute": "11.5"}, 11.5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 12.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-reset-tokens": "3s", "x-ratelimit-reset-requests": "5s"}, 5.0),
        ({"x-ratelimit-remaining-tokens": "17", "x-ratelimit-reset-tokens": "3s"}, None),
        ({"retry-after": "4", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "9s"}, 4.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "whenever"}, None),
    ],
)
def test_headers(headers: dict[str, str], seconds: float | None) -> None:
    """What is asked for goes first; of limits, the one that is used up counts."""
    assert seconds == retry_after(headers)


@pytest.mark.parametrize("scale", [1, 1000])
def test_a_moment_since_1970(scale: int) -> None:
    """In seconds or in milliseconds."""
    moment = str(int((time.time() + 40) * scale))
    seconds = retry_after({"x-ratelimit-remaining": "0", "x-ratelimit-reset": moment})
    assert seconds == pytest.approx(40, abs=3)


@pytest.mark.parametrize(
    ("payload", "seconds"),
    [
        ({"error": {"details": [{"@type": "x"}, {"retryDelay": "34.07s"}]}}, 34.07),
        ([{"error": {"details": [{"retryDelay": {"seconds": 5}}]}}], 5.0),
        ({"error": {"retry_after": 3}}, 3.0),
        ({"retry_after_ms": 1500}, 1.5),
        ({"error": {"metadata": {"headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "8s"}}}}, 8.0),
        ({"error": {"retryDelay": "soon"}}, None),
        ({"error": {"message": "slow"}}, None),
    ],
)
def test_bodies(payload: object, seconds: float | None) -> None:
    """A field for it, at any place in the body."""
    assert seconds == retry_after({}, payload)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["retryDelay", "retry_after", "headers", "x"]), inner)
    ),
    max_leaves=8,
)
names = st.sampled_from(
    ["retry-after", "retry-after-ms", "x-ratelimit-reset", "x-ratelimit-remaining", "x-ratelimit-reset-a", "date"]
)


@given(st.dictionaries(names, st.text() | st.from_regex(r"\d{1,20}[smhd]?")), anything, st.text())
def test_it_is_total(headers: dict[str, str], payload: object, words: str) -> None:
    """Whatever stands there, it is some seconds or nothing."""
    seconds = retry_after(headers, payload, words)
    assert seconds is None or 0 <= seconds < float("inf")
