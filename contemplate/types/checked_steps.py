"""Steps of a reply that programs computed again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contemplate.types.base import Value


class StepCheck(Value):
    """An arithmetic step that was computed again, exactly.

    Attributes:
        step: its number in the reply, from 1.
        holds: whether all equalities in it that can be judged hold.
        reason: what comes out, in one line.
    """

    step: Annotated[int, Field(ge=1)]
    holds: bool
    reason: str
