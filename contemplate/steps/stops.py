"""Stop tests: when a `repeat` has nothing more to gain."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from contemplate.answers import same
from contemplate.run import Run
from contemplate.steps.base import Panel, distinct
from contemplate.types import Value


class Agreement(Value):
    """Enough seats hold the same answer. A seat without a readable answer agrees with nobody.

    Attributes:
        share: the share of all seats that must hold it, in (0, 1].
    """

    test: Literal["agreement"] = "agreement"
    share: Annotated[float, Field(gt=0, le=1)] = 1.0

    async def fires(self, run: Run, panel: Panel) -> bool:
        """Whether the panel agrees, once all its positions are there."""
        camps = distinct(await run.live(panel.positions))
        return max(map(len, camps)) >= self.share * len(panel.positions)


class Stable(Value):
    """No seat changed its answer in the last pass."""

    test: Literal["stable"] = "stable"

    async def fires(self, run: Run, panel: Panel) -> bool:
        """Whether every seat holds the answer that it held before."""
        if not panel.earlier:
            return False
        await run.live(panel.positions)
        for before, now in zip(panel.earlier[-1], panel.positions, strict=True):
            old, new = (await before).answer, (await now).answer
            if old is None or new is None or same(old, new) is None:
                return False
        return True


def _from_name(value: object) -> object:
    return {"test": value} if isinstance(value, str) else value


Stop = Annotated[Agreement | Stable, Field(discriminator="test"), BeforeValidator(_from_name)]
"""A stop test: its name, or its name with parameters, as `{test: agreement, share: 0.8}`."""
