"""What rules of a policy decided, as it stands in a trace."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from contemplate.types.base import Value

PolicyStage = Literal["question", "prompt", "reply", "tool", "answer"]
"""Where a rule is looked at: the question, what a model is told, what it says, a tool's call, the answer."""

Effect = Literal["allow", "refuse", "rewrite", "escalate", "note"]
"""What a rule does."""


class Ruling(Value):
    """A rule of a policy that applied.

    Attributes:
        policy, version, profile: whose rule it is.
        rule: its id.
        stage: where it applied.
        effect: what it did.
        reason: why, as the policy says it.
        model: the model that was asked, at the stages of calls and tools.
        unsure: why it could not be found out whether it applies, so that it did; None where that was found out.
        call: which of the turn's calls it was about, from 1; 0 at the stages of question and answer.
    """

    policy: str
    version: str
    profile: str = "default"
    rule: str
    stage: PolicyStage
    effect: Effect
    reason: str
    model: str = ""
    unsure: str | None = None
    call: int = 0

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        usual = {"profile": "default", "model": "", "unsure": None, "call": 0}
        return {name: value for name, value in row.items() if name not in usual or value != usual[name]}

    def __str__(self) -> str:
        """In words, for whoever asked."""
        did = {"allow": "allowed", "refuse": "refused", "rewrite": "rewrote", "escalate": "called for more care with"}
        what = {
            "question": "the question",
            "prompt": "a prompt",
            "reply": "a reply",
            "tool": "a tool's call",
            "answer": "the answer",
        }
        done = f"{did[self.effect]} {what[self.stage]}" if self.effect in did else f"on {what[self.stage]}"
        named = f"{self.policy} {self.version}" + (f" ({self.profile})" if self.profile != "default" else "")
        unsure = f" ({self.unsure}, so that the rule applies)" if self.unsure else ""
        return f"{done}: {self.reason} [rule {self.rule} of {named}]{unsure}"
