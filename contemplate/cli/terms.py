"""The terms of a run, as `ask` and `chat` share them: tools that may be called, policy, and how much hangs on the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from contemplate.cli.approval import How
from contemplate.cli.options import Approving, StakesLevel


class TermOptions(TypedDict, total=False):
    """Those that were typed, by the names that `solve` has for them."""

    tools: Sequence[str]
    policy: str
    profile: str
    stakes: Literal["high"]


@dataclass(frozen=True)
class Terms:
    """What was typed; None, or nothing, where nothing was.

    Attributes:
        tools: that all who answer may call.
        tool_limits: on their calls, as KEY=N.
        approve: whether they may reach outside.
        policy, profile: that the run is under.
        high_stakes: whether much hangs on the answer.
    """

    tools: tuple[str, ...] = ()
    tool_limits: tuple[str, ...] = ()
    approve: How = "ask"
    policy: str | None = None
    profile: str | None = None
    high_stakes: bool = False

    @classmethod
    def typed(
        cls,
        tool: list[str] | None,
        tool_limit: list[str] | None,
        approve: Approving,
        policy: str | None,
        profile: str | None,
        stakes: StakesLevel,
    ) -> Terms:
        """The terms as the options of a command have them."""
        limits = tuple(tool_limit or ())
        return cls(tuple(tool or ()), limits, approve.value, policy, profile, stakes is StakesLevel.high)

    @property
    def options(self) -> TermOptions:
        """What was typed, for a run or a conversation."""
        options: TermOptions = {}
        if self.tools:
            options["tools"] = self.tools
        if self.policy is not None:
            options["policy"] = self.policy
        if self.profile is not None:
            options["profile"] = self.profile
        if self.high_stakes:
            options["stakes"] = "high"
        return options
