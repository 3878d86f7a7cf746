"""One judgement: two strategies' answers to a question, and which of them is preferred."""

from __future__ import annotations

from typing import Literal

from contemplate.types import Value

Choice = Literal["first", "second", "tie"]
"""Who was chosen, whatever letter stood for it."""

How = Literal["judged", "same-text", "no-answer"]


class Judgement(Value):
    """Two answers to a question, compared blind.

    Attributes:
        set, question, group, repeat: which question, as in the rows of the experiment.
        first, first_panel, second, second_panel: the strategies whose answers they are, by their labels.
        how: "judged": in both orders; without a call "same-text": a tie, and "no-answer": a strategy that has none (it
            abstained, or its run failed) has lost against one that has, and two without one tie.
        first_shown_first: who was chosen with the first strategy's answer shown as A; None where it can't be read, or no call was
            made.
        second_shown_first: who was chosen with the second strategy's answer shown as A.
        first_length, second_length: of the answers, in characters; None for no answer.
        failure: why an order has no choice.
    """

    set: str
    question: str
    group: str | None = None
    repeat: int
    first: str
    first_panel: str
    second: str
    second_panel: str
    how: How = "judged"
    first_shown_first: Choice | None = None
    second_shown_first: Choice | None = None
    first_length: int | None = None
    second_length: int | None = None
    failure: str | None = None

    @property
    def result(self) -> Choice | None:
        """Who is preferred: who was chosen in both orders, else a tie; None if an order can't be read."""
        if self.how == "same-text":
            return "tie"
        if self.how == "no-answer":
            lacks = (self.first_length is None, self.second_length is None)
            return "tie" if all(lacks) else "second" if lacks[0] else "first"
        if self.first_shown_first is None or self.second_shown_first is None:
            return None
        return self.first_shown_first if self.first_shown_first == self.second_shown_first else "tie"

    @property
    def score(self) -> float | None:
        """The result as a score of the first: 1 preferred, 0 the other one, 1/2 a tie; None without a judgement."""
        return None if self.result is None else {"first": 1.0, "second": 0.0, "tie": 0.5}[self.result]

    @property
    def longer(self) -> int:
        """How many characters the first answer is longer; 0 where one of them is not there, as no length decided then."""
        return 0 if self.first_length is None or self.second_length is None else self.first_length - self.second_length
