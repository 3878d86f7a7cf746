"""The share of each Ray worker in the limits and in the budget, so that all together keep within them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contemplate.errors import InputError
from contemplate.experiments.plan import ExperimentPlan
from contemplate.models.backends.base import Limits
from contemplate.models.names import LOCAL, LOCAL_SLOTS


def check_budget(experiment: ExperimentPlan) -> None:
    """Refuse a cap on the whole experiment without the same cap on each question, as that is what is set aside for a run.

    Raises:
        InputError: there is one.
    """
    for cap in ("calls", "tokens", "usd"):
        if getattr(experiment.budget, cap) is not None and getattr(experiment.each, cap) is None:
            raise InputError(
                f"budget: {cap}: on Ray a budget of {cap} for all needs one for each question too (each: {{{cap}: ...}}), "
                "which is set aside while a worker is at it"
            )


@dataclass(frozen=True)
class Most:
    """A bound, and what it is of."""

    number: int
    why: str


def most_workers(experiment: ExperimentPlan, limits: Mapping[str, Limits]) -> Most:
    """The greatest number of workers of which each is allowed at least one run and one call."""
    caps = [Most(experiment.at_once, "runs that are under way at once (at_once)")]
    for name, limit in _with_default(limits).items():
        if name != LOCAL:
            caps += [
                Most(cap, f"that the limits of {name} allow ({word})")
                for word, cap in limit.model_dump().items()
                if cap is not None
            ]
    return min(caps, key=lambda most: most.number)


def _with_default(limits: Mapping[str, Limits]) -> dict[str, Limits]:
    return {"default": Limits(), **limits}


def shared_out(limits: Mapping[str, Limits], workers: int) -> dict[str, Limits]:
    """The limits of one of so many workers, so that together they keep within `limits`.

    Those of the embedded model are each worker's own, as its server is.
    """
    shares = {
        name: Limits.model_validate({word: cap and max(cap // workers, 1) for word, cap in limit.model_dump().items()})
        for name, limit in _with_default(limits).items()
    }
    own = limits.get(LOCAL) or limits.get("default") or Limits(concurrency=LOCAL_SLOTS)
    return {**shares, LOCAL: own}
