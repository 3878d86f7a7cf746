"""Requests and tokens a minute, enforced as providers do: by a bucket that fills up again, or by a window that begins anew."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from contemplate.types import Value


class Rate(Value):
    """What a server allows in a minute.

    Attributes:
        requests, tokens: how many; None for no limit.
        by: "bucket": it fills up evenly, and holds `burst`; "window": all of a minute's may come at once, and the count begins
            anew with each minute of the server's clock.
        burst: the part of a minute's that the bucket holds, in (0, 1]; by default a second's, as many providers have it.
        minute: seconds that a minute lasts; fewer, and a test is over sooner.
        counts: "used": a call's tokens are counted when it is over, and it is let in as long as any are left; "asked": its
            prompt and `max_tokens` are counted as it comes.
        retry_after: how a 429 says when to come back: "seconds" (rounded up), "milliseconds" (`retry-after-ms`), or not at all.
        headers: whether replies have `x-ratelimit-*` headers.
    """

    requests: Annotated[int, Field(gt=0)] | None = None
    tokens: Annotated[int, Field(gt=0)] | None = None
    by: Literal["bucket", "window"] = "bucket"
    burst: Annotated[float, Field(gt=0, le=1)] = 1 / 60
    minute: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    counts: Literal["used", "asked"] = "used"
    retry_after: Literal["seconds", "milliseconds"] | None = "seconds"
    headers: bool = False


@dataclass
class Gauge:
    """One of the limits as it is kept: how much is left, and when that changes.

    Attributes:
        most: how much there is in a minute.
        rate: how the limits are kept.
        began: when the server began, on its clock.
    """

    most: int
    rate: Rate
    began: float
    left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self._at = self.capacity, self.began

    @property
    def capacity(self) -> float:
        """The most that is ever left."""
        return float(self.most) if self.rate.by == "window" else max(self.most * self.rate.burst, 1.0)

    def look(self, now: float) -> None:
        """Bring it up to date."""
        minute = self.rate.minute
        if self.rate.by == "window":
            window = math.floor((now - self.began) / minute)
            if window > math.floor((self._at - self.began) / minute):
                self.left = min(self.left, 0.0) + self.capacity
        else:
            self.left = min(self.capacity, self.left + (now - self._at) * self.most / minute)
        self._at = now

    def wait(self, need: float) -> float:
        """Seconds until `need` is there; what is more than a bucket holds waits until that is full."""
        missing = min(need, self.capacity) - self.left
        if missing <= 1e-9:  # noqa: PLR2004 - what a sum of floats is off by
            return 0.0
        if self.rate.by == "window":
            return self.rate.minute - (self._at - self.began) % self.rate.minute
        return missing * self.rate.minute / self.most

    @property
    def whole_in(self) -> float:
        """Seconds until nothing is used up any more."""
        return self.wait(self.capacity)


class Enforced:
    """The limits of a server, as they are kept."""

    def __init__(self, rate: Rate, began: float) -> None:
        """Begin with nothing used up."""
        self.rate = rate
        self.requests = None if rate.requests is None else Gauge(rate.requests, rate, began)
        self.tokens = None if rate.tokens is None else Gauge(rate.tokens, rate, began)

    def admit(self, now: float, asked: int) -> float:
        """Let a call in that asks for so many tokens and count it, or say how many seconds it must wait: more than 0."""
        upfront = asked if self.rate.counts == "asked" else 0
        needs = [(self.requests, 1), (self.tokens, upfront or 1)]
        for gauge, _ in needs:
            if gauge is not None:
                gauge.look(now)
        if (wait := max((gauge.wait(need) for gauge, need in needs if gauge is not None), default=0.0)) > 0:
            return wait
        if self.requests is not None:
            self.requests.left -= 1
        if self.tokens is not None:
            self.tokens.left -= upfront
        return 0.0

    def used(self, now: float, tokens: int) -> None:
        """Count the tokens of a call that is over."""
        if self.tokens is not None and self.rate.counts == "used":
            self.tokens.look(now)
            self.tokens.left -= tokens

    def headers(self, wait: float = 0.0) -> dict[str, str]:
        """What an answer says of the limits, with `wait` in a 429."""
        said: dict[str, str] = {}
        if wait and self.rate.retry_after == "seconds":
            said["Retry-After"] = str(math.ceil(wait))
        elif wait and self.rate.retry_after == "milliseconds":
            said["retry-after-ms"] = str(math.ceil(wait * 1000))
        if self.rate.headers:
            for name, gauge in (("requests", self.requests), ("tokens", self.tokens)):
                if gauge is not None:
                    said[f"x-ratelimit-limit-{name}"] = str(round(gauge.capacity))
                    said[f"x-ratelimit-remaining-{name}"] = str(max(int(gauge.left), 0))
                    said[f"x-ratelimit-reset-{name}"] = f"{gauge.whole_in:.3f}s"
        return said
