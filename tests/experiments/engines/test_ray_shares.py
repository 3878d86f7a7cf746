"""What each worker gets of the limits."""

from __future__ import annotations

from contemplate.experiments.engines import ray_shares
from contemplate.models.limiter import Limits


def test_limits_are_shared_out() -> None:
    """Together the workers keep within them; the embedded model's are each worker's own."""
    limits = {"default": Limits(concurrency=9, requests_per_minute=100), "local": Limits(concurrency=3)}
    shares = ray_shares.shared_out(limits, 4)
    assert {"default": Limits(concurrency=2, requests_per_minute=25), "local": Limits(concurrency=3)} == shares
    assert ray_shares.shared_out({}, 16)["default"] == Limits(concurrency=1)
