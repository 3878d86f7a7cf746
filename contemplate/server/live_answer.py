"""An answer as it is written: where one reply is the answer as it stands, its pieces need not wait for the end of the run."""

from __future__ import annotations

import re

from contemplate.orchestration.run_spec import RunSpec
from contemplate.steps import Propose, Vote
from contemplate.trace.events import CallStarted, Event, TurnDelta

_SURE = 24
"""A reply of so many characters has begun with its thinking, or begins with none."""
_THINKS = re.compile(r"\s*(?:[<\[◁]|thinking|analysis|here is my|assistantfinal)", re.IGNORECASE)
AGAIN = "\n\n[The reply broke off here, and was made again.]\n\n"


def answers_alone(spec: RunSpec) -> bool:
    """Whether the answer of a run is one agent's reply as it stands: an open question, one seat, and nobody who changes it."""
    steps = spec.strategy.steps
    alone = len(steps) == 2 and isinstance(steps[0], Propose) and isinstance(steps[1], Vote)  # noqa: PLR2004 - the two
    return alone and spec.question.kind == "open" and spec.strategy.seats == 1


class LiveAnswer:
    """Lets the pieces of that reply through.

    Attributes:
        sent: what has been let through so far.
    """

    def __init__(self, *, wanted: bool) -> None:
        """Wait for the first piece; unless it is `wanted`, let nothing through."""
        self.sent = ""
        self._wanted, self._raw = wanted, ""

    def takes(self, event: Event) -> bool:
        """Whether an event is a piece of the answer, and none of the reasoning."""
        if isinstance(event, CallStarted) and event.attempt > 1:
            self._wanted = self._wanted and not self.sent
            self._raw = ""
        return self._wanted and isinstance(event, TurnDelta)

    def piece(self, event: TurnDelta) -> str:
        """What can be let through by now: a reply that thinks aloud waits for its end, and so does blank space at an end."""
        self._raw += event.text
        if not self.sent and (len(self._raw) < _SURE or _THINKS.match(self._raw)):
            return ""
        whole = self._raw.strip()
        new, self.sent = whole[len(self.sent) :], whole
        return new

    def rest(self, answer: str) -> str:
        """What is left of the answer, now that it is known."""
        if answer.startswith(self.sent):
            return answer[len(self.sent) :]
        return f"{AGAIN}{answer}"
