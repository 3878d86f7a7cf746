"""The pace of an endpoint in virtual time: what limits refuse that nobody told of, and what is left where refusals are a chance.

python tests/benchmarks/pace.py
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from contemplate.models.limiter import Limits
from contemplate.models.pace import Bearable
from contemplate.testing import Rate
from throttled import throttled
from virtual_time import run_virtually

BORNE = 200
"""Calls a second that the endpoint which refuses by chance would bear."""
UNTOLD: tuple[tuple[dict[str, Any], int, int], ...] = (
    *(({"requests": 600, "by": by}, 64, 300) for by in ("bucket", "window")),
    *(({"requests": requests, "by": "window"}, 16, 3600) for requests in (120, 60)),
    *(({"requests": 6, "by": by}, 16, 7200) for by in ("bucket", "window")),
    ({"requests": 2, "by": "bucket"}, 16, 7200),
)
"""Limits, callers, and the seconds that they call."""


def asked(share: float, calls: int = 20_000) -> float:
    """How many calls a second an endpoint is asked that refuses such a share of them, whatever the rate."""
    draws, bearable, now = random.Random(3), Bearable(64), 0.0
    for number in range(1, calls + 1):
        now += 1 / min(bearable.rate, BORNE)
        bearable.left(number, now)
        if draws.random() < share:
            now += bearable.throttled(number, now, now, None)
        else:
            bearable.answered()
    return calls / now


def main() -> None:
    """Print both tables."""
    print("limits that nobody told of: refused, in the last two thirds of the time, and how much of the limit got through")
    for limit, callers, seconds in UNTOLD:
        for told in ("seconds", None):
            rate = Rate.model_validate({**limit, "retry_after": told})
            seen = run_virtually(throttled(rate, Limits(concurrency=callers), seconds=seconds, callers=callers))
            name = f"{rate.by} of {rate.requests} a minute, Retry-After {'said' if told else 'not said'}"
            print(f"  {name:47} {seen.share:6.1%} {seen.late_share:6.1%} {seen.goodput:6.0%}")
    print(f"refused by chance, of {BORNE} calls a second that would be borne: asked")
    for share in (0.005, 0.01, 0.02, 0.05, 0.1, 0.5):
        print(f"  {share:6.1%} {asked(share):7.2f}")


if __name__ == "__main__":
    main()
