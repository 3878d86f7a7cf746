"""A rough question, put more tightly before a panel works on it."""

from __future__ import annotations

from typing import Literal

from contemplate.types.base import Value


class Refinement(Value):
    """What a question was found to ask for. The user's own question stays beside it, and counts where they differ.

    Attributes:
        question: the question, put tightly.
        goal: what is to be reached.
        known: what the question gives.
        wanted: the form of the answer.
        unsure: what to do where the question leaves something open.
        by: whose words they are: a "model"'s, or the "user"'s, who changed them.
    """

    question: str
    goal: str = ""
    known: tuple[str, ...] = ()
    wanted: str = ""
    unsure: str = ""
    by: Literal["model", "user"] = "model"

    @property
    def text(self) -> str:
        """All of it, a line for each part that is there."""
        parts = {
            "Question": self.question,
            "Goal": self.goal,
            "Known": "; ".join(self.known),
            "Wanted form": self.wanted,
            "When unsure": self.unsure,
        }
        return "\n".join(f"{name}: {said}" for name, said in parts.items() if said)
