"""What all frameworks have in common: a chat is asked of a panel, and its answer goes back with a few facts about the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from contemplate.errors import InputError, NoAnswerError
from contemplate.text import one_line
from contemplate.trace.outcome import Outcome
from contemplate.types import Json, Message

_ROLES: dict[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
}
"""The roles of messages, as frameworks call them."""


@dataclass(frozen=True)
class Asked:
    """A chat as a question.

    Attributes:
        question: the last words of the user.
        history: what was said before, by a user and an assistant in turn.
        system: what the system is told; None for nothing.
    """

    question: str
    history: tuple[Message, ...] = ()
    system: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """History and system as `solve` takes them."""
        return {"history": self.history, "system": self.system}


def asked(messages: Iterable[tuple[str, str]]) -> Asked:
    """The question that a chat ends with.

    Messages of one role that follow each other are one; those of the system are told apart from the others.

    Args:
        messages: role and words of each.

    Raises:
        InputError: a role is none that a panel knows, the user does not have the last word, or the assistant has the first.
    """
    system: list[str] = []
    turns: list[tuple[Literal["user", "assistant"], str]] = []
    for role, text in messages:
        known = _ROLES.get(role)
        if known is None:
            raise InputError(
                f"a message of role {one_line(role, 40)!r} can't be asked of a panel: it calls no tools of the caller's"
            )
        if known == "system":
            system.append(text)
        elif turns and turns[-1][0] == known:
            turns[-1] = known, f"{turns[-1][1]}\n\n{text}"
        else:
            turns.append((known, text))
    if not turns or turns[-1][0] != "user":
        raise InputError("the last message must be the user's: it is what the panel is asked")
    if turns[0][0] != "user":
        raise InputError("the first message besides the system's must be the user's")
    history = tuple(Message(role=role, content=text) for role, text in turns[:-1])
    return Asked(turns[-1][1], history, "\n\n".join(system) or None)


def answered(outcome: Outcome[Any]) -> str:
    """The answer of a run.

    Raises:
        NoAnswerError: there is none; it says why.
    """
    if outcome.answer is None:
        why = outcome.detail or next((turn.failure.message for turn in outcome.course.turns if turn.failure is not None), "")
        raise NoAnswerError(f"run {outcome.run} ended without an answer ({outcome.stopped}){f': {why}' if why else ''}")
    return outcome.answer


def about(outcome: Outcome[Any]) -> Json:
    """A few facts about a run, as JSON values: what leads back to it, how sure it is, and what it took."""
    usage = outcome.usage
    return {
        "run": outcome.run,
        "strategy": outcome.strategy,
        "models": list(outcome.models),
        "confidence": round(outcome.confidence, 6),
        "stopped": outcome.stopped,
        "dissent": [turn.answer.text for turn in outcome.dissent if turn.answer is not None],
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "usd": usage.usd,
    }
