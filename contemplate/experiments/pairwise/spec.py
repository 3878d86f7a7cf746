"""What a plan says of pairwise judging."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from contemplate.types import Value

BASELINE, ALL = "baseline", "all"
"""Against whom, where it is no strategy's name."""


class PairwiseSpec(Value):
    """Which answers a judge compares, and in what role.

    Attributes:
        against: "baseline": each strategy against the first baseline of its panel; "all": every pair, those on different panels
            as well; or the label of a strategy, against which each of the others is compared.
        card: the name of the judge's role.

    As a text it is `against`.
    """

    against: Annotated[str, Field(min_length=1)] = BASELINE
    card: Annotated[str, Field(min_length=1)] = "pair-judge"

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return {"against": value} if isinstance(value, str) else value
